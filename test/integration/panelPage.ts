/** The extension's own panel with a page that only takes note, so that a test can look at what it is told. */
import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import type { PanelMessage, PanelReply, PanelRequest } from '../../src/pages';
import { until } from './editing';

type State = Extract<PanelReply, { type: 'state' }>;
type Requested = Extract<PanelRequest, { type: 'generate' }>['request'];

export class PanelPage {
  private latest: State | null = null;
  private receive: (request: PanelRequest) => void = () => undefined;
  private close: () => void = () => undefined;
  private visibilityChanged: () => void = () => undefined;
  private readonly view: { visible: boolean };

  constructor({ articlePanel }: MoxuApi) {
    const none = { dispose: () => undefined };
    const webview = {
      onDidReceiveMessage: (listener: (request: PanelRequest) => void) => {
        this.receive = listener;
        return none;
      },
      postMessage: (reply: PanelReply) => {
        this.take(reply);
        return Promise.resolve(true);
      },
      asWebviewUri: (uri: vscode.Uri) => uri,
    };
    const onDidDispose = (listener: () => void) => {
      this.close = listener;
      return none;
    };
    const onDidChangeVisibility = (listener: () => void) => {
      this.visibilityChanged = listener;
      return none;
    };
    const view = { webview, visible: true, onDidDispose, onDidChangeVisibility };
    this.view = view;
    articlePanel.resolveWebviewView(view as unknown as vscode.WebviewView);
    this.send({ type: 'ready' });
  }

  dispose(): void {
    this.close();
  }

  /** Another view is chosen in the side bar, and this one again, whose page is loaded anew. */
  hideAndShow(): void {
    for (const visible of [false, true]) {
      this.view.visible = visible;
      this.visibilityChanged();
    }
    this.send({ type: 'ready' });
  }

  /** As the page would show it now. */
  get state(): State {
    assert.ok(this.latest);
    return this.latest;
  }

  send(request: PanelRequest): void {
    this.receive(request);
  }

  /** Has an article written to its end. */
  async writes(request: Requested): Promise<void> {
    this.send({ type: 'generate', request });
    const { writingId } = this.state;
    assert.ok(writingId !== null);
    await until('the article is finished', () => this.state.writingId === null);
    const { article, message } = this.state;
    assert.deepEqual([article?.id, article?.state, message], [writingId, 'finished', null]);
    assert.notEqual(article?.text, '');
  }

  /** What it says went wrong, once it does. */
  async problem(): Promise<PanelMessage> {
    await until('it says what went wrong', () => this.state.message?.kind === 'problem');
    return this.state.message as PanelMessage;
  }

  private take(reply: PanelReply): void {
    // The extension goes on writing its own.
    if (reply.type === 'state') this.latest = structuredClone(reply);
    else if (this.latest?.article?.id === reply.id)
      this.latest.article.text = this.latest.article.text.slice(0, reply.from) + reply.text;
  }
}

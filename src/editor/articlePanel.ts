/** 题目成文: the panel in the side bar. It shows what ArticleWriter writes, and may be hidden or closed meanwhile. */
import { randomInt, randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import { EngineError, assertNever } from '../errors';
import type { Article, ArticleRequest, PanelMessage, PanelReply, PanelRequest } from '../pages';
import { keepDraft, keepShown, keptDraft, keptShown } from './article/articleDraft';
import { articleLimits } from './article/articleLimits';
import { ArticleHistory } from './article/articleHistory';
import { ArticlePlace } from './article/articlePlace';
import { bodyText } from './article/articleText';
import { ArticleWriter } from './article/articleWriter';
import type { ArticleListener } from './article/articleWriter';
import { panelPage } from './article/panelPage';
import { parsePanelRequest } from './article/panelRequest';
import { panelStrings } from './article/panelStrings';
import type { DocumentStyles } from './documentStyles';
import type { DocumentText } from './documentText';
import { showFamilies } from './models/familiesPage';
import { act, actionsAgainst, problemInWords } from './problem';
import { samplingSettings } from './samplingSettings';
import { pageResources } from './webviewResources';

export const articleView = 'moxu.article';

/** Small models write a thousand tokens a second; a screen shows less than a hundred pictures. */
const postIntervalMs = 30;

/** What can be asked of an article of the history. */
type ArticleAction = Extract<PanelRequest, { id: string }>['type'];

export class ArticlePanel implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | null = null;
  private readonly history: ArticleHistory;
  private readonly writer: ArticleWriter;
  private readonly place: ArticlePlace;
  private readonly subscriptions: vscode.Disposable[];
  private shown: Article | null;
  private message: PanelMessage | null = null;
  /** Whether what the message tells of is past: nobody should read that a model cannot be used while it writes. */
  private isMessageOver = never;
  /** How much of the text that is being written the page has. */
  private posted = 0;
  private postTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly engine: Engine,
    documentText: DocumentText,
    styles: DocumentStyles,
    private readonly isTrialModel: () => boolean,
    /** 续写 has the engine, which writes one text after the other. */
    private readonly isContinuing: () => boolean,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.place = new ArticlePlace(documentText, styles);
    this.history = new ArticleHistory(context.workspaceState);
    this.shown = this.history.find(keptShown(context.workspaceState) ?? '') ?? this.history.newest;
    const listener: ArticleListener = {
      onEnd: () => this.postState(),
      onText: () => (this.postTimer ??= setTimeout(() => this.postText(), postIntervalMs)),
      onFailure: (error) => this.fail(error),
    };
    this.writer = new ArticleWriter(engine, this.history, listener, Date.now, () => samplingSettings());
    this.subscriptions = [this.place, { dispose: engine.onStateChange(() => this.postState()) }];
  }

  dispose(): void {
    this.writer.stop();
    this.view = null;
    if (this.postTimer) clearTimeout(this.postTimer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  get isWriting(): boolean {
    return this.writer.writingId !== null;
  }

  stop(): void {
    this.writer.stop();
  }

  /** 续写 has ended: there is no more waiting for it. */
  continuationEnded(): void {
    this.postState();
  }

  /** VS Code calls it anew after it has thrown the view away; a view that is only hidden loads its page again. */
  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    this.view = view;
    webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    view.onDidDispose(() => {
      if (this.view === view) this.view = null;
    });
    // What was done has been said. (The page says so when it is dismissed, and may be gone before that has come.)
    view.onDidChangeVisibility(() => {
      if (!view.visible && this.message?.kind === 'notice') this.message = null;
    });
    webview.html = panelPage(panelStrings(), pageResources(webview, this.context.extensionUri, 'panel'));
  }

  private receive(message: unknown): void {
    const request = parsePanelRequest(message);
    if (request === null) {
      this.log.warn('The panel sent a message that is none of its own; it was ignored.');
      return;
    }
    this.handle(request).catch((error: unknown) => this.fail(error));
  }

  private async handle(request: PanelRequest): Promise<void> {
    switch (request.type) {
      case 'ready':
        this.postState();
        break;
      case 'draft':
        await keepDraft(this.context.workspaceState, request.draft);
        break;
      case 'generate':
        this.generate({ ...request.request, seed: request.request.seed ?? randomSeed() });
        break;
      case 'stop':
        this.writer.stop();
        break;
      case 'openLog':
      case 'openSettings':
      case 'openSampling':
      case 'chooseModel':
      case 'openDownload':
        await act(request.type, this.log);
        break;
      case 'importModel':
        await vscode.commands.executeCommand('moxu.importModel');
        break;
      case 'showFamilies':
        await showFamilies(this.context.extensionUri);
        break;
      case 'eraseAll':
        await this.eraseAll();
        break;
      case 'dismiss':
        // The page has done so, and may be saying something of its own by now.
        this.message = null;
        break;
      case 'retry':
      case 'show':
      case 'insert':
      case 'openAsDocument':
      case 'copy':
      case 'erase': {
        const article = this.history.find(request.id);
        // One that is gone meanwhile: the page learns of it.
        if (article) await this.handleArticle(request.type, article);
        else this.postState();
        break;
      }
      default:
        assertNever(request);
    }
  }

  private async handleArticle(type: ArticleAction, article: Article): Promise<void> {
    const { title, opening, length, preset } = article;
    switch (type) {
      case 'retry':
        this.generate({ title, opening, length, preset, seed: randomSeed() });
        break;
      case 'show':
        this.show(article);
        this.say(null);
        break;
      case 'insert':
        this.say(await this.place.insert(article));
        break;
      case 'openAsDocument':
        await this.place.openAsDocument(article);
        this.say(null);
        break;
      case 'copy':
        await vscode.env.clipboard.writeText(bodyText(article));
        this.say({ kind: 'notice', text: vscode.l10n.t('Copied'), actions: [] });
        break;
      case 'erase':
        await this.erase(article);
        break;
      default:
        assertNever(type);
    }
  }

  private generate(request: ArticleRequest): void {
    // Asked twice before the page knew of the first: that one goes on.
    if (this.isWriting) {
      this.postState();
      return;
    }
    if (this.isContinuing()) {
      const text = vscode.l10n.t(
        'Moxu is writing in a document, and writes one text at a time. Wait until it is finished, or stop it with the button in the status bar; then generate the article.',
      );
      this.say({ kind: 'problem', text, actions: [] }, () => !this.isContinuing());
      return;
    }
    this.show(this.writer.start(randomUUID(), request));
    this.say(null);
  }

  /** The next window shows it, too. */
  private show(article: Article): void {
    this.shown = article;
    void keepShown(this.context.workspaceState, article.id);
  }

  private async erase(article: Article): Promise<void> {
    const question = vscode.l10n.t('Delete “{0}” from the history?', article.title);
    if (!(await this.confirm(question))) return;
    if (this.writer.writingId === article.id) this.writer.stop();
    await this.history.erase(article.id);
    if (this.shown === article) this.shown = null;
    this.say(null);
  }

  private async eraseAll(): Promise<void> {
    const question = vscode.l10n.t(
      'Delete all articles ({0}) from the history of this workspace?',
      this.history.summaries.length,
    );
    if (!(await this.confirm(question))) return;
    this.writer.stop();
    await this.history.eraseAll();
    this.shown = null;
    this.say(null);
  }

  private fail(thrown: unknown): void {
    const error = EngineError.from(thrown);
    this.log.error(error);
    const { engine } = this;
    const isOver = () => engine.state.kind === 'ready' || engine.state.kind === 'unloaded';
    const message: PanelMessage = { kind: 'problem', text: problemInWords(error), actions: actionsAgainst(error) };
    // Of what happened to the text alone the engine's state tells nothing.
    this.say(message, engine.state.kind === 'failed' ? isOver : never);
  }

  /** @param isOver asked before each state that the page is sent */
  private say(message: PanelMessage | null, isOver = never): void {
    this.message = message;
    this.isMessageOver = isOver;
    this.postState();
  }

  private async confirm(question: string): Promise<boolean> {
    const erase = vscode.l10n.t('Delete');
    const detail = vscode.l10n.t('This cannot be undone. Text already inserted into documents is not affected.');
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, erase);
    // VS Code gives the keyboard to nobody after a dialog over a page; the page knows what had it.
    this.view?.show(false);
    return answer === erase;
  }

  private postState(): void {
    if (this.isMessageOver()) this.message = null;
    // The whole history is counted for it.
    if (!this.view?.visible) return;
    const { shown, history, writer, engine, message } = this;
    this.posted = shown?.text.length ?? 0;
    this.post({
      type: 'state',
      article: shown,
      writingId: writer.writingId,
      history: history.summaries,
      draft: keptDraft(this.context.workspaceState),
      model: { isTrial: this.isTrialModel(), isLoading: engine.state.kind === 'loading' },
      message,
    });
  }

  private postText(): void {
    this.postTimer = null;
    const { shown, posted } = this;
    if (shown === null || shown.id !== this.writer.writingId) return;
    const { id, text, writingMs } = shown;
    this.posted = text.length;
    this.post({ type: 'delta', id, from: posted, text: text.slice(posted), writingMs });
  }

  /** A page that is hidden gets nothing and asks for all of it when it comes back. */
  private post(reply: PanelReply): void {
    if (this.view?.visible) void this.view.webview.postMessage(reply);
  }
}

function randomSeed(): number {
  return randomInt(articleLimits.maxSeed + 1);
}

function never(): boolean {
  return false;
}

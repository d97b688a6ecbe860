/** 灰字统计: a page with the writer's own figures, which they can erase, and switch off. */
import * as vscode from 'vscode';
import type { FiguresReply, FiguresRequest } from '../../pages';
import { assertNever } from '../../errors';
import { showProblem } from '../problem';
import { figuresEnabled, setFiguresEnabled, settingKeys } from '../settings';
import { pageResources } from '../webviewResources';
import { dayOf } from '../../context/figures';
import { figuresPage } from './figuresPage';
import { figuresStrings } from './figuresStrings';
import type { FiguresStore } from './figuresStore';

export class FiguresPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | null = null;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly store: FiguresStore,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      store.onChange(() => this.post()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(settingKeys.figuresEnabled)) this.post();
      }),
    ];
  }

  dispose(): void {
    this.panel?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  show(): void {
    if (this.panel) {
      this.panel.reveal();
      return;
    }
    const strings = figuresStrings();
    const panel = vscode.window.createWebviewPanel('moxu.figures', strings.title, vscode.ViewColumn.Active);
    this.panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media', 'icon.png');
    panel.onDidDispose(() => (this.panel = null));
    panel.onDidChangeViewState(() => this.post());
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const request = parseFiguresRequest(message);
      // Settings that cannot be written, for example: a button that does nothing would say nothing.
      if (request) this.handle(request).catch((error: unknown) => showProblem(error, this.log));
    });
    panel.webview.html = figuresPage(strings, pageResources(panel.webview, this.extensionUri, 'figures'));
  }

  private async handle(request: FiguresRequest): Promise<void> {
    switch (request.type) {
      case 'ready':
        this.post();
        break;
      case 'setEnabled':
        await setFiguresEnabled(request.enabled);
        break;
      case 'erase':
        await this.erase();
        break;
      default:
        assertNever(request);
    }
  }

  private async erase(): Promise<void> {
    const erase = vscode.l10n.t('Erase');
    const question = vscode.l10n.t('Erase all statistics?');
    const detail = vscode.l10n.t('This cannot be undone. Your documents stay as they are.');
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, erase);
    if (answer === erase) await this.store.erase();
  }

  /** A page that is hidden gets nothing, and is told when it is shown again. */
  private post(): void {
    if (!this.panel?.visible) return;
    const reply: FiguresReply = {
      type: 'figures',
      today: dayOf(new Date()),
      byDay: this.store.byDay,
      isOn: figuresEnabled(),
    };
    void this.panel.webview.postMessage(reply);
  }
}

/** @returns null for what is none of the page's messages */
export function parseFiguresRequest(message: unknown): FiguresRequest | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, enabled } = message as Record<string, unknown>;
  if (type === 'ready' || type === 'erase') return { type };
  return type === 'setEnabled' && typeof enabled === 'boolean' ? { type, enabled } : null;
}

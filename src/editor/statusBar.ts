/** 墨续 in the status bar: which model, in which state. A click switches ghost text on or off. */
import * as vscode from 'vscode';
import type { Engine, EngineState } from '../engine/engine';
import { problemInWords } from './problem';
import { ghostTextEnabled, settingKeys } from './settings';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('moxu.status', vscode.StatusBarAlignment.Right, 100);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly engine: Engine,
    private readonly builtIn: () => boolean,
  ) {
    this.item.name = vscode.l10n.t('Moxu');
    this.item.command = 'moxu.toggleGhostText';
    this.subscriptions = [
      this.item,
      { dispose: engine.onStateChange(() => this.render()) },
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(settingKeys.ghostTextEnabled)) this.render();
      }),
    ];
    this.render();
    this.item.show();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private render(): void {
    const enabled = ghostTextEnabled();
    const { state } = this.engine;
    this.item.text = `${icon(state, enabled)} ${this.label(state)}`;
    this.item.tooltip = this.tooltip(state, enabled);
    this.item.accessibilityInformation = { label: `${vscode.l10n.t('Moxu')}: ${stateInWords(state, enabled)}` };
    this.item.backgroundColor =
      state.kind === 'failed' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }

  private label(state: EngineState): string {
    const model = this.builtIn() ? vscode.l10n.t('trial model') : state.kind === 'ready' ? state.model.name : '';
    return [vscode.l10n.t('Moxu'), model].filter(Boolean).join(' · ');
  }

  private tooltip(state: EngineState, enabled: boolean): vscode.MarkdownString {
    const lines = [stateInWords(state, enabled)];
    if (state.kind === 'ready') {
      const { name, numParameters, contextLength, quantization, threads, loadMs } = state.model;
      lines.push(
        vscode.l10n.t('Model: {0} ({1}M parameters, {2})', name, (numParameters / 1e6).toFixed(1), quantization),
        vscode.l10n.t('Window: {0} tokens', contextLength),
        vscode.l10n.t('Runs on: CPU, {0} thread(s); loaded in {1} ms', threads.numThreads, Math.round(loadMs)),
      );
    }
    lines.push(enabled ? vscode.l10n.t('Click to turn ghost text off') : vscode.l10n.t('Click to turn ghost text on'));
    return new vscode.MarkdownString(lines.join('\n\n'));
  }
}

function icon(state: EngineState, enabled: boolean): string {
  if (state.kind === 'failed') return '$(warning)';
  if (!enabled) return '$(circle-slash)';
  return state.kind === 'loading' ? '$(loading~spin)' : '$(edit)';
}

function stateInWords(state: EngineState, enabled: boolean): string {
  switch (state.kind) {
    case 'failed':
      return problemInWords(state.error);
    case 'loading':
      return vscode.l10n.t('Loading the model…');
    case 'unloaded':
    case 'ready':
      return enabled ? vscode.l10n.t('Ghost text is on') : vscode.l10n.t('Ghost text is off');
  }
}

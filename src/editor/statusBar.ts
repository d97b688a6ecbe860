/** 墨续 in the status bar: short and still. Whoever points at it learns more, and a click opens the menu. */
import * as vscode from 'vscode';
import type { EngineState, SwitchableEngine } from '../engine/engine';
import type { GhostTextProvider } from './ghostText';
import type { Pause } from './pause';
import { nameInWords } from './models/modelWords';
import { settingKeys } from './settings';
import { clockTime, engineInWords, ghostTextHere, keysInWords, stateInWords } from './statusWords';
import type { GhostTextHere } from './statusWords';

/** At each key there is another figure that nobody points at. */
const restMs = 1000;

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('moxu.status', vscode.StatusBarAlignment.Right, 100);
  private readonly subscriptions: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly engine: Pick<SwitchableEngine, 'state' | 'onStateChange' | 'speed' | 'onSpeed'>,
    private readonly ghostText: Pick<GhostTextProvider, 'counts' | 'latencyMs' | 'onAnswer' | 'isOnIn'>,
    private readonly pause: Pick<Pause, 'until' | 'onChange'>,
    private readonly builtIn: () => boolean,
  ) {
    const render = (): void => this.render();
    const renderSoon = (): void => void (this.timer ??= setTimeout(render, restMs));
    this.item.name = vscode.l10n.t('Moxu');
    this.item.command = 'moxu.openMenu';
    this.subscriptions = [
      this.item,
      { dispose: engine.onStateChange(render) },
      { dispose: engine.onSpeed(renderSoon) },
      pause.onChange(render),
      ghostText.onAnswer(renderSoon),
      vscode.window.onDidChangeActiveTextEditor(render),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(settingKeys.ghostTextEnabled)) this.render();
      }),
    ];
    this.render();
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private render(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { engine, ghostText, item } = this;
    const here = ghostTextHere((document) => ghostText.isOnIn(document));
    const { until } = this.pause;
    const state = stateInWords(engine.state, until, here);
    // The time at which it ends: time that is left would have to be counted down.
    const paused = here !== 'off' && until !== null && vscode.l10n.t('paused until {0}', clockTime(until));
    item.text = `${icon(engine.state, here, until !== null)} ${[this.label(), paused].filter(Boolean).join(' · ')}`;
    const facts = engineInWords(engine.state, ghostText.counts, ghostText.latencyMs, engine.speed);
    const hints = engine.state.kind !== 'failed' && here === 'on' ? keysInWords() : [];
    item.tooltip = paragraphs([state, ...hints, ...facts, vscode.l10n.t('Click for more')]);
    item.accessibilityInformation = { label: vscode.l10n.t('{0}: {1}', vscode.l10n.t('Moxu'), state) };
    item.backgroundColor =
      engine.state.kind === 'failed' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }

  private label(): string {
    const { state } = this.engine;
    const model = this.builtIn()
      ? vscode.l10n.t('trial model')
      : state.kind === 'ready'
        ? nameInWords(state.model.name)
        : '';
    return [vscode.l10n.t('Moxu'), model].filter(Boolean).join(' · ');
  }
}

/** Names in them are anyone's: an underscore is to be one. (`appendText` would take the spaces away at which lines break.) */
function paragraphs(texts: readonly string[]): vscode.MarkdownString {
  const literal = (text: string) => text.replace(/[\\`*_{}[\]()<>#+\-.!|~&]/g, '\\$&');
  return new vscode.MarkdownString(texts.map(literal).join('\n\n'));
}

function icon(state: EngineState, here: GhostTextHere, isPaused: boolean): string {
  if (state.kind === 'failed') return '$(warning)';
  if (here === 'off') return '$(circle-slash)';
  if (isPaused) return '$(debug-pause)';
  return state.kind === 'loading' ? '$(loading~spin)' : '$(edit)';
}

/** What the status bar and its menu say of the engine. */
import * as vscode from 'vscode';
import type { EngineState, RunSpeed } from '../engine/engine';
import type { ModelInfo } from '../protocol';
import { keyInWords } from './defaultKeys';
import { deviceName, refusalInWords } from './deviceWords';
import { proseDocuments } from './ghostText';
import type { GhostCounts } from './ghostSource';
import { nameInWords, parametersInWords, weightsInWords } from './models/modelWords';
import { problemInWords } from './problem';
import { ghostTextEnabled, modelPath, proseLanguages } from './settings';

/** What ghost text does where the writer is; `elsewhere` in what is no prose, and with nothing open. */
export type GhostTextHere = 'on' | 'off' | 'elsewhere';

/** @param isOn of a document of ours */
export function ghostTextHere(isOn: (document: vscode.TextDocument) => boolean = ghostTextEnabled): GhostTextHere {
  const document = vscode.window.activeTextEditor?.document;
  const isProse = document && vscode.languages.match(proseDocuments, document) > 0;
  if (isProse) return isOn(document) ? 'on' : 'off';
  return proseLanguages.some((languageId) => ghostTextEnabled({ languageId })) ? 'elsewhere' : 'off';
}

/** @param pausedUntil milliseconds since 1970, or null */
export function stateInWords(state: EngineState, pausedUntil: number | null, here: GhostTextHere): string {
  if (state.kind === 'failed') return problemInWords(state.error);
  if (here === 'off') return vscode.l10n.t('Ghost text is off');
  if (pausedUntil !== null) return vscode.l10n.t('Ghost text is paused until {0}', clockTime(pausedUntil));
  if (state.kind === 'loading') return vscode.l10n.t('Loading the model…');
  if (here === 'elsewhere') return vscode.l10n.t('Ghost text comes in Markdown and plain text');
  if (state.kind === 'unloaded') return vscode.l10n.t('Ghost text is on; the model is loaded when you write');
  return vscode.l10n.t('Ghost text is on');
}

/** What a writer who has just met grey text wants to know of it. */
export function keysInWords(): string[] {
  const parts = ['Ctrl+→', 'Ctrl+Alt+→', 'Ctrl+Alt+Shift+→'].map(keyInWords) as [string, string, string];
  return [
    vscode.l10n.t('Tab accepts the grey text, Esc dismisses it'),
    vscode.l10n.t('{0} accepts a word, {1} a clause, {2} a sentence', ...parts),
    vscode.l10n.t('{0} continues writing at the cursor', keyInWords('Ctrl+Alt+Enter')),
  ];
}

/** '' while none is loaded. */
export function modelInWords(state: EngineState): string {
  if (state.kind !== 'ready') return '';
  const { numParameters, quantization } = state.model;
  const name = modelPath() === '' ? vscode.l10n.t('Built-in trial model') : nameInWords(state.model.name);
  const facts = [parametersInWords(numParameters), weightsInWords(quantization)] as const;
  return vscode.l10n.t('{0} ({1} parameters, {2})', name, ...facts);
}

export function engineInWords(
  state: EngineState,
  counts: GhostCounts,
  latencyMs: number | null,
  speed: RunSpeed | null,
): string[] {
  if (state.kind !== 'ready') return [];
  const { contextLength, refusal, loadMs } = state.model;
  const { l10n } = vscode;
  const lines = [
    l10n.t('Model: {0}', modelInWords(state)),
    l10n.t('Context window: {0} tokens', contextLength),
    l10n.t('Runs on: {0}; loaded in {1} ms', placeInWords(state.model), Math.round(loadMs)),
  ];
  if (refusal) lines.push(refusalInWords(refusal));
  if (latencyMs !== null) lines.push(l10n.t('Latest suggestion: after {0} ms', Math.round(latencyMs)));
  if (speed !== null)
    lines.push(
      l10n.t(
        'Last text: first token after {0} ms, then {1} per second',
        Math.round(speed.firstTokenMs),
        Math.round(speed.tokensPerSecond),
      ),
    );
  if (counts.asked > 0) {
    const share = Math.round((100 * counts.known) / counts.asked);
    lines.push(l10n.t('Requests answered from memory: {0} of {1} ({2} %)', counts.known, counts.asked, share));
  }
  return lines;
}

function placeInWords({ device, threads }: ModelInfo): string {
  return device === 'cpu' ? vscode.l10n.t('CPU, threads: {0}', threads.numThreads) : deviceName(device);
}

/** As 14:05. */
export function clockTime(timeMs: number): string {
  const time = new Date(timeMs);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

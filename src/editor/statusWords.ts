/** What the status bar and its menu say of the engine. */
import * as vscode from 'vscode';
import type { EngineState, RunSpeed } from '../engine/engine';
import type { ModelInfo } from '../protocol';
import { deviceName, refusalInWords } from './deviceWords';
import type { GhostCounts } from './ghostSource';
import { parametersInWords, weightsInWords } from './models/modelWords';
import { problemInWords } from './problem';
import { modelPath } from './settings';

/** @param pausedUntil milliseconds since 1970, or null */
export function stateInWords(state: EngineState, pausedUntil: number | null, enabled: boolean): string {
  if (state.kind === 'failed') return problemInWords(state.error);
  if (!enabled) return vscode.l10n.t('Ghost text is off');
  if (pausedUntil !== null) return vscode.l10n.t('Ghost text is paused until {0}', clockTime(pausedUntil));
  return state.kind === 'loading' ? vscode.l10n.t('Loading the model…') : vscode.l10n.t('Ghost text is on');
}

/** '' while none is loaded. */
export function modelInWords(state: EngineState): string {
  if (state.kind !== 'ready') return '';
  const { numParameters, quantization } = state.model;
  const name = modelPath() === '' ? vscode.l10n.t('Built-in trial model') : state.model.name;
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
        'Last text: first token after {0} ms, then {1} tokens/s',
        Math.round(speed.firstTokenMs),
        Math.round(speed.tokensPerSecond),
      ),
    );
  if (counts.asked > 0) {
    const share = Math.round((100 * counts.known) / counts.asked);
    lines.push(l10n.t('Answered from memory: {0} of {1} requests ({2} %)', counts.known, counts.asked, share));
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

/**
 * The way of a ghost from a key to the model and back, rehearsed with a text that nobody sees, for the reason that
 * `context/rehearsal.ts` gives. The model is asked in earnest, for a word or two: its thread has a first time as well.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { defaultGhostSettings } from '../context/ghost';
import { styleOf } from '../context/style/documentStyle';
import { sameScript } from '../context/style/script';
import type { Engine } from '../engine/engine';
import type { GhostRequest } from './ghostFlight';
import { GhostSource } from './ghostSource';

/** Short: a large model takes its time for each word. */
const before = '雨停了，';
const typed = '他想';
const settings = { ...defaultGhostSettings, confidenceFloor: 0, maxTokens: 2 };

/** @param signal the writer has begun: nothing may keep the model from him */
export async function rehearseGhosts(engine: Engine, signal: AbortSignal, log: vscode.LogOutputChannel): Promise<void> {
  const source = new GhostSource(engine, log);
  const cancellation = new vscode.CancellationTokenSource();
  signal.addEventListener('abort', () => cancellation.cancel());
  const { token } = cancellation;
  try {
    source.pace.key(performance.now());
    await source.wait(requestAfter(before), token);
    const reached = requestAfter(before + typed);
    const change = { rangeOffset: before.length, rangeLength: 0, text: typed };
    source.edited(reached.place.document, [change], true, reached.place);
    source.lookBehind(reached, typed, true);
    await sleep(1);
    if (!token.isCancellationRequested) await source.wait(requestAfter(before + typed + typed), token);
  } finally {
    source.dispose();
    cancellation.dispose();
  }
}

function requestAfter(text: string): GhostRequest {
  const asIs = (words: string): string => words;
  return {
    place: { document: 'rehearsal', title: '', prefix: text, suffix: '' },
    prompt: { title: '', text, fromStart: true },
    style: {
      style: styleOf(text, 'zh-cn'),
      script: sameScript,
      before: text,
      ...{ modelTitle: '', modelBefore: text, modelBehind: '' },
      toModel: asIs,
      asParagraph: asIs,
      inLine: asIs,
    },
    settings,
    offset: text.length,
  };
}

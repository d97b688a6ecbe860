/**
 * The way of a ghost from a key towards the model and back, rehearsed with a text that nobody sees, for the reason that
 * `context/rehearsal.ts` gives. A stand-in writes: the model is asked nothing that the writer did not want.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { defaultGhostSettings } from '../context/ghost';
import { rehearsalRounds } from '../context/rehearsal';
import { styleOf } from '../context/style/documentStyle';
import { sameScript } from '../context/style/script';
import type { Engine } from '../engine/engine';
import type { GhostEngine, GhostRequest } from './ghostFlight';
import { GhostSource } from './ghostSource';

const before = '雨停了，院子里的石榴开了。';
const typed = '他想';

export async function rehearseGhosts({ state }: Pick<Engine, 'state'>, log: vscode.LogOutputChannel): Promise<void> {
  for (let round = 0; round < rehearsalRounds; round++) await rehearseGhost(new GhostSource(standIn(state), log));
}

async function rehearseGhost(source: GhostSource): Promise<void> {
  const cancellation = new vscode.CancellationTokenSource();
  try {
    source.pace.key(performance.now());
    await source.wait(requestAfter(before), cancellation.token);
    const reached = requestAfter(before + typed);
    const { document } = reached.place;
    source.edited(document, [{ rangeOffset: before.length, rangeLength: 0, text: typed }], true);
    source.reached(document, reached.place);
    source.lookBehind(reached, typed, true);
    await sleep(1);
    await source.wait(requestAfter(before + typed + typed), cancellation.token);
  } finally {
    source.dispose();
    cancellation.dispose();
  }
}

function standIn(state: Engine['state']): GhostEngine & Pick<Engine, 'state'> {
  return {
    state,
    async *generate(_prompt, _options, signal) {
      const stop = (): void => undefined;
      // As the engine hears that it is not wanted any more: Node.js takes its time with the first.
      signal.addEventListener('abort', stop);
      await Promise.resolve();
      yield { text: typed, logProb: -0.1, numTokens: 1 };
      signal.removeEventListener('abort', stop);
      return { text: typed, finishReason: 'stop', numTokens: 1, numPromptTokens: 1 };
    },
    generateCandidates: () => Promise.resolve([]),
    fillGap: () => Promise.resolve(null),
  };
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
    settings: defaultGhostSettings,
    offset: text.length,
  };
}

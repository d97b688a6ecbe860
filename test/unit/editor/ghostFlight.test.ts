import assert from 'node:assert/strict';
import { defaultGhostSettings } from '../../../src/context/ghost';
import { styleOf } from '../../../src/context/style/documentStyle';
import { sameScript } from '../../../src/context/style/script';
import { GhostFlight } from '../../../src/editor/ghostFlight';
import type { GhostRequest } from '../../../src/editor/ghostFlight';
import type { Engine } from '../../../src/engine/engine';

const before = '清晨的集市很';

/** A model that is at work for as long as it is let. */
function slow(): Engine {
  const never = (...words: unknown[]) =>
    new Promise<never>((_, reject) =>
      (words.at(-1) as AbortSignal).addEventListener('abort', () => reject(new Error('aborted'))),
    );
  // eslint-disable-next-line require-yield
  const generate = async function* (...words: unknown[]) {
    return never(...words);
  };
  return { generate, generateCandidates: never, fillGap: never } as unknown as Engine;
}

function request(suffix: string, several?: GhostRequest['several']): GhostRequest {
  const asIs = (text: string) => text;
  return {
    place: { document: 'a', title: '', prefix: before, suffix },
    prompt: { title: '', text: before, fromStart: true },
    style: {
      style: styleOf(before, 'zh-cn'),
      script: sameScript,
      before,
      modelBefore: before,
      modelBehind: suffix,
      modelTitle: '',
      toModel: asIs,
      asParagraph: asIs,
      inLine: asIs,
    },
    settings: defaultGhostSettings,
    offset: before.length,
    ...(several && { several }),
  };
}

describe('a suggestion that is being written', () => {
  const typed = { rangeOffset: before.length, rangeLength: 0, text: '热' };

  /** Whether it is of use once a character was typed: where that leads, and while it may yet change. */
  function uses(of: GhostRequest): { leads: boolean; settled: boolean; composed: boolean } {
    const flights = Array.from({ length: 2 }, () => new GhostFlight(slow(), of));
    for (const flight of flights) flight.landed.catch(() => undefined);
    const [first, second] = flights as [GhostFlight, GhostFlight];
    assert.ok(first.leadsTo(of.place));
    const uses = {
      leads: first.leadsTo({ ...of.place, prefix: before + typed.text }),
      settled: first.follow([typed], true),
      composed: second.follow([typed], false),
    };
    // What was composed is cancelled: all is as it was.
    assert.ok(second.follow([{ rangeOffset: before.length, rangeLength: 1, text: '' }], true));
    for (const flight of flights) flight.abort();
    return uses;
  }

  it('leads on while it streams', () => {
    assert.deepEqual(uses(request('')), { leads: true, settled: true, composed: true });
    assert.deepEqual(uses(request('。”')), { leads: true, settled: true, composed: true });
  });

  it('leads into a bracket that was typed along it and closed by VS Code', () => {
    const flight = new GhostFlight(slow(), request('。”'));
    flight.landed.catch(() => undefined);
    const at = (typed: string, suffix: string) =>
      flight.leadsTo({ document: 'a', title: '', prefix: before + typed, suffix });
    assert.ok(at('（', '）。”'));
    assert.ok(!at('热', '）。”'));
    assert.ok(!at('（', '。”，'));
    assert.ok(flight.follow([{ rangeOffset: before.length, rangeLength: 0, text: '（）' }], true));
    assert.ok(flight.follow([{ rangeOffset: before.length + 1, rangeLength: 0, text: '热' }], true));
    flight.abort();
  });

  it('leads nowhere else where several texts are weighed: in a gap, and asked for by hand', () => {
    const wanted = { leads: false, settled: false, composed: true };
    assert.deepEqual(uses(request('，人也多')), wanted);
    assert.deepEqual(uses(request('', { shown: '' })), wanted);
  });
});

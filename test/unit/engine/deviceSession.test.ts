/** What a device is asked to compute at once; that it computes it right: test/model/webgpu.test.ts. */
import assert from 'node:assert/strict';
import type { DeviceGraph } from '../../../src/engine/deviceGraph';
import { DeviceSession } from '../../../src/engine/deviceSession';

const vocabSize = 4;
const signal = new AbortController().signal;

/** Remembers its runs; each token's logits are the same. */
function recordingGraph(): { graph: DeviceGraph; runs: { numNew: number; pastLength: number }[] } {
  const runs: { numNew: number; pastLength: number }[] = [];
  const run: DeviceGraph['run'] = (_rows, tokenIds, pastLength, first) => {
    runs.push({ numNew: tokenIds.length, pastLength });
    const logits = new Float32Array((tokenIds.length - first) * vocabSize);
    return Promise.resolve({ logits, rows: new Map() });
  };
  return { graph: { run, release: () => Promise.resolve() } as unknown as DeviceGraph, runs };
}

describe('device session', () => {
  const long = Array.from({ length: 100 }, (_, i) => i % vocabSize);
  /** From 32 tokens a run on, WebGPU on SwiftShader computes something else. */
  const atMost = 16;

  const asked: Record<string, (session: DeviceSession) => Promise<unknown>> = {
    'a prompt': (session) => session.logitsAfter(long, signal),
    'prompts side by side': (session) => session.logitsAfterEach([long, [...long, 1, 2], [3, ...long]], signal),
    'the probability of a text': (session) => session.logProbabilityOf(long, 40, signal),
    async 'logits for measuring'(session) {
      let count = 0;
      for await (const logits of session.logitsFrom(long, 10)) count += logits.length / vocabSize;
      assert.equal(count, 90);
    },
  };
  for (const [what, ask] of Object.entries(asked))
    it(`computes ${what} in runs of at most ${atMost} tokens`, async () => {
      const { graph, runs } = recordingGraph();
      await ask(new DeviceSession(graph, { vocabSize }));
      assert.ok(runs.length >= long.length / atMost);
      for (const { numNew } of runs) assert.ok(numNew <= atMost, `${numNew} tokens`);
      assert.ok(runs.some(({ numNew, pastLength }) => pastLength + numNew >= long.length - 1));
    });
});

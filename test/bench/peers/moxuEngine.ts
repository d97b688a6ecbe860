/** Moxu as its worker thread runs it: the model folder opened and checked, prompts in chunks, its own KV cache. */
import { join } from 'node:path';
import { Graph } from '../../../src/engine/graph';
import { openModel } from '../../../src/engine/modelFolder';
import { Session } from '../../../src/engine/session';
import { indexOfLargest, type PeerLibrary } from './engine';

const never = new AbortController().signal;

async function nextOf(network: Pick<Session, 'logitsAfter'>, ids: readonly number[]): Promise<number> {
  const logits = await network.logitsAfter(ids, never);
  if (!logits) throw new Error('aborted');
  return indexOfLargest(logits);
}

export const moxu: PeerLibrary = {
  async load(modelDir, numThreads) {
    const threads = { numThreads, spinning: false };
    const { network, manifest, graphFile } = await openModel(modelDir, join('dist', 'dictionary.bin.br'), threads);
    let graph: Promise<Graph> | undefined;
    return {
      prefill: (ids) => nextOf(network, ids),
      async open(ids) {
        // Texts of several lengths stay in caches of their own, over one graph.
        const text = new Session(await (graph ??= Graph.load(graphFile, threads, manifest.isOptimized)), manifest);
        let all = [...ids];
        await nextOf(text, all);
        return {
          step: (id) => nextOf(text, (all = [...all, id])),
          rewind: () => {
            all = [...ids];
            return Promise.resolve();
          },
        };
      },
    };
  },
};

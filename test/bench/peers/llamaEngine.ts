/** llama.cpp through node-llama-cpp, on the processor, greedy. */
import type { PeerLibrary } from './engine';

/** The part of node-llama-cpp that is used here. */
interface NodeLlamaCpp {
  getLlama: (options: Record<string, unknown>) => Promise<Llama>;
}
interface Llama {
  loadModel(options: { modelPath: string; gpuLayers: number }): Promise<LlamaModel>;
}
interface LlamaModel {
  createContext(options: Record<string, unknown>): Promise<LlamaContext>;
}
interface LlamaContext {
  getSequence(): LlamaSequence;
}
interface LlamaSequence {
  readonly nextTokenIndex: number;
  clearHistory(): Promise<void>;
  eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>;
  evaluate(ids: readonly number[], options: Evaluation): AsyncGenerator<number, void, number | undefined>;
}
interface Evaluation {
  temperature: number;
  yieldEogToken: boolean;
}

const greedy: Evaluation = { temperature: 0, yieldEogToken: true };

async function nextOf(tokens: AsyncGenerator<number, void, number | undefined>, id?: number): Promise<number> {
  const next = await tokens.next(id);
  if (next.done) throw new Error('llama.cpp ended the text');
  return next.value;
}

/** Nothing is downloaded or compiled: what the package brings is run. */
const asInstalled = { gpu: false, build: 'never', usePrebuiltBinaries: true, skipDownload: true, logLevel: 'error' };

export async function llamaCpp(library: string): Promise<PeerLibrary> {
  const { getLlama } = (await import(library)) as NodeLlamaCpp;
  // 0: as many threads as a context asks for.
  const llama = await getLlama({ ...asInstalled, maxThreads: 0 });
  return {
    async load(modelPath, threads) {
      const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
      // Where each is faster: flash attention gains a fifth of a prompt, and loses a quarter of a step behind 700 tokens.
      const context = async (flashAttention: boolean) =>
        (await model.createContext({ contextSize: 1024, batchSize: 512, threads, flashAttention })).getSequence();
      const fresh = await context(true);
      return {
        async prefill(ids) {
          await fresh.clearHistory();
          const tokens = fresh.evaluate(ids, greedy);
          const next = await nextOf(tokens);
          await tokens.return();
          return next;
        },
        async open(ids) {
          const sequence = await context(false);
          let tokens = sequence.evaluate(ids, greedy);
          await nextOf(tokens);
          let isNew = false;
          return {
            step(id) {
              if (!isNew) return nextOf(tokens, id);
              isNew = false;
              tokens = sequence.evaluate([id], greedy);
              return nextOf(tokens);
            },
            async rewind() {
              await tokens.return();
              await sequence.eraseContextTokenRanges([{ start: ids.length, end: sequence.nextTokenIndex }]);
              isNew = true;
            },
          };
        },
      };
    },
  };
}

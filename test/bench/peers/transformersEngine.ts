/** transformers.js on the processor: the model's forward pass and the cache that its own generate() hands on. */
import { indexOfLargest, type PeerLibrary } from './engine';

/** The part of transformers.js that is used here. */
interface TransformersJs {
  env: { allowRemoteModels: boolean; localModelPath: string };
  AutoModelForCausalLM: { from_pretrained(name: string, options: Record<string, unknown>): Promise<CausalModel> };
  Tensor: new (type: string, data: BigInt64Array, dims: number[]) => PeerTensor;
}
interface PeerTensor {
  readonly data: Float32Array;
}
type Outputs = Record<string, PeerTensor>;
type Cache = Record<string, PeerTensor> | null;
interface CausalModel {
  forward(inputs: Record<string, PeerTensor | Cache>): Promise<Outputs>;
}

export async function transformersJs(library: string): Promise<PeerLibrary> {
  const { env, AutoModelForCausalLM, Tensor } = (await import(library)) as TransformersJs;
  env.allowRemoteModels = false;
  env.localModelPath = '';
  const int64 = (values: readonly number[], dims: number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  return {
    async load(folder, intraOpNumThreads) {
      const model = await AutoModelForCausalLM.from_pretrained(folder, {
        ...{ dtype: 'fp32', device: 'cpu', local_files_only: true },
        session_options: { intraOpNumThreads, interOpNumThreads: 1 },
      });
      const run = async (ids: readonly number[], past: Cache, pastLength: number) => {
        const length = ids.length;
        const outputs = await model.forward({
          input_ids: int64(ids, [1, length]),
          attention_mask: int64(new Array<number>(pastLength + length).fill(1), [1, pastLength + length]),
          position_ids: int64(
            ids.map((_, i) => pastLength + i),
            [1, length],
          ),
          num_logits_to_keep: int64([1], []),
          past_key_values: past,
        });
        const { logits, ...present } = outputs;
        if (!logits) throw new Error('no logits');
        const cache = Object.fromEntries(
          Object.entries(present).map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]),
        );
        return { next: indexOfLargest(logits.data), cache };
      };
      return {
        prefill: async (ids) => (await run(ids, null, 0)).next,
        async open(ids) {
          const { cache: begun } = await run(ids, null, 0);
          let [cache, length] = [begun, ids.length];
          return {
            async step(id) {
              const step = await run([id], cache, length++);
              cache = step.cache;
              return step.next;
            },
            rewind: () => {
              [cache, length] = [begun, ids.length];
              return Promise.resolve();
            },
          };
        },
      };
    },
  };
}

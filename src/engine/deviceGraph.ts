/**
 * The 'kept' graph (`../builder/gpuGraph.ts`) in ONNX Runtime. Keys and values never leave the device. A run copies those
 * of a text there and adds the new rows to the copy: buffers that are given for its outputs stay as they were (seen with
 * onnxruntime-node 1.30), so a text's rows cannot be written in place.
 */
import { InferenceSession, Tensor } from './onnxRuntime';
import type { GpuFloat } from '../builder/gpuWeights';
import { EngineError } from '../errors';
import type { Manifest } from '../manifest';
import type { Gpu } from './deviceAdvice';
import { sessionOptionsFor } from './devices';

/** Keys and values of a text on the device: `<layer>.key` and `<layer>.value` → T [1, numHeads, its tokens or more, headSize] */
export type DeviceRows = ReadonlyMap<string, Tensor>;

export type DeviceShape = Pick<Manifest, 'numLayers' | 'numHeads' | 'headSize' | 'contextLength'>;

/** There is room for so many tokens at first, and for as many as there are behind that. */
const fewestRows = 64;

export class DeviceGraph {
  private readonly names: string[];
  private readonly zeros: Tensor;

  private constructor(
    private readonly session: InferenceSession,
    shape: DeviceShape,
    float: GpuFloat,
  ) {
    this.names = namesOf(shape);
    const { numHeads, contextLength, headSize } = shape;
    const room = Math.min(fewestRows, contextLength);
    const length = numHeads * room * headSize;
    const dims = [1, numHeads, room, headSize];
    this.zeros =
      float === 'float16'
        ? new Tensor('float16', new Uint16Array(length), dims)
        : new Tensor('float32', new Float32Array(length), dims);
  }

  /** @throws EngineError 'runtime-failed' when the device does not take the graph. */
  static async load(
    bytes: Uint8Array,
    folder: string,
    shape: DeviceShape,
    device: Gpu,
    float: GpuFloat,
  ): Promise<DeviceGraph> {
    const onDevice = Object.fromEntries(namesOf(shape).map((name) => [`present.${name}`, 'gpu-buffer' as const]));
    try {
      const options = { ...sessionOptionsFor(device, folder), preferredOutputLocation: onDevice };
      return new DeviceGraph(await InferenceSession.create(bytes, options), shape, float);
    } catch (error) {
      throw EngineError.from(error, 'runtime-failed');
    }
  }

  /**
   * Computes tokens behind the first `pastLength` rows of `rows`; null where there are none yet.
   * @param first logits are wanted after the tokens from this index on
   * @returns logits [S − first, vocabSize], and a copy of the rows with the new ones; the caller disposes of both
   */
  async run(
    rows: DeviceRows | null,
    tokenIds: readonly number[],
    pastLength: number,
    first: number,
  ): Promise<{ logits: Float32Array; rows: DeviceRows }> {
    const numNew = tokenIds.length;
    // One is always computed: not every provider knows tensors without values.
    const from = Math.min(first, numNew - 1);
    const feeds: Record<string, Tensor> = {
      input_ids: int32(tokenIds, [1, numNew]),
      position_ids: int32(
        Array.from({ length: numNew }, (_, i) => pastLength + i),
        [1, numNew],
      ),
      logit_positions: int32(
        Array.from({ length: numNew - from }, (_, i) => from + i),
        [numNew - from],
      ),
      seqlens_k: int32([pastLength + numNew - 1], [1]),
      total_sequence_length: int32([pastLength + numNew], []),
    };
    for (const name of this.names) feeds[`past_key_values.${name}`] = rows?.get(name) ?? this.zeros;
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run(feeds);
    } catch (error) {
      throw EngineError.from(error, 'runtime-failed');
    }
    const logits = outputs['logits']?.data;
    if (!(logits instanceof Float32Array)) throw new EngineError('runtime-failed', 'the device gave no logits');
    const present = new Map(this.names.map((name) => [name, presentOf(outputs, name)]));
    const vocabSize = logits.length / (numNew - from);
    return { logits: logits.subarray((first - from) * vocabSize), rows: present };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

export function dispose(rows: DeviceRows | null): void {
  for (const tensor of rows?.values() ?? []) tensor.dispose();
}

function namesOf({ numLayers }: DeviceShape): string[] {
  return Array.from({ length: numLayers }, (_, l) => [`${l}.key`, `${l}.value`]).flat();
}

function presentOf(outputs: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const tensor = outputs[`present.${name}`];
  if (!tensor) throw new EngineError('runtime-failed', `the device gave no present.${name}`);
  return tensor;
}

function int32(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor('int32', Int32Array.from(values), dims);
}

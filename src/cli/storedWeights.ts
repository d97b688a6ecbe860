/**
 * A model folder's weights against those of the checkpoint, value by value. A lost bias or a scale that is a little off
 * moves logits less than rounding does; here each value must be the checkpoint's but for its rounding.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gpt2Tensors } from '../builder/checkpoint';
import type { Tensor } from '../builder/onnx/proto';
import { readModel } from '../builder/onnx/readModel';
import { openCheckpoint } from '../builder/openCheckpoint';
import { rowLength, scaleFirstColumns, type TensorStream } from '../builder/tensorStream';
import { graphFile } from '../manifest';

export interface StoredWeights {
  numTensors: number;
  /** Names of those that are missing or hold something else. */
  wrong: string[];
}

/** @throws EngineError 'checkpoint-invalid' when the checkpoint cannot be read. */
export function compareWeights(from: string, model: string): StoredWeights {
  const checkpoint = openCheckpoint(from);
  try {
    const { tokens, positions, layers, finalNorm, head } = gpt2Tensors(checkpoint, checkpoint.config);
    const { hiddenSize, headSize } = checkpoint.config;
    const parts = layers.flatMap(({ qkv, ...others }) => {
      const scaled = (stream: TensorStream) => scaleFirstColumns(stream, hiddenSize, 1 / Math.sqrt(headSize));
      return [{ weight: scaled(qkv.weight), bias: scaled(qkv.bias) }, ...Object.values(others)];
    });
    const linears = [...parts, finalNorm].flatMap(({ weight, bias }) => [weight, bias]);
    const streams = [...new Set([tokens, head]), positions, ...linears];
    const stored = new Stored(model);
    return {
      numTensors: streams.length,
      wrong: streams
        .filter((stream) => !isStored(stream, stored, stream === tokens || stream === head))
        .map(({ name }) => name),
    };
  } finally {
    checkpoint.close();
  }
}

class Stored {
  private readonly tensors: Map<string, Tensor>;

  constructor(private readonly folder: string) {
    const { initializers } = readModel(readFileSync(join(folder, graphFile)));
    this.tensors = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  }

  tensor(name: string): Tensor | undefined {
    return this.tensors.get(name);
  }

  /** All of the tensor's bytes. */
  bytes({ data }: Tensor): Uint8Array<ArrayBuffer> {
    if (data instanceof Uint8Array) return Uint8Array.from(data);
    const bytes = new Uint8Array(data.length);
    const fd = openSync(join(this.folder, data.location), 'r');
    try {
      for (let done = 0, count = 1; done < bytes.length && count > 0; done += count)
        count = readSync(fd, bytes, done, bytes.length - done, data.offset + done);
    } finally {
      closeSync(fd);
    }
    return bytes;
  }

  floats(tensor: Tensor): Float32Array {
    return new Float32Array(this.bytes(tensor).buffer);
  }
}

/** Whether a value, which stands at this place of the checkpoint's matrix, is stored. */
type Holds = (value: number, row: number, column: number) => boolean;

/** @param isTable a token's values are a row of it, and rounded together; else a column is */
function isStored(stream: TensorStream, stored: Stored, isTable: boolean): boolean {
  const tensor = stored.tensor(stream.name);
  const holds = tensor && holdsValue(tensor, stream.shape, stored, isTable);
  if (!holds) return false;
  const length = rowLength(stream.shape);
  let row = 0;
  for (const block of stream.blocks())
    for (let start = 0; start < block.length; start += length, row++)
      for (let column = 0; column < length; column++)
        if (!holds(block[start + column] as number, row, column)) return false;
  return true;
}

function holdsValue(tensor: Tensor, shape: readonly number[], stored: Stored, isTable: boolean): Holds | undefined {
  const [rows = 1, columns = 1] = shape.length === 1 ? [1, shape[0]] : shape;
  if (tensor.type === 'float32') {
    const values = stored.floats(tensor);
    if (values.length !== rows * columns) return undefined;
    return (value, row, column) => isNear(value, values[row * columns + column] as number, 1e-6 * Math.abs(value));
  }
  const scaleTensor = stored.tensor(`${tensor.name}.scales`);
  if (!scaleTensor) return undefined;
  const scales = stored.floats(scaleTensor);
  const values = stored.bytes(tensor);
  if (tensor.type === 'int8') {
    if (values.length !== rows * columns) return undefined;
    const integers = new Int8Array(values.buffer);
    const isTurned = isTable && tensor.shape[0] === columns; // earlier versions did not turn it
    return (value, row, column) => {
      const scale = scales[isTable ? row : column] as number;
      const integer = integers[isTurned ? column * rows + row : row * columns + column] as number;
      return isNear(value, scale * integer, halfAStep * scale);
    };
  }
  const [outputs = 0, blocks = 0, half = 0] = tensor.shape;
  if (outputs !== (isTable ? rows : columns) || blocks * half * 2 < (isTable ? columns : rows)) return undefined;
  return (value, row, column) => {
    const [output, input] = isTable ? [row, column] : [column, row];
    const place = output * blocks * half * 2 + input;
    const byte = values[place >> 1] as number;
    const steps = (place % 2 === 1 ? byte >> 4 : byte & 15) - 8;
    const scale = scales[output * blocks + Math.floor(input / (half * 2))] as number;
    // The positive end reaches to 7 steps only, and up to 8 are cut off there.
    return isNear(value, scale * steps, (steps === 7 ? 1 : halfAStep) * Math.abs(scale));
  };
}

/** In float32 a value in the middle may come to lie a little beyond it. */
const halfAStep = 0.5001;

const isNear = (value: number, found: number, within: number): boolean => Math.abs(value - found) <= within;

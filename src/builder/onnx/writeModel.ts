/**
 * Writes a graph as `model.onnx` with its large initializers in `model.onnx.data`.
 *
 * Large tensors begin at multiples of 4096 bytes, so that the runtime can map them into memory instead of reading them.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { EngineError } from '../../errors';
import { initializerBytes, type Initializer, type OnnxGraph } from './graph';
import { encodeModel, type Tensor } from './proto';

export const modelFile = 'model.onnx';
export const dataFile = 'model.onnx.data';

/** Smaller initializers are stored in the graph itself: a page for each bias would only be padding. */
const inlineBytes = 16384;
const alignment = 4096;

export interface WriteOptions {
  /** Called after each tensor. */
  onTensor?: (written: number, total: number) => void;
  signal?: AbortSignal;
}

/** @param folder must exist. @throws what a tensor's stream throws; the files are then incomplete. */
export async function writeModel(graph: OnnxGraph, folder: string, options: WriteOptions = {}): Promise<void> {
  const tensors: Tensor[] = [...graph.constants];
  const data = openSync(join(folder, dataFile), 'w');
  try {
    let end = 0;
    for (const [index, initializer] of graph.initializers.entries()) {
      await stopPoint(options.signal);
      const length = initializerBytes(initializer);
      if (length <= inlineBytes) {
        tensors.push({ ...initializer, data: Buffer.concat([...copies(initializer)]) });
      } else {
        const offset = Math.ceil(end / alignment) * alignment;
        end = await writeBytes(data, initializer, offset, options.signal);
        tensors.push({ ...initializer, data: { location: dataFile, offset, length } });
        if (end - offset !== length)
          throw new EngineError('internal', `${initializer.name}: ${end - offset} ≠ ${length} bytes`);
      }
      options.onTensor?.(index + 1, graph.initializers.length);
    }
    fsyncSync(data);
  } finally {
    closeSync(data);
  }
  const { nodes, inputs, outputs } = graph;
  const opsets = { '': 17, 'com.microsoft': 1 };
  const model = encodeModel({
    producer: 'moxu',
    graphName: 'gpt2',
    nodes,
    inputs,
    outputs,
    initializers: tensors,
    opsets,
  });
  writeDurably(join(folder, modelFile), model);
}

/** Gives the event loop its turn, so that a stop can arrive, and throws the signal's reason when it has. */
async function stopPoint(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** A block is valid only until the next one is made. */
function* copies(initializer: Initializer): Generator<Uint8Array> {
  for (const block of initializer.bytes()) yield block.slice();
}

/** @returns the position after the last byte */
async function writeBytes(
  fd: number,
  initializer: Initializer,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let position = offset;
  for (const block of initializer.bytes()) {
    await stopPoint(signal);
    for (let done = 0; done < block.length;) {
      const count = writeSync(fd, block, done, block.length - done, position);
      done += count;
      position += count;
    }
  }
  return position;
}

/** Writes a file and waits until it is on the disk. */
export function writeDurably(path: string, content: Uint8Array | string): void {
  const fd = openSync(path, 'wx');
  try {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

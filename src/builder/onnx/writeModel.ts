/**
 * Writes a graph as `model.onnx` with its large initializers in `model.onnx.data`.
 *
 * Large tensors begin at multiples of 4096 bytes, so that the runtime can map them into memory instead of reading them.
 * Who shortens a file that is mapped ends the process at the next touch, so what is read in each run is stored in the
 * graph, which is read: a token table of 3 MB makes a load 4 ms longer, one of 23 MB a fifth (CPM-small, 20 ms), which is
 * too dear.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { EngineError } from '../../errors';
import { dataFile, graphFile } from '../../manifest';
import { checkSpace, freeBytesOf, type FreeBytes } from '../diskSpace';
import { Journal, type Place } from '../journal';
import { ByteProgress, type ProgressListener } from '../progress';
import { initializerBytes, type Initializer, type OnnxGraph } from './graph';
import { encodeModel, type Tensor } from './proto';

/** Initializers up to this size are stored in the graph itself: for those that are packed a page each would be padding. */
const inlineBytes = { packed: 16384, readInRuns: 4 * 1024 * 1024 };
const alignment = 4096;

export interface WriteOptions {
  /** Called after each block. */
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  freeBytes?: FreeBytes;
}

/** Of all that a graph's files hold but the nodes. */
export function weightBytes(graph: OnnxGraph): number {
  return graph.initializers.reduce((sum, initializer) => sum + initializerBytes(initializer), 0);
}

/**
 * @param folder must exist; what an earlier call wrote into it is kept where it is the same.
 * @throws what a tensor's stream throws; the files are then incomplete. EngineError 'disk-full' before anything is made.
 */
export async function writeModel(graph: OnnxGraph, folder: string, options: WriteOptions = {}): Promise<void> {
  const { signal } = options;
  const progress = new ByteProgress(weightBytes(graph), options.onProgress);
  const tensors: Tensor[] = [...graph.constants];
  const [inline, large] = [graph.initializers.filter(isInline), graph.initializers.filter((one) => !isInline(one))];
  const places = placesOf(large);
  const data = openSync(join(folder, dataFile), constants.O_RDWR | constants.O_CREAT);
  try {
    const journal = new Journal(folder);
    const numDone = await journal.resume(data, places, signal);
    const left = places.slice(numDone).reduce((sum, { length }) => sum + length, 0);
    checkSpace(folder, left, options.freeBytes ?? freeBytesOf);
    ftruncateSync(data, endOf(places[numDone - 1]));
    for (const [index, initializer] of large.entries()) {
      const place = places[index] as Place;
      tensors.push({ ...initializer, data: { location: dataFile, offset: place.offset, length: place.length } });
      if (index < numDone) progress.skip(place.length);
      else journal.add(place, await writeTensor(data, initializer, place, progress, signal));
    }
    for (const initializer of inline) {
      const blocks: Uint8Array[] = [];
      for (const block of initializer.bytes()) {
        await stopPoint(signal);
        blocks.push(block.slice()); // it is valid only until the next one is made
      }
      tensors.push({ ...initializer, data: Buffer.concat(blocks) });
      progress.advance(initializerBytes(initializer));
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
  writeDurably(join(folder, graphFile), model);
}

function isInline(initializer: Initializer): boolean {
  return initializerBytes(initializer) <= (initializer.isPacked ? inlineBytes.packed : inlineBytes.readInRuns);
}

function placesOf(initializers: readonly Initializer[]): Place[] {
  const places: Place[] = [];
  for (const initializer of initializers) {
    const offset = Math.ceil(endOf(places.at(-1)) / alignment) * alignment;
    places.push({ name: initializer.name, offset, length: initializerBytes(initializer) });
  }
  return places;
}

function endOf(place: Place | undefined): number {
  return place === undefined ? 0 : place.offset + place.length;
}

/** Gives the event loop its turn, so that a stop can arrive, and throws the signal's reason when it has. */
export async function stopPoint(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** @returns the SHA-256 of the tensor's bytes */
async function writeTensor(
  fd: number,
  initializer: Initializer,
  { name, offset, length }: Place,
  progress: ByteProgress,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  let position = offset;
  for (const block of initializer.bytes()) {
    await stopPoint(signal);
    hash.update(block);
    for (let done = 0; done < block.length;) {
      const count = writeSync(fd, block, done, block.length - done, position);
      done += count;
      position += count;
    }
    progress.advance(block.length);
  }
  if (position - offset !== length)
    throw new EngineError('internal', `${name}: ${position - offset} ≠ ${length} bytes`);
  return hash.digest('hex');
}

/** Writes a file and waits until it is on the disk. */
export function writeDurably(path: string, content: Uint8Array | string): void {
  const fd = openSync(path, 'w');
  try {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

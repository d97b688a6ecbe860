/**
 * Reads what torch.save writes: a pickle that describes tensors, and their values beside it. Since PyTorch 1.6 in a zip
 * archive, `<name>/data.pkl` with `<name>/data/<key>`; before, pickles and values one after the other.
 * Format: https://github.com/pytorch/pytorch/blob/main/torch/serialization.py.
 */
import { copyAgain, withFile, type CheckpointFile } from '../checkpointFile';
import { denseStrides, extent, streamStored, valueBytes, type StoredTensor } from '../storedTensor';
import { numValues, shapeText, type TensorSource, type TensorStream } from '../tensorStream';
import { ByteReader } from './byteReader';
import { readPickle } from './pickle';
import { PickleTuple, saveAgain, type PickleValue } from './pickleValues';
import { TensorView, TensorWorld } from './tensorWorld';
import { readZip, type ZipEntry } from './zip';

/** Where the values of each storage are, by its key. */
type Storages = (key: string) => ZipEntry | undefined;

export class TorchFile implements TensorSource {
  readonly tensors: ReadonlyMap<string, StoredTensor>;

  private constructor(private readonly file: CheckpointFile) {
    const { root, storages } = isZip(file) ? readArchive(file) : readLegacy(file);
    const tensors = new Map<string, StoredTensor>();
    for (const [name, view] of namedTensors(file, root)) tensors.set(name, placed(file, name, view, storages));
    this.tensors = tensors;
  }

  /** @throws EngineError 'checkpoint-invalid' saying what is wrong with the file. */
  static open(path: string): TorchFile {
    return withFile(path, (file) => new TorchFile(file));
  }

  stream(name: string, rows?: { from: number; to: number }): TensorStream {
    return streamStored(name, this.tensors.get(name) ?? this.file.fail(`has no tensor ${name}`, name), rows);
  }

  close(): void {
    this.file.close();
  }
}

interface Saved {
  root: PickleValue;
  storages: Storages;
}

function isZip(file: CheckpointFile): boolean {
  return file.size >= 4 && file.bytes(0, 4).readUInt32LE() === 0x04034b50;
}

function readArchive(file: CheckpointFile): Saved {
  const entries = readZip(file);
  const names = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [description = ''] = names;
  const pickle = entries.get(description);
  if (!pickle || names.length !== 1) return file.fail(`is no file of torch.save: it has ${names.length} data.pkl`);
  const prefix = description.slice(0, -'data.pkl'.length);
  const order = entries.get(`${prefix}byteorder`);
  if (order && file.bytes(order.begin, Math.min(16, order.end - order.begin)).toString('latin1') !== 'little')
    file.fail('was written on a big-endian machine; save it again on another');
  const root = readPickle(new ByteReader(file, pickle.begin, pickle.end), new TensorWorld(file));
  return { root, storages: (key) => entries.get(`${prefix}data/${key}`) };
}

const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyProtocol = 1001;

/** magic number, protocol, { little_endian }, the object; then the storages' keys, and each storage: number of values, values. */
function readLegacy(file: CheckpointFile): Saved {
  const reader = new ByteReader(file, 0, file.size);
  const world = new TensorWorld(file);
  if (file.size < 2 || file.bytes(0, 1)[0] !== 0x80) return file.fail(`is no file of torch.save; ${copyAgain}`);
  if (readPickle(reader, world) !== legacyMagic)
    return file.fail(`is a pickle, but not one of torch.save; ${saveAgain}`);
  const protocol = readPickle(reader, world);
  if (protocol !== legacyProtocol) file.fail('is written in an unknown version of the format of torch.save');
  const system = readPickle(reader, world);
  if (!(system instanceof Map) || system.get('little_endian') !== true)
    file.fail('was written on a big-endian machine; save it again on another');
  const root = readPickle(reader, world);
  const keys = readPickle(reader, world);
  if (!Array.isArray(keys)) return file.fail(`does not say which storages it holds; ${copyAgain}`);
  const found = new Map<string, ZipEntry>();
  for (const key of keys) {
    if (typeof key !== 'string' || found.has(key))
      return file.fail(`names a storage twice or by no text; ${copyAgain}`);
    const bytes = reader.bytes(8).readBigUInt64LE() * BigInt(valueBytes[world.dtypes.get(key) ?? ''] ?? 0);
    const begin = reader.position;
    if (bytes > BigInt(file.size - begin))
      return file.fail(`is truncated: storage ${key.slice(0, 200)} ends behind the file; ${copyAgain}`);
    reader.skip(Number(bytes));
    found.set(key, { begin, end: reader.position });
  }
  return { root, storages: (key) => found.get(key) };
}

/** Where trainers put the weights when they save more than those. */
const wrappers = ['module', 'state_dict', 'model_state_dict', 'model'];

function namedTensors(file: CheckpointFile, root: PickleValue): [string, TensorView][] {
  const tensorsOf = (value: PickleValue | undefined): [string, TensorView][] =>
    value instanceof Map
      ? [...value].filter((entry): entry is [string, TensorView] => {
          const [name, view] = entry;
          return typeof name === 'string' && view instanceof TensorView;
        })
      : [];
  // The wrappers first: the state of a random generator is a tensor by name, too.
  for (const value of [...wrappers.map((key) => (root instanceof Map ? root.get(key) : undefined)), root]) {
    const found = tensorsOf(value);
    if (found.length > 0) return found;
  }
  return file.fail(`holds no tensors by name; ${saveAgain}`);
}

/** @throws EngineError 'checkpoint-invalid' when the tensor is not within its storage, or that not within the file. */
function placed(file: CheckpointFile, name: string, view: TensorView, storages: Storages): StoredTensor {
  const { key, dtype, size, offset: storageOffset } = view.storage;
  const fail = (what: string): never => file.fail(`${what} tensor ${name.slice(0, 200)}; ${copyAgain}`, name);
  const place = storages(key) ?? fail('lacks the values of');
  const itemBytes = valueBytes[dtype] ?? 0;
  if (!isSize(size) || !isSize(storageOffset) || !isSize(view.offset)) return fail('gives impossible sizes for');
  if ((storageOffset + size) * itemBytes > place.end - place.begin) fail('is truncated: it holds too few values for');
  const shape = sizes(view.shape);
  const strides = sizes(view.strides);
  if (!shape || strides?.length !== shape.length) return fail('gives an impossible shape for');
  const numbers = numValues(shape);
  // A view that repeats values could claim any size; it is not how weights are saved.
  if (!(numbers <= size) || !(view.offset + extent(shape, strides) <= size))
    return fail(`has ${size} values for ${shapeText(shape)} of`);
  return {
    ...{ file: file.name, source: file, dtype, shape },
    begin: place.begin + (storageOffset + view.offset) * itemBytes,
    strides: numbers === 0 ? denseStrides(shape) : strides,
  };
}

function isSize(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function sizes(value: PickleValue): number[] | undefined {
  const items = value instanceof PickleTuple ? value.items : Array.isArray(value) ? value : undefined;
  return items !== undefined && items.length <= 16 && items.every(isSize) ? [...items] : undefined;
}

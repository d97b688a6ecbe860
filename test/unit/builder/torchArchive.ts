/** Files as torch.save writes them, put together by hand, so that a test can write what torch.save never would. */
import { deflateRawSync } from 'node:zlib';

/** Pickle instructions, one after the other. */
export const pickle = {
  proto: Buffer.of(0x80, 2),
  mark: Buffer.from('('),
  stop: Buffer.from('.'),
  none: Buffer.from('N'),
  emptyTuple: Buffer.from(')'),
  tuple: Buffer.from('t'),
  emptyDict: Buffer.from('}'),
  emptyList: Buffer.from(']'),
  append: Buffer.from('a'),
  setItems: Buffer.from('u'),
  reduce: Buffer.from('R'),
  build: Buffer.from('b'),
  persistent: Buffer.from('Q'),
  put: (index: number) => Buffer.of(0x71, index),
  get: (index: number) => Buffer.of(0x68, index),
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  text: (text: string) => {
    const bytes = Buffer.from(text);
    const head = Buffer.from('X\0\0\0\0');
    head.writeUInt32LE(bytes.length, 1);
    return Buffer.concat([head, bytes]);
  },
  /** LONG1 of 8 bytes. */
  int: (value: number | bigint) => {
    const bytes = Buffer.from([0x8a, 8, ...new Array<number>(8).fill(0)]);
    bytes.writeBigInt64LE(BigInt(value), 2);
    return bytes;
  },
  tupleOf: (...items: Buffer[]) => Buffer.concat([pickle.mark, ...items, pickle.tuple]),
};

export interface TensorParts {
  key?: string;
  storage?: string;
  numel?: number | bigint;
  offset?: number | bigint;
  shape?: (number | bigint)[];
  strides?: (number | bigint)[];
}

/** A tensor of four float32 unless said otherwise. */
export function tensorPickle({
  key = '0',
  storage = 'FloatStorage',
  numel = 4,
  offset = 0,
  shape = [4],
  strides = [1],
}: TensorParts = {}): Buffer {
  const { global, text, int, tupleOf, persistent, reduce, none } = pickle;
  return Buffer.concat([
    global('torch._utils', '_rebuild_tensor_v2'),
    tupleOf(
      tupleOf(text('storage'), global('torch', storage), text(key), text('cpu'), int(numel)),
      persistent,
      int(offset),
      tupleOf(...shape.map(int)),
      tupleOf(...strides.map(int)),
      Buffer.of(0x89),
      none,
    ),
    reduce,
  ]);
}

/** A dictionary of names and what the pickles make. */
export function dictPickle(entries: [string, Buffer][]): Buffer {
  return Buffer.concat([pickle.proto, nestedDictPickle(entries), pickle.stop]);
}

/** The same within a dictionary. */
export function nestedDictPickle(entries: [string, Buffer][]): Buffer {
  const { emptyDict, mark, text, setItems } = pickle;
  const items = entries.flatMap(([name, value]) => [text(name), value]);
  return Buffer.concat([emptyDict, mark, ...items, setItems]);
}

export interface ZipPart {
  name: string;
  data: Buffer;
  deflate?: boolean;
  /** What the directory says instead of the truth. */
  size?: number;
  localOffset?: number;
  flags?: number;
}

/** A zip archive. */
export function zipOf(parts: readonly ZipPart[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflate = false, size, localOffset, flags = 0 } of parts) {
    const stored = deflate ? deflateRawSync(data) : data;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(deflate ? 8 : 0, 8);
    local.writeUInt32LE(stored.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(deflate ? 8 : 0, 10);
    central.writeUInt32LE(size ?? stored.length, 20);
    central.writeUInt32LE(size ?? data.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(localOffset ?? offset, 42);
    directory.push(central, Buffer.from(name));
    files.push(local, Buffer.from(name), stored);
    offset += 30 + name.length + stored.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}

/** What torch.save writes: the pickle, and a storage of 1, 2, 3, 4 in float32. */
export function torchArchive(data: Buffer, more: readonly ZipPart[] = []): Buffer {
  const values = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
  return zipOf([{ name: 'archive/data.pkl', data }, { name: 'archive/data/0', data: values }, ...more]);
}

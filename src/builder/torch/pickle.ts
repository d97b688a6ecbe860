/**
 * Reads pickles as torch.save writes them, and nothing else: a pickle is a program for a small stack machine, and this
 * machine has no instruction that could call anything but the few classes of `PickleWorld`.
 * Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py.
 */
import { copyAgain } from '../checkpointFile';
import type { ByteReader } from './byteReader';
import { Opaque, PickleClass, PickleTuple, saveAgain, type PickleValue, type PickleWorld } from './pickleValues';
import { refusedOpcodes } from './refusedOpcodes';

/** A model of a thousand tensors makes some ten thousand values in a few hundred kilobytes. */
const maxBytes = 8 << 20;
const maxValues = 1_000_000;

/** @throws EngineError 'checkpoint-invalid' naming the file and what is not on the list, or where it is damaged. */
export function readPickle(reader: ByteReader, world: PickleWorld): PickleValue {
  return new Machine(reader, world).run();
}

class Machine {
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #made = 0;

  constructor(
    private readonly reader: ByteReader,
    private readonly world: PickleWorld,
  ) {}

  run(): PickleValue {
    const begin = this.reader.position;
    for (;;) {
      if (this.reader.position - begin > maxBytes)
        this.#fail(`has a description of its tensors of more than ${maxBytes} bytes; no model has`);
      const opcode = this.reader.byte();
      if (opcode === 0x2e) return this.#pop(); // STOP
      const value = this.#value(opcode);
      if (value !== undefined) this.#push(value);
      else if (!this.#act(opcode)) this.#refuse(opcode);
    }
  }

  /** What the instruction makes; undefined when it makes nothing or is not known. */
  #value(opcode: number): PickleValue | undefined {
    const { reader } = this;
    switch (opcode) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4b: // BININT1
        return reader.byte();
      case 0x4d: // BININT2
        return reader.bytes(2).readUInt16LE();
      case 0x4a: // BININT
        return reader.bytes(4).readInt32LE();
      case 0x8a: // LONG1
        return integer(reader.bytes(reader.byte()));
      case 0x47: // BINFLOAT
        return reader.bytes(8).readDoubleBE();

      case 0x58: // BINUNICODE
        return this.#sized(reader.bytes(4).readUInt32LE()).toString('utf8');
      case 0x8c: // SHORT_BINUNICODE
        return reader.bytes(reader.byte()).toString('utf8');
      case 0x54: // BINSTRING, text of Python 2
        return this.#sized(reader.bytes(4).readUInt32LE()).toString('latin1');
      case 0x55: // SHORT_BINSTRING
        return reader.bytes(reader.byte()).toString('latin1');
      case 0x42: // BINBYTES
        return Uint8Array.from(this.#sized(reader.bytes(4).readUInt32LE()));
      case 0x43: // SHORT_BINBYTES
        return Uint8Array.from(reader.bytes(reader.byte()));

      case 0x29: // EMPTY_TUPLE
        return new PickleTuple([]);
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return new PickleTuple(this.#popped(opcode - 0x84));
      case 0x74: // TUPLE
        return new PickleTuple(this.#sinceMark());
      case 0x5d: // EMPTY_LIST
        return [];
      case 0x7d: // EMPTY_DICT
        return new Map();

      case 0x68: // BINGET
        return this.#get(reader.byte());
      case 0x6a: // LONG_BINGET
        return this.#get(reader.bytes(4).readUInt32LE());
      case 0x63: // GLOBAL
        return this.world.classOf(`${reader.line()}.${reader.line()}`);
      case 0x93: // STACK_GLOBAL
        return this.#stackGlobal();
      case 0x52: // REDUCE: calls a function
      case 0x81: // NEWOBJ: makes an object of a class
        return this.#make();
      case 0x51: // BINPERSID
        return this.world.persistent(this.#pop());
      default:
        return undefined;
    }
  }

  /** @returns whether the instruction is known. */
  #act(opcode: number): boolean {
    const { reader } = this;
    switch (opcode) {
      case 0x80: // PROTO
        if (reader.byte() > 5) this.#fail('is written in a pickle protocol after 5; save it again with an older one');
        return true;
      case 0x95: // FRAME: a hint for readers that buffer
        reader.bytes(8);
        return true;
      case 0x28: // MARK
        this.#count();
        this.#marks.push(this.#stack.length);
        return true;
      case 0x30: // POP
        this.#pop();
        return true;
      case 0x31: // POP_MARK
        this.#sinceMark();
        return true;
      case 0x61: // APPEND
        this.#append(this.#popped(1));
        return true;
      case 0x65: // APPENDS
        this.#append(this.#sinceMark());
        return true;
      case 0x73: // SETITEM
        this.#setItems(this.#popped(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(this.#sinceMark());
        return true;
      case 0x71: // BINPUT
        this.#memo.set(reader.byte(), this.#top());
        return true;
      case 0x72: // LONG_BINPUT
        this.#memo.set(reader.bytes(4).readUInt32LE(), this.#top());
        return true;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return true;
      case 0x62: // BUILD: sets an object's attributes
        this.#build();
        return true;
      default:
        return false;
    }
  }

  #refuse(opcode: number): never {
    const name = refusedOpcodes[opcode];
    return this.#fail(
      name === undefined
        ? `is no pickle of tensors: byte ${this.reader.position - 1} is no instruction; ${copyAgain}`
        : `uses the pickle instruction ${name}, which is not on the list of those that tensors need; ${saveAgain}`,
      name,
    );
  }

  #append(items: PickleValue[]): void {
    const list = this.#top();
    if (list instanceof Opaque) return;
    if (!Array.isArray(list)) return this.#fail(`appends to something that is no list; ${copyAgain}`);
    for (const item of items) list.push(item);
  }

  #setItems(items: PickleValue[]): void {
    const map = this.#top();
    if (map instanceof Opaque) return;
    if (!(map instanceof Map)) return this.#fail(`puts entries into something that is no dictionary; ${copyAgain}`);
    for (let i = 0; i + 1 < items.length; i += 2) {
      const key = items[i] as PickleValue;
      if (map.has(key)) this.#fail(`says ${typeof key === 'string' ? key.slice(0, 200) : 'a key'} twice; ${copyAgain}`);
      map.set(key, items[i + 1] as PickleValue);
    }
  }

  #stackGlobal(): PickleClass {
    const [module, name] = this.#popped(2);
    if (typeof module !== 'string' || typeof name !== 'string') return this.#fail(`names no class; ${copyAgain}`);
    return this.world.classOf(`${module}.${name}`.slice(0, 1000));
  }

  #make(): PickleValue {
    const [callee, args] = this.#popped(2);
    if (!(callee instanceof PickleClass) || !(args instanceof PickleTuple))
      return this.#fail(`calls something that is no class; ${copyAgain}`);
    return callee.make(args.items);
  }

  /** The state of a dictionary (its `_metadata`) or of something opaque is dropped. */
  #build(): void {
    this.#pop();
    const object = this.#top();
    if (!(object instanceof Map) && !(object instanceof Opaque))
      this.#fail(`sets attributes of something that has none; ${saveAgain}`);
  }

  #get(index: number): PickleValue {
    const value = this.#memo.get(index);
    return value === undefined ? this.#fail(`refers to a value that it does not hold; ${copyAgain}`) : value;
  }

  #sized(length: number): Buffer {
    if (length > maxBytes) this.#fail(`holds a text of ${length} bytes; no model does`);
    return this.reader.bytes(length);
  }

  #push(value: PickleValue): void {
    this.#count();
    this.#stack.push(value);
  }

  #count(): void {
    if (++this.#made > maxValues) this.#fail(`describes more than ${maxValues} values; no model does`);
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    return value === undefined ? this.#underflow() : value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    return value === undefined ? this.#underflow() : value;
  }

  #popped(count: number): PickleValue[] {
    return this.#stack.length < count ? this.#underflow() : this.#stack.splice(-count);
  }

  #sinceMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined || mark > this.#stack.length) return this.#underflow();
    return this.#stack.splice(mark);
  }

  #underflow(): never {
    return this.#fail(`takes a value that it has not made; ${copyAgain}`);
  }

  #fail(what: string, refused?: string): never {
    return this.reader.file.fail(what, refused);
  }
}

/** Little-endian two's complement. */
function integer(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

/** The classes that a pickle of tensors may name, and what each becomes here. */
import type { CheckpointFile } from '../checkpointFile';
import { Opaque, PickleClass, PickleObject, PickleTuple, saveAgain } from './pickleValues';
import type { PickleValue, PickleWorld } from './pickleValues';

/** Values in a row, somewhere else in the file; several tensors may share them. */
export class Storage extends PickleObject {
  constructor(
    readonly key: string,
    readonly dtype: string,
    /** Values in it. */
    readonly size: PickleValue,
    /** Values before it in the storage of this key, for old files with views. */
    readonly offset: PickleValue,
  ) {
    super();
  }
}

/** A tensor as the pickle describes it, nothing checked yet. */
export class TensorView extends PickleObject {
  constructor(
    readonly storage: Storage,
    readonly offset: PickleValue,
    readonly shape: PickleValue,
    readonly strides: PickleValue,
  ) {
    super();
  }
}

const storageTypes: Readonly<Record<string, string>> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** What trainers save beside the weights: arguments, and the states of random generators. Never used, so never made. */
const opaqueClasses = [
  ...['torch.Size', 'torch.device', 'torch.float32', 'torch.float16', 'torch.bfloat16', 'torch.int64'],
  ...['argparse.Namespace', 'copy_reg._reconstructor', 'copyreg._reconstructor', '_codecs.encode'],
  ...['__builtin__.object', 'builtins.object', '__builtin__.set', 'builtins.set'],
  ...['numpy.ndarray', 'numpy.dtype', 'numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct'],
  ...['numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar'],
  ...['deepspeed.runtime.fp16.loss_scaler.LossScaler', 'deepspeed.runtime.fp16.loss_scaler.DynamicLossScaler'],
];

export class TensorWorld implements PickleWorld {
  readonly #classes = new Map<string, PickleClass>();
  /** Type of each storage that was referred to, by its key. */
  readonly dtypes = new Map<string, string>();

  constructor(private readonly file: CheckpointFile) {
    const add = (name: string, make: PickleClass['make']) => this.#classes.set(name, new PickleClass(name, make));
    for (const type of Object.keys(storageTypes))
      add(`torch.${type}`, () => this.#fail(`makes a storage by torch.${type}; ${saveAgain}`, `torch.${type}`));
    for (const name of opaqueClasses) add(name, () => new Opaque());
    add('collections.OrderedDict', (args) => this.#dictionary(args));
    add('torch._utils._rebuild_tensor', (args) => this.#tensor(args));
    add('torch._utils._rebuild_tensor_v2', (args) => this.#tensor(args));
    add('torch._utils._rebuild_parameter', ([tensor = null]) => tensor);
  }

  classOf(name: string): PickleClass {
    return (
      this.#classes.get(name) ??
      this.#fail(`asks for ${printable(name)}, which is not on the list of what tensors need; ${saveAgain}`, name)
    );
  }

  /** ('storage', its class, key, device, number of values) and, in old files, (key, offset, size) of a view of it. */
  persistent(id: PickleValue): Storage {
    const [kind, type, key, , size = null, view = null] = id instanceof PickleTuple ? id.items : [];
    const dtype = type instanceof PickleClass ? storageTypes[type.name.replace(/^torch\./, '')] : undefined;
    if (kind !== 'storage' || dtype === undefined || typeof key !== 'string')
      return this.#fail(`refers to something that is no storage of a tensor; ${saveAgain}`);
    if ((this.dtypes.get(key) ?? dtype) !== dtype)
      return this.#fail(`holds a storage as ${dtype} and as ${String(this.dtypes.get(key))}; ${saveAgain}`);
    this.dtypes.set(key, dtype);
    if (!(view instanceof PickleTuple)) return new Storage(key, dtype, size, 0);
    const [, offset = null, viewSize = null] = view.items;
    return new Storage(key, dtype, viewSize, offset);
  }

  #tensor([storage, offset = null, shape = null, strides = null]: readonly PickleValue[]): TensorView {
    if (!(storage instanceof Storage)) return this.#fail(`makes a tensor of something else; ${saveAgain}`);
    return new TensorView(storage, offset, shape, strides);
  }

  /** Empty and filled later, or of a list of pairs. */
  #dictionary([pairs]: readonly PickleValue[]): Map<PickleValue, PickleValue> {
    const map = new Map<PickleValue, PickleValue>();
    for (const pair of Array.isArray(pairs) ? pairs : []) {
      const [key, value] = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : [];
      if (key === undefined || value === undefined || map.has(key))
        return this.#fail(`makes a dictionary of something else, or of one key twice; ${saveAgain}`);
      map.set(key, value);
    }
    return map;
  }

  #fail(what: string, refused?: string): never {
    return this.file.fail(what, refused);
  }
}

/** A name from a file, without what could disturb a message. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 200)).slice(1, -1);
}

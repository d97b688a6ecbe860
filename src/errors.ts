/**
 * What can go wrong between a prompt and its text, in one type that crosses the worker boundary unharmed.
 * `code` decides what the user is told to do; `message` says in English what happened, for the log.
 */
export type EngineErrorCode =
  /** There is no model where one should be. */
  | 'model-missing'
  /** A file of a model is missing, incomplete, or not the one that belongs to it. */
  | 'model-damaged'
  /** Somebody wrote into a model's files while it was in use. */
  | 'model-changed'
  /** A model that this version cannot use, or a folder that holds something else. */
  | 'model-invalid'
  /** What the writer has set cannot be done. */
  | 'setting-invalid'
  /** A checkpoint cannot be converted: wrong tensor, unknown format. */
  | 'checkpoint-invalid'
  /** A checkpoint came without the file of its tokenizer. */
  | 'tokenizer-missing'
  /** What is to be written does not fit on the disk. */
  | 'disk-full'
  /** A folder that is to be written into does not allow it. */
  | 'not-writable'
  /** Another process is writing a model of the same name. */
  | 'busy'
  /** ONNX Runtime refused to load or to run. */
  | 'runtime-failed'
  /** ONNX Runtime's library cannot be loaded: the system lacks one that it needs, or is too old. */
  | 'runtime-missing'
  /** The worker thread ended while the request was pending. */
  | 'worker-died'
  /** The engine was disposed before the request was answered. */
  | 'disposed'
  /** A bug of ours. */
  | 'internal';

/** Of 'checkpoint-invalid': what is wrong with the folder, where that decides what a person can do about it. */
export type CheckpointFault =
  /** It holds no file of weights that is known, itself or a little below. */
  | 'no-weights'
  /** It holds the folders of several models. */
  | 'several'
  /** All that it holds is an archive. */
  | 'packed'
  /** All that it holds is made for other programs, as GGUF is. */
  | 'other-format'
  /** It holds what changes another model, and not that model. */
  | 'adapter'
  /** A browser or another program has not finished a file. */
  | 'downloading'
  /** A file is the few lines that Git LFS puts in its place. */
  | 'pointer'
  /** A file is cut, changed, or something else than its name says. */
  | 'incomplete'
  /** A file lacks that belongs to those that are there. */
  | 'missing-part'
  /** Nothing says what config.json would. */
  | 'no-config'
  /** Files do not belong to each other. */
  | 'mixed'
  /** A network of another architecture. */
  | 'other-model'
  /** A file asks for code to be run. */
  | 'not-only-tensors'
  /** A file is a link that leads out of the folder. */
  | 'link'
  /** The system does not let a file be read. */
  | 'unreadable'
  /** The tokenizer's file is damaged, or another model's. */
  | 'tokenizer';

/** Of 'disk-full', where it was known before anything was written. */
export interface DiskSpace {
  neededBytes: number;
  freeBytes: number;
}

/** What is known of an error besides its message. */
export interface ErrorFacts {
  subject?: string | undefined;
  space?: DiskSpace | undefined;
  fault?: CheckpointFault | undefined;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';

  /** What was refused, by its own name and in no language: a file, and what in it. It can be shown as it is. */
  readonly subject: string | undefined;
  readonly space: DiskSpace | undefined;
  readonly fault: CheckpointFault | undefined;

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorFacts & { cause?: unknown },
  ) {
    super(message, options);
    this.subject = options?.subject === undefined ? undefined : plainName(options.subject);
    this.space = options?.space;
    this.fault = options?.fault;
  }

  /** Wraps whatever was thrown, keeping an EngineError as it is. */
  static from(error: unknown, code: EngineErrorCode = 'internal'): EngineError {
    if (error instanceof EngineError) return error;
    return new EngineError(code, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Names come from files that may mean harm: they are to become no link and no page of text in a message. */
function plainName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N} _.:/+()（）《》“”，、-]/gu, '·');
  return plain.length > 120 ? `${plain.slice(0, 119)}…` : plain;
}

/** Whether another model would help. */
export function isModelProblem({ code }: EngineError): boolean {
  return code === 'model-missing' || code === 'model-damaged' || code === 'model-invalid';
}

/** Closes an exhaustive switch: adding a message without handling it no longer compiles. */
export function assertNever(value: never): never {
  throw new EngineError('internal', `unhandled case: ${JSON.stringify(value)}`);
}

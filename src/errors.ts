/**
 * What can go wrong between a prompt and its text, in one type that crosses the worker boundary unharmed.
 * `code` decides what the user is told to do; `message` says in English what happened, for the log.
 */
export type EngineErrorCode =
  /** There is no model where one should be. */
  | 'model-missing'
  /** A file of a model is missing, incomplete, or not the one that belongs to it. */
  | 'model-damaged'
  /** A model that this version cannot use, or a folder that holds something else. */
  | 'model-invalid'
  /** A checkpoint cannot be converted: wrong tensor, unknown format. */
  | 'checkpoint-invalid'
  /** A checkpoint came without the file of its tokenizer. */
  | 'tokenizer-missing'
  /** What is to be written does not fit on the disk. */
  | 'disk-full'
  /** A folder that is to be written into does not allow it. */
  | 'not-writable'
  /** Another process is writing the same model. */
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

/** Of 'disk-full', where it was known before anything was written. */
export interface DiskSpace {
  neededBytes: number;
  freeBytes: number;
}

/** What is known of an error besides its message. */
export interface ErrorFacts {
  subject?: string | undefined;
  space?: DiskSpace | undefined;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';

  /** What was refused, by its own name and in no language: a file, and what in it. It can be shown as it is. */
  readonly subject: string | undefined;
  readonly space: DiskSpace | undefined;

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorFacts & { cause?: unknown },
  ) {
    super(message, options);
    this.subject = options?.subject === undefined ? undefined : plainName(options.subject);
    this.space = options?.space;
  }

  /** Wraps whatever was thrown, keeping an EngineError as it is. */
  static from(error: unknown, code: EngineErrorCode = 'internal'): EngineError {
    if (error instanceof EngineError) return error;
    return new EngineError(code, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Names come from files that may mean harm: they are to become no link and no page of text in a message. */
function plainName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N} _.:/+-]/gu, '·');
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

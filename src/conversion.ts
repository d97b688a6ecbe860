/**
 * What can be known and chosen of a checkpoint before it is converted, and the messages between the extension host and
 * the thread that converts. Each request gets exactly one terminal reply, and only one runs at a time.
 */
import type { EngineErrorCode, ErrorFacts } from './errors';
import type { Family, KvCacheType, PromptLayout, Quantization, TokenizerKind } from './manifest';

/** Names of archives: what is in them is to be unpacked first. */
export const packedFile = /\.(?:zip|rar|7z|tar|tgz|gz|xz|bz2)$/i;

/** Names of weights for llama.cpp, Ollama and LM Studio, and for TensorFlow, Keras and Flax. */
export const otherProgramsFile =
  /\.(?:gguf|ggml|h5|msgpack|tflite)$|^ggml-.+\.bin$|\.ckpt(?:-\d+)?\.(?:index|meta)$|^sha256-[0-9a-f]{64}$/i;

export interface ModelSettings {
  family: Family;
  /** Decides how text is cut; `cpm-thu` and `cpm-hf46` are the variants of one file. */
  tokenizer: TokenizerKind;
  promptLayout: PromptLayout;
  /** Usable window in tokens; at most what the position table has. */
  contextLength: number;
  endOfText: number[];
}

/** Where a checkpoint is, and what of it is not to be guessed. */
export interface CheckpointChoice {
  /** Folder of the checkpoint. */
  from: string;
  /** The tokenizer's file, where the folder has none. */
  tokenizer?: string;
  settings?: Partial<ModelSettings>;
}

/** What a folder was recognised as. */
export interface Recognised {
  /** The folder's name, or the one that Hugging Face's cache made it of. */
  name: string;
  settings: ModelSettings;
  /** Rows of its position table. */
  maxContextLength: number;
  tokenizerFile: string;
  /** That the tokenizer knows. */
  numTokens: number;
  /** Rows of the model's token table: one for each token, and perhaps more. */
  vocabSize: number;
  numParameters: number;
  numLayers: number;
  hiddenSize: number;
  licence: string;
  /** Of the files to be written. */
  bytes: Record<Quantization, number>;
}

export interface ConversionChoice extends CheckpointChoice {
  /** Model folder to write; one that exists is replaced when the new one is complete. */
  to: string;
  quantization: Quantization;
  /** How the graph is to read earlier keys and values; by default what is faster for the model's size. */
  kvCache?: KvCacheType;
  /** The model's name; by default that of the folder it comes from. */
  name?: string;
}

export interface ConversionProgress {
  writtenBytes: number;
  totalBytes: number;
  /** Null until there is something to judge by. */
  msLeft: number | null;
}

export type ConversionRequest =
  /** Tell what this folder is. */
  | { type: 'recognise'; requestId: number; choice: CheckpointChoice }
  /** Convert it; progress follows. */
  | { type: 'convert'; requestId: number; choice: ConversionChoice }
  /** Copy a finished model folder, each file checked; progress follows. */
  | { type: 'copy'; requestId: number; from: string; to: string }
  /** Compare a model's files with the digests in its manifest; progress follows. */
  | { type: 'verify'; requestId: number; modelDir: string }
  /** End this request at the next block; it is answered by `cancelled`. */
  | { type: 'cancel'; requestId: number };

export type ConversionReply =
  | { type: 'progress'; requestId: number; progress: ConversionProgress }
  /** Answers `recognise`. */
  | { type: 'recognised'; requestId: number; recognised: Recognised }
  /** Answers `convert` and `copy`. */
  | { type: 'written'; requestId: number }
  /** Answers `verify`: names of files that are missing or changed. */
  | { type: 'verified'; requestId: number; damaged: string[] }
  | { type: 'cancelled'; requestId: number }
  | { type: 'failed'; requestId: number; code: EngineErrorCode; message: string; facts: ErrorFacts };

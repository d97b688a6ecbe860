/**
 * Every message that crosses the boundary between the extension host and the engine's worker thread.
 * Text crosses it, token ids never do. Each request gets exactly one terminal reply: `loaded`, `finished` or `failed`;
 * `dispose` gets `disposed`, after which the worker ends by itself.
 */
import type { EngineErrorCode } from './errors';
import type { Manifest } from './manifest';
import type { GenerateOptions } from './options';

/** What the model is to continue. */
export interface Prompt {
  /** The document's title; '' where there is none. Stays in the window however long the text is. */
  title: string;
  /** The body before the cursor, or its end, in the model's form: paragraphs separated by one "\n". */
  text: string;
  /** Whether `text` begins where the body begins. */
  fromStart: boolean;
}

/** A piece of a stream. Pieces joined are the text; none is ever taken back. */
export interface TextDelta {
  text: string;
  /** Sum of the natural logarithms of the model's own probabilities of the tokens that made `text`. */
  logProb: number;
  numTokens: number;
}

export type FinishReason =
  /** Where `stopAt` allows an end. */
  | 'stop'
  /** The model ended the text. */
  | 'endOfText'
  /** `maxNewTokens` reached. */
  | 'length'
  | 'aborted';

export interface GenerateResult {
  /** All deltas joined. */
  text: string;
  finishReason: FinishReason;
  /** Tokens sampled, an end-of-text token included. */
  numTokens: number;
  /** Tokens given to the model at first: title, separator and as much text as fits. */
  numPromptTokens: number;
}

export type ModelInfo = Pick<
  Manifest,
  'name' | 'numParameters' | 'contextLength' | 'quantization' | 'vocabSize' | 'licence'
> & {
  /** The ONNX Runtime execution provider that runs it. */
  device: 'cpu';
  numThreads: number;
  /** From the request to the first possible run. */
  loadMs: number;
};

export type EngineRequest =
  /** Load this model folder, in place of another one if there is one. */
  | { type: 'load'; requestId: number; modelDir: string }
  /** Continue a prompt; deltas follow. Requests run one after the other, in order. */
  | { type: 'generate'; requestId: number; prompt: Prompt; options: GenerateOptions }
  /** End this request at the next token or prefill chunk; it is answered by `finished` with reason `aborted`. */
  | { type: 'abort'; requestId: number }
  /** Abort everything, free the session and end. */
  | { type: 'dispose' };

export type EngineReply =
  /** Answers `load`. */
  | { type: 'loaded'; requestId: number; model: ModelInfo }
  /** A piece of the text of a `generate`. */
  | { type: 'delta'; requestId: number; delta: TextDelta }
  /** Answers `generate`. */
  | { type: 'finished'; requestId: number; result: GenerateResult }
  /** Answers `load` or `generate`. */
  | { type: 'failed'; requestId: number; code: EngineErrorCode; message: string }
  /** Answers `dispose`; the last message. */
  | { type: 'disposed' };

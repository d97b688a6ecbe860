/**
 * Every message between the extension host and the engine's worker thread. Text crosses, token ids never do.
 *
 * Each request gets exactly one terminal reply: that of its type, or `failed`; `dispose` gets `disposed`, after which the
 * worker ends by itself.
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
  /** `text` ends with a word that the writer has just committed as one: it hardly ever goes on within it. */
  endsWord?: boolean;
}

/** A part of a text of the writer's, from which words are learnt; the parts of a text come in order, again and again. */
export interface TextPart {
  /** Of the text: its parts have one, and no other text has it. */
  name: string;
  /** In the model's form. */
  text: string;
  isFirst: boolean;
  /** With it, what did not come again since the first part is forgotten. */
  isLast: boolean;
}

/** A piece of a stream. Pieces joined are the text; none is ever taken back. */
export interface TextDelta {
  text: string;
  /**
   * Sum of the natural logarithms of the probabilities of the tokens that made `text`: the model's own, or with `ownWords`
   * those of the model and the writer's own words together.
   */
  logProb: number;
  numTokens: number;
  /**
   * Set where more than half of the probability of each token came from the writer's own words, or where it goes on as the
   * writer's text does behind such a one.
   */
  isOwn?: true;
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

/** What a candidate is drawn with; null takes the likeliest token each time, as temperature 0 does. */
export type CandidateSeed = number | null;

/** One of several continuations of a prompt that were written together. */
export interface CandidateResult extends GenerateResult {
  seed: CandidateSeed;
  /** What a stream would have given. */
  deltas: readonly TextDelta[];
  /** Of `text`, as in TextDelta. */
  logProb: number;
}

/** Texts for a gap, and how well what follows the gap goes on after each. */
export interface GapFilling {
  /** In the order of the seeds, each as it would be shown; without those of which nothing would be, and repetitions. */
  candidates: (CandidateResult & {
    /** Natural logarithm of the probability of the first words after the gap, with this text in it. */
    suffixLogProb: number;
  })[];
  /** The same with nothing in the gap. */
  emptySuffixLogProb: number;
}

/** How ONNX Runtime shares the work of a run. */
export interface Threads {
  numThreads: number;
  /** Threads wait for work by asking for it all the time: quicker, and hot. */
  spinning: boolean;
}

/** What a model runs on: the names of ONNX Runtime's execution providers. */
export const devices = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type Device = (typeof devices)[number];

/** Why a model does not run on the device that was asked for, or that `auto` tried. */
export type DeviceRefusal = {
  device: Device;
  /** What was seen, in English, for the log and the report. */
  detail: string;
} & (
  | { why: RefusalReason }
  /** It computes something else than the CPU does. */
  | {
      why: 'wrong';
      /** Of the logits from the CPU's, relative to these; left out where some are no numbers. */
      distance?: number;
    }
  /** The CPU is as fast. */
  | {
      why: 'slower';
      /** Of a token, in milliseconds. */
      times: { onDevice: number; onCpu: number };
    }
);

type RefusalReason =
  /** Nothing is known of it yet. */
  | 'untried'
  /** ONNX Runtime's package for this platform has no such provider, or its libraries are not installed. */
  | 'unavailable'
  /** The provider refused the graph, or failed while running it. */
  | 'failed'
  /** The process that tried it died, or did not answer. */
  | 'crashed'
  /** It is a program that plays a GPU on the CPU. */
  | 'software'
  /** The model is so small that no device can help. */
  | 'tiny';

export type ModelInfo = Pick<
  Manifest,
  'name' | 'numParameters' | 'contextLength' | 'quantization' | 'vocabSize' | 'licence' | 'sampling'
> & {
  /** As `identityOf` tells it. */
  identity: string;
  device: Device;
  /** Why it runs there and not elsewhere; null where nothing else was asked for. */
  refusal: DeviceRefusal | null;
  threads: Threads;
  /** Whether another choice of threads may suit this machine better, which `calibrate` finds out. */
  needsCalibration: boolean;
  /** From the request to the first possible run. */
  loadMs: number;
};

export type EngineRequest =
  /**
   * Load this model folder, in place of another one if there is one; `threads` as calibrated before, or null. Where the
   * device fails it is loaded on the CPU.
   */
  | { type: 'load'; requestId: number; modelDir: string; threads: Threads | null; device: Device }
  /** Find out by running which threads suit the loaded model, and use them from now on; can be aborted. */
  | { type: 'calibrate'; requestId: number }
  /** Continue a prompt; deltas follow. Requests run one after the other, in order. */
  | { type: 'generate'; requestId: number; prompt: Prompt; options: GenerateOptions }
  /** Continue a prompt once for each seed, in place of the options' own; answered by `candidates`, without deltas. */
  | { type: 'generateCandidates'; requestId: number; prompt: Prompt; options: GenerateOptions; seeds: CandidateSeed[] }
  /** The same between `prompt` and `suffix`; answered by `filled`. */
  | {
      type: 'fillGap';
      requestId: number;
      prompt: Prompt;
      suffix: string;
      options: GenerateOptions;
      seeds: CandidateSeed[];
    }
  /** Compute what continuing this prompt would need first, because somebody may soon ask for it. */
  | { type: 'warm'; requestId: number; prompt: Prompt }
  /** Learn words from this part of a text; what was learnt is lost with the model that was loaded. */
  | { type: 'learn'; requestId: number; part: TextPart }
  /** Forget what was learnt from the text of this name, or from all texts. */
  | { type: 'forget'; requestId: number; name: string | null }
  /** End this request at the next token or prefill chunk; it is answered as ever, with reason `aborted`. */
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
  /** Answers `generateCandidates`; in the order of the seeds. */
  | { type: 'candidates'; requestId: number; candidates: CandidateResult[] }
  /** Answers `fillGap`; null when it was aborted. */
  | { type: 'filled'; requestId: number; filling: GapFilling | null }
  /** Answers `warm`, aborted or not. */
  | { type: 'warmed'; requestId: number }
  /** Answers `learn` and `forget`. */
  | { type: 'learnt'; requestId: number }
  /** Answers `calibrate`; null when it was aborted. */
  | { type: 'calibrated'; requestId: number; threads: Threads | null }
  /** Answers any of them in place of its own reply. */
  | { type: 'failed'; requestId: number; code: EngineErrorCode; message: string }
  /** Answers `dispose`; the last message. */
  | { type: 'disposed' };

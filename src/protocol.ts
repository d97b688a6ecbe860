/**
 * Every message that crosses a boundary: between the extension host and the engine's worker thread, and between the
 * extension host and the page of the 题目成文 panel. Text crosses, token ids never do.
 *
 * Of the worker's, each request gets exactly one terminal reply: that of its type, or `failed`; `dispose`
 * gets `disposed`, after which the worker ends by itself.
 */
import type { EngineErrorCode } from './errors';
import type { Manifest } from './manifest';
import type { GenerateOptions } from './options';
import type { PresetName } from './presets';

/** What the model is to continue. */
export interface Prompt {
  /** The document's title; '' where there is none. Stays in the window however long the text is. */
  title: string;
  /** The body before the cursor, or its end, in the model's form: paragraphs separated by one "\n". */
  text: string;
  /** Whether `text` begins where the body begins. */
  fromStart: boolean;
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

/** One of several continuations of a prompt that were written together. */
export interface CandidateResult extends GenerateResult {
  seed: number;
  /** Of `text`, as in TextDelta. */
  logProb: number;
}

/** Texts for a gap, and how well what follows the gap goes on after each. */
export interface GapFilling {
  /** In the order of the seeds. */
  candidates: (CandidateResult & {
    /** Natural logarithm of the probability of the text after the gap, with this one in it. */
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
export interface DeviceRefusal {
  device: Device;
  why:
    /** Nothing is known of it yet. */
    | 'untried'
    /** ONNX Runtime's package for this platform has no such provider, or its libraries are not installed. */
    | 'unavailable'
    /** The provider refused the graph, or failed while running it. */
    | 'failed'
    /** The process that tried it died, or did not answer. */
    | 'crashed'
    /** It computes something else than the CPU does. */
    | 'wrong'
    /** It is a program that plays a GPU on the CPU. */
    | 'software'
    /** The CPU is as fast. */
    | 'slower'
    /** The model is so small that no device can help. */
    | 'tiny';
  /** What was seen, in English, for the log and the report. */
  detail: string;
}

export type ModelInfo = Pick<
  Manifest,
  'name' | 'numParameters' | 'contextLength' | 'quantization' | 'vocabSize' | 'licence' | 'sampling'
> & {
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
  | { type: 'generateCandidates'; requestId: number; prompt: Prompt; options: GenerateOptions; seeds: number[] }
  /** The same between `prompt` and `suffix`; answered by `filled`. */
  | { type: 'fillGap'; requestId: number; prompt: Prompt; suffix: string; options: GenerateOptions; seeds: number[] }
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

/** What the writer asks of an article. */
export interface ArticleRequest {
  /** One line, not empty. */
  title: string;
  /** How the text begins, in the model's form; '' where the model is to begin it. */
  opening: string;
  /** Of the whole text, opening included, in 字 (see characterCount). */
  length: number;
  preset: PresetName;
  seed: number;
}

export const articleStates = ['writing', 'finished', 'stopped', 'failed'] as const;
export type ArticleState = (typeof articleStates)[number];

export interface Article extends ArticleRequest {
  id: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** What the model has written, without the opening. */
  text: string;
  state: ArticleState;
  /** From the first piece of text to the last. */
  writingMs: number;
}

/** A line of the history. */
export type ArticleSummary = Pick<Article, 'id' | 'title' | 'startedAt' | 'state'> & { characters: number };

/** What is in the panel's fields, whether it makes sense or not. */
export interface ArticleDraft {
  title: string;
  opening: string;
  length: string;
  preset: string;
  seed: string;
  isMoreOpen: boolean;
  /** Milliseconds since 1970. */
  editedAt: number;
}

/** What the panel is told to do, and does, outside the article. */
export interface PanelMessage {
  kind: 'notice' | 'problem';
  text: string;
  actions: ('openLog' | 'openSettings')[];
}

/** From the page. Not trusted: parsePanelRequest looks at every value. */
export type PanelRequest =
  /** The page was loaded and knows nothing yet. */
  | { type: 'ready' }
  /** The fields have changed: keep them for the next window. */
  | { type: 'draft'; draft: ArticleDraft }
  /** Write an article, in place of one that is being written; without a seed, on a random one. */
  | { type: 'generate'; request: Omit<ArticleRequest, 'seed'> & { seed: number | null } }
  /** End the article that is being written. */
  | { type: 'stop' }
  /** Write another article on the same request, with a new seed. */
  | { type: 'retry'; id: string }
  /** Show an article of the history. */
  | { type: 'show'; id: string }
  /** Insert the article at the cursor of the last active editor. */
  | { type: 'insert'; id: string }
  /** Open the article, with its title, as a new Markdown document. */
  | { type: 'openAsDocument'; id: string }
  /** Put the article's text on the clipboard. */
  | { type: 'copy'; id: string }
  /** Ask the writer, then erase an article of the history. */
  | { type: 'erase'; id: string }
  /** Ask the writer, then erase the history. */
  | { type: 'eraseAll' }
  /** Show the log. */
  | { type: 'openLog' }
  /** Show the setting that chooses the model. */
  | { type: 'openSettings' };

/** To the page. A page that is hidden misses them, and asks with `ready` when it is shown again. */
export type PanelReply =
  /** All there is to show. Answers `ready`, and follows every change but a growing text. */
  | {
      type: 'state';
      /** The one that is shown. */
      article: Article | null;
      /** The one that is being written, shown or not. */
      writingId: string | null;
      /** Newest first. */
      history: ArticleSummary[];
      /** As last kept; the page may have newer ones. */
      draft: ArticleDraft | null;
      model: { isTrial: boolean; isLoading: boolean };
      message: PanelMessage | null;
    }
  /** The text of an article goes on at index `from`. */
  | { type: 'delta'; id: string; from: number; text: string; writingMs: number };

/** Counts of what became of suggestions, on one day or on several together; characters are 字. */
export interface Figures {
  /** Suggestions by what became of them; together they are those that were shown. */
  accepted: number;
  partlyAccepted: number;
  typedThrough: number;
  passedOver: number;
  charactersShown: number;
  charactersAccepted: number;
  /** Of suggestions that were typed to their end. */
  charactersTyped: number;
  /** Pieces accepted at least a minute ago; of these, the ones of which nothing was removed. */
  checked: number;
  kept: number;
  charactersChecked: number;
  charactersKept: number;
}

/** By day, as 2026-11-28 in the writer's time. */
export type FiguresByDay = Record<string, Figures>;

/** From the page of the writer's figures. Not trusted: parseFiguresRequest looks at every value. */
export type FiguresRequest =
  /** The page was loaded and knows nothing yet. */
  | { type: 'ready' }
  /** Count from now on, or stop counting. */
  | { type: 'setEnabled'; enabled: boolean }
  /** Ask the writer, then erase all figures. */
  | { type: 'erase' };

/** To that page; again whenever something has changed. */
export interface FiguresReply {
  type: 'figures';
  /** As the days of `byDay`. */
  today: string;
  byDay: FiguresByDay;
  /** Whether they are being counted. */
  isOn: boolean;
}

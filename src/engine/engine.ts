/** The engine as the rest of the extension sees it. Nothing here tells where or on what the model runs. Types only. */
import type { EngineError } from '../errors';
import type { GenerateOptions } from '../options';
import type {
  CandidateResult,
  CandidateSeed,
  GapFilling,
  GenerateResult,
  ModelInfo,
  Prompt,
  TextDelta,
  TextPart,
  Threads,
} from '../protocol';

export type EngineState =
  | { kind: 'unloaded' }
  | { kind: 'loading' }
  | { kind: 'ready'; model: ModelInfo }
  /** The next request tries again. */
  | { kind: 'failed'; error: EngineError };

export interface Engine {
  readonly state: EngineState;
  /** Called at each change of `state`. @returns a function that ends it. */
  onStateChange(listener: (state: EngineState) => void): () => void;
  /** Loads the model unless it is there; where another is chosen meanwhile, that one. @throws EngineError */
  load(): Promise<ModelInfo>;
  /**
   * Streams the continuation of `prompt`, loading the model first if need be. Aborting `signal` or leaving the loop
   * ends the work at the next token; the result then says 'aborted'.
   * @throws RangeError naming a bad option before anything is sent; EngineError
   */
  generate(
    prompt: Prompt,
    options: Partial<GenerateOptions>,
    signal: AbortSignal,
  ): AsyncGenerator<TextDelta, GenerateResult>;
  /**
   * Continues `prompt` once for each seed, all together and without streaming: three take less than twice as long as
   * one. Aborting `signal` ends all of them at the next token. Results are in the order of the seeds.
   * @throws as generate
   */
  generateCandidates(
    prompt: Prompt,
    options: Partial<Omit<GenerateOptions, 'seed'>>,
    seeds: readonly CandidateSeed[],
    signal: AbortSignal,
  ): Promise<CandidateResult[]>;
  /**
   * Writes texts that could stand between `prompt` and `suffix`, the rest of the line, and tells how likely the model finds
   * the beginning of `suffix` after each.
   * @returns null when `signal` was aborted @throws as generate
   */
  fillGap(
    prompt: Prompt,
    suffix: string,
    options: Partial<Omit<GenerateOptions, 'seed'>>,
    seeds: readonly CandidateSeed[],
    signal: AbortSignal,
  ): Promise<GapFilling | null>;
  /** Lets the model read `prompt`, so that its continuation begins sooner when it is asked for. @throws EngineError */
  warm(prompt: Prompt, signal: AbortSignal): Promise<void>;
  /**
   * Learns words from a text of the writer's, part by part; `ownWords` makes use of them. It is kept in memory only, and gone
   * with the model: when `state` becomes ready, all texts have to come again. Does nothing while it is not.
   * @throws EngineError
   */
  learn(part: TextPart): Promise<void>;
  /** Forgets what was learnt from the text of this name, or from all texts. @throws EngineError */
  forget(name: string | null): Promise<void>;
  /** Ends the work in hand and frees everything. Resolves when the thread has ended. */
  dispose(): Promise<void>;
}

export interface RunSpeed {
  /** From the request to the first text. */
  firstTokenMs: number;
  /** From then on. */
  tokensPerSecond: number;
}

/** For those who choose the model, and those who tell of it. */
export interface SwitchableEngine extends Engine {
  /** Of what the model wrote last; null before it has written a few words. */
  readonly speed: RunSpeed | null;
  /** Called when the loaded model has written enough to tell how fast. @returns a function that ends it */
  onSpeed(listener: (model: ModelInfo, tokensPerSecond: number) => void): () => void;
  /**
   * Uses another model folder from the next request on, and for those that still wait for their model. Text that is being
   * written ends as aborted.
   */
  switchModel(modelDir: string): Promise<void>;
  /** The model that is loaded, or being loaded, is called otherwise from now on; nothing of it has to be loaded again. */
  renamed(name: string): Promise<void>;
}

/** Keeps what a calibration found, for each model on this machine. */
export interface ThreadMemory {
  recall(identity: string): Threads | null;
  remember(identity: string, threads: Threads): void;
}

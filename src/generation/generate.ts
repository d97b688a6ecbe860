/** The loop: prompt → window → logits → sampler → text, one token at a time. */
import { setImmediate } from 'node:timers/promises';
import type { Manifest } from '../manifest';
import { resolveOptions } from '../options';
import type { GenerateOptions } from '../options';
import type { GenerateResult, TextDelta } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { Continuation } from './continuation';
import type { EvidenceSource } from './evidence';
import type { Healer } from './healing';
import type { LineStart } from './lineStart';
import type { EncodedPrompt } from './promptWindow';
import { guided } from './titleGuidance';

/** What the loop needs of a network. */
export interface LanguageModel {
  /**
   * Logits [vocabSize] for the token that follows `tokenIds` (1 … contextLength of them). Whatever is known from the
   * call before is not computed again. The array is valid until the next call.
   * @returns null when `signal` was aborted meanwhile.
   */
  logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null>;
  /**
   * Logits [vocabSize] for the token that follows each of `rows`. What they all begin with is computed and stored once, and
   * whatever is known from the call before not again, though rows may have left since. The arrays are valid until the next
   * call. `titleGuidance` needs it. @returns as logitsAfter
   */
  logitsAfterEach?(rows: readonly (readonly number[])[], signal: AbortSignal): Promise<Float32Array[] | null>;
  /** The next call computes all of its text. */
  forgetTexts(): void;
}

export interface LoadedModel {
  network: LanguageModel;
  tokenizer: Tokenizer;
  manifest: Manifest;
  /** null where prompts are taken as they are cut. */
  healer: Healer | null;
  /** null where a line may begin with anything. */
  lineStart: LineStart | null;
  /** What was learnt from the writer's other texts. */
  learnt: EvidenceSource | null;
  /** What the model's training text went on with; null where it has no table of that. */
  table: EvidenceSource | null;
}

/** Streams the continuation of `prompt`. Deltas joined are the text; aborting ends it early, without an error. */
export async function* generate(
  model: LoadedModel,
  prompt: EncodedPrompt,
  options: GenerateOptions,
  signal: AbortSignal,
): AsyncGenerator<TextDelta, GenerateResult> {
  const continuation = new Continuation(model, prompt, options, true);
  if (options.repeatable) model.network.forgetTexts();
  while (continuation.finishReason === null) {
    // Lets the worker read its messages: an abort that waits behind microtasks would never be seen.
    await setImmediate();
    const logits = signal.aborted ? null : await nextLogits(model.network, continuation, options, signal);
    if (logits === null) break;
    const delta = continuation.step(logits);
    if (delta) yield delta;
  }
  const rest = continuation.end();
  if (rest) yield rest;
  return continuation.result();
}

/** A window that has hopped shares too little with the one before to be worth keeping. */
async function nextLogits(
  network: LanguageModel,
  continuation: Continuation,
  { titleGuidance }: GenerateOptions,
  signal: AbortSignal,
): Promise<Float32Array | null> {
  const known = continuation.windowLength;
  const window = continuation.window();
  const untitled = titleGuidance === 1 ? null : continuation.untitledWindow();
  if (untitled === null || !network.logitsAfterEach) return network.logitsAfter(window, signal);
  if (window.length < known) network.forgetTexts();
  const found = await network.logitsAfterEach([window, untitled], signal);
  return found && guided(found[0] as Float32Array, found[1] as Float32Array, titleGuidance);
}

/** Lets the network read what `generate` would begin with for `prompt`. */
export async function prefill(model: LoadedModel, prompt: EncodedPrompt, signal: AbortSignal): Promise<void> {
  const continuation = new Continuation(model, prompt, resolveOptions({}));
  await model.network.logitsAfter(continuation.window(), signal);
}

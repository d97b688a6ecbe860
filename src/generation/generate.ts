/** The loop: prompt → window → logits → sampler → text, one token at a time. */
import { setImmediate } from 'node:timers/promises';
import type { Manifest } from '../manifest';
import type { GenerateOptions } from '../options';
import type { FinishReason, GenerateResult, TextDelta } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { Output } from './output';
import { promptWindow } from './promptWindow';
import type { EncodedPrompt } from './promptWindow';
import { seededRandom } from './random';
import { Sampler, logProbability } from './sampler';
import { newTextStream } from './textStream';

/** What the loop needs of a network. */
export interface LanguageModel {
  /**
   * Logits [vocabSize] for the token that follows `tokenIds` (1 … contextLength of them). Whatever is known from the
   * call before is not computed again. The array is valid until the next call.
   * @returns null when `signal` was aborted meanwhile.
   */
  logitsAfter(tokenIds: readonly number[], signal: AbortSignal): Promise<Float32Array | null>;
}

export interface LoadedModel {
  network: LanguageModel;
  tokenizer: Tokenizer;
  manifest: Manifest;
}

/** Streams the continuation of `prompt`. Deltas joined are the text; aborting ends it early, without an error. */
export async function* generate(
  { network, tokenizer, manifest }: LoadedModel,
  prompt: EncodedPrompt,
  options: GenerateOptions,
  signal: AbortSignal,
): AsyncGenerator<TextDelta, GenerateResult> {
  const { specialTokens } = manifest;
  const sampler = new Sampler(options, tokenizer, specialTokens, seededRandom(options.seed));
  const output = new Output(
    newTextStream(manifest.tokenizer.kind, tokenizer.decode(prompt.textIds.slice(-200))),
    options,
  );
  const textIds = [...prompt.textIds];
  let window = promptWindow(prompt, manifest);
  const numPromptTokens = window.length;
  let numTokens = 0;
  let finishReason: FinishReason = 'length';

  while (numTokens < options.maxNewTokens) {
    // Lets the worker read its messages: an abort that waits behind microtasks would never be seen.
    await setImmediate();
    if (window.length >= manifest.contextLength) window = promptWindow({ ...prompt, textIds }, manifest);
    const logits = signal.aborted ? null : await network.logitsAfter(window, signal);
    if (logits === null) {
      finishReason = 'aborted';
      break;
    }
    const tokenId = sampler.sample(logits, window, output.text.length >= options.minCharacters);
    numTokens++;
    if (specialTokens.endOfText.includes(tokenId)) {
      finishReason = 'endOfText';
      break;
    }
    window.push(tokenId);
    textIds.push(tokenId);
    const delta = output.add(tokenizer.tokenBytes(tokenId), logProbability(logits, tokenId));
    if (delta) yield delta;
    if (output.stopped) {
      finishReason = 'stop';
      break;
    }
  }
  const rest = output.end();
  if (rest) yield rest;
  return { text: output.text, finishReason, numTokens, numPromptTokens };
}

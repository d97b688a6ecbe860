/** The loop: prompt → window → logits → sampler → text, one token at a time. */
import { setImmediate } from 'node:timers/promises';
import { stopIndex } from '../context/stopIndex';
import type { Manifest } from '../manifest';
import type { GenerateOptions } from '../options';
import type { FinishReason, GenerateResult, TextDelta } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { promptWindow } from './promptWindow';
import type { EncodedPrompt } from './promptWindow';
import { seededRandom } from './random';
import { Sampler, logProbability } from './sampler';
import { TextStream } from './textStream';

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
  const stream = new TextStream();
  const textIds = [...prompt.textIds];
  const finish = (finishReason: FinishReason): GenerateResult => ({ text, finishReason, numTokens, numPromptTokens });

  let window = promptWindow(prompt, manifest);
  const numPromptTokens = window.length;
  let text = '';
  let sent = 0;
  let numTokens = 0;
  let held = { logProb: 0, numTokens: 0 }; // of tokens whose text is not complete yet

  while (numTokens < options.maxNewTokens) {
    // Lets the worker read its messages: an abort that waits behind microtasks would never be seen.
    await setImmediate();
    if (signal.aborted) return finish('aborted');
    if (window.length >= manifest.contextLength) window = promptWindow({ ...prompt, textIds }, manifest);
    const logits = await network.logitsAfter(window, signal);
    if (logits === null) return finish('aborted');

    const tokenId = sampler.sample(logits, window);
    numTokens++;
    if (specialTokens.endOfText.includes(tokenId)) return finish('endOfText');
    window.push(tokenId);
    textIds.push(tokenId);
    held = { logProb: held.logProb + logProbability(logits, tokenId), numTokens: held.numTokens + 1 };
    text += stream.push(tokenizer.tokenBytes(tokenId));

    const stop = stopIndex(text, options.stopAt, options.minCharacters);
    if (stop >= 0) text = text.slice(0, stop);
    if (text.length > sent) {
      yield { text: text.slice(sent), ...held };
      sent = text.length;
      held = { logProb: 0, numTokens: 0 };
    }
    if (stop >= 0) return finish('stop');
  }
  return finish('length');
}

/** What can be asked to go on with a text: the product's network, or a baseline in its place. */
import { toModelText } from '../context/modelText';
import { promptCharacters } from '../context/promptLength';
import { generate } from '../generation/generate';
import type { LoadedModel } from '../generation/generate';
import { encodePrompt } from '../generation/promptWindow';
import { resolveOptions } from '../options';
import type { GenerateOptions } from '../options';
import type { GenerateResult, Prompt, TextDelta } from '../protocol';

export interface Predictor {
  /** Characters of text worth giving; the rest has no influence. */
  readonly maxCharacters: number;
  continuation(
    prompt: Prompt,
    options: Partial<GenerateOptions>,
  ): AsyncGenerator<TextDelta, GenerateResult | undefined>;
}

const noSignal = new AbortController().signal;

/** The product's generation: what engine/worker.ts does with a request, without the thread in between. */
export function networkPredictor(model: LoadedModel): Predictor {
  return {
    maxCharacters: promptCharacters(model.manifest.contextLength),
    continuation: (prompt, options) => generate(model, encodePrompt(prompt, model), resolveOptions(options), noSignal),
  };
}

/**
 * Where the prompt's text starts for a cursor at `offset`, as editor/documentText.ts has it after typing from the
 * beginning: it stays while the text grows to `maxCharacters`, then moves so that three quarters of them are left.
 */
export function anchorOffset(offset: number, maxCharacters: number): number {
  if (offset <= maxCharacters) return 0;
  const hop = maxCharacters + 1 - Math.floor(maxCharacters * 0.75);
  return Math.ceil((offset - maxCharacters) / hop) * hop;
}

export function promptAt(title: string, text: string, offset: number, maxCharacters: number, endsWord = false): Prompt {
  let start = anchorOffset(offset, maxCharacters);
  if (/[\udc00-\udfff]/.test(text[start] ?? '')) start++;
  return { title, text: toModelText(text.slice(start, offset)), fromStart: start === 0, endsWord };
}

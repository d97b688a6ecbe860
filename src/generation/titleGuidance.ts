/**
 * Classifier-free guidance by the title (Sanchez et al. 2023, “Stay on topic with classifier-free guidance”): what the title
 * makes likelier than it would be without counts more than the model has learnt to let it. A small model soon listens to
 * its own last sentence only, and a text leaves its subject.
 */
import type { Manifest } from '../manifest';
import { pinnedLength, type EncodedPrompt } from './promptWindow';
import { distributionOf } from './softmax';

type WindowModel = Pick<Manifest, 'contextLength' | 'promptLayout' | 'specialTokens'>;

/** `window` of a prompt as it would be if the text had no title; null where it has none. */
export function withoutTitle(window: readonly number[], prompt: EncodedPrompt, model: WindowModel): number[] | null {
  const { start, separator, opening } = model.specialTokens;
  const from = start === null ? 0 : 1;
  const length = pinnedLength(prompt, model);
  if (length === 0) return null;
  const after = window.slice(from + length);
  // A separator that stands before no beginning would tell of one.
  const isMiddle = after[0] === separator && opening !== undefined && after[1] !== opening;
  const text = isMiddle ? after.slice(1) : after;
  return text.length === 0 ? null : [...window.slice(0, from), ...text];
}

/** ln p(token | title) + (strength − 1) · (ln p(token | title) − ln p(token)), for each token. Both are [vocabSize]. */
export function guided(titled: Float32Array, untitled: Float32Array, strength: number): Float32Array {
  const [withTitle, without] = [distributionOf(titled).logSum, distributionOf(untitled).logSum];
  const more = strength - 1;
  return titled.map((logit, id) => {
    const logProb = logit - withTitle;
    return logProb + more * (logProb - ((untitled[id] as number) - without));
  });
}

/**
 * Bits per character right behind a cursor that may stand anywhere, also inside what the tokenizer makes one token, with
 * token healing and without it:
 *
 *     text            今 天 天 气 很 好
 *     its tokens      今天│天气│很│好
 *     cursor                ▲              between 天 and 气
 *     without         今天│天│ 气│很│好          −Σ log₂ p over the tokens of what follows, cut for itself
 *     with healing    今天│ 天气│很│好            the same over those of the text, where the first ones are given that
 *                                              they begin with 天, as typed
 *
 * What is measured reaches from the cursor to the end of a token of the text, `span` characters behind it or a little more,
 * the same characters both ways. (Each way counts one sequence of tokens that spells them, the tokenizer's.)
 */
import { promptCharacters } from '../context/promptLength';
import { nothingTyped, typedBehind } from '../generation/healing';
import type { Cut, Healer, Typed } from '../generation/healing';
import { encodePrompt, promptWindow } from '../generation/promptWindow';
import { seededRandom } from '../generation/random';
import { distributionOf, logProbability } from '../generation/softmax';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { MeasuredModel } from './bitsPerCharacter';
import { numCharacters } from './documents';
import type { EvaluationDocument } from './documents';
import { ratioEstimate } from './interval';
import type { Estimate, Ratio } from './interval';
import { promptAt } from './predictor';

const span = 8;
const cutSeed = 20261128;

export interface CutBits {
  /** Whether the cursor stands inside one of the text's tokens. */
  isInside: boolean;
  healed: Ratio;
  unhealed: Ratio;
}

/** `count` cursors in documents, the same for the same documents, in order; each with at least `span` characters behind it. */
export function* randomCuts(
  documents: readonly EvaluationDocument[],
  count: number,
): Generator<{ document: EvaluationDocument; offset: number }, void> {
  const random = seededRandom(cutSeed);
  const total = documents.reduce((sum, { text }) => sum + text.length, 0);
  const places = Array.from({ length: count }, () => Math.floor(random() * total)).sort((a, b) => a - b);
  let start = 0;
  let next = 0;
  for (const document of documents) {
    for (; next < places.length && (places[next] as number) < start + document.text.length; next++) {
      const offset = (places[next] as number) - start;
      const isWhole = !/[\udc00-\udfff]/.test(document.text[offset] ?? '');
      if (isWhole && offset > 0 && offset + 2 * span < document.text.length) yield { document, offset };
    }
    start += document.text.length;
  }
}

/** @returns null where the text's tokens do not show where they end: no end near the cursor, or characters made alike */
export async function cutBits(
  model: MeasuredModel & { healer: Healer },
  { title, text }: EvaluationDocument,
  offset: number,
): Promise<CutBits | null> {
  const { tokenizer, manifest, healer } = model;
  const prompt = promptAt(title, text, offset, promptCharacters(manifest.contextLength));
  const behind = text.slice(offset, offset + 4 * span);
  const textEnds = tokenEnds(tokenizer, prompt.text + behind);
  const end = textEnds?.find((at) => at >= prompt.text.length + span);
  if (!textEnds || end === undefined) return null;
  const following = behind.slice(0, end - prompt.text.length);
  const encoded = encodePrompt(prompt, model);
  const { textIds } = encoded;
  const bits = async ({ kept, typed }: Cut, targets: readonly number[]): Promise<Ratio> => {
    const window = promptWindow({ ...encoded, textIds: kept }, manifest);
    const nats = await surprise(model, window, targets, typed);
    return { numerator: nats / Math.LN2, denominator: numCharacters(following) };
  };
  const cut = healer.cut(textIds);
  const taken = tokenizer.decode(textIds.slice(cut.kept.length));
  return {
    isInside: !textEnds.includes(prompt.text.length),
    healed: await bits(cut, tokenizer.encode(taken + following)),
    unhealed: await bits({ kept: textIds, typed: nothingTyped }, tokenizer.encode(following)),
  };
}

export interface CutFigures {
  cuts: number;
  healed: Estimate;
  unhealed: Estimate;
}

/** Cuts in one document are no independent observations: their sums are. */
export function cutFigures(cuts: readonly (CutBits & { document: EvaluationDocument })[]): CutFigures {
  const documents = [...new Set(cuts.map(({ document }) => document))];
  const estimate = (way: 'healed' | 'unhealed') =>
    ratioEstimate(
      documents.map((one) => {
        const own = cuts.filter(({ document }) => document === one).map((cut) => cut[way]);
        const sum = (part: keyof Ratio) => own.reduce((total, ratio) => total + ratio[part], 0);
        return { numerator: sum('numerator'), denominator: sum('denominator') };
      }),
    );
  return { cuts: cuts.length, healed: estimate('healed'), unhealed: estimate('unhealed') };
}

/** −Σ ln p of `targets` behind `window`, the first ones given that they begin with what is typed. */
async function surprise(
  { network, tokenizer, healer }: MeasuredModel & { healer: Healer },
  window: readonly number[],
  targets: readonly number[],
  taken: Typed,
): Promise<number> {
  let nats = 0;
  let next = 0;
  let typed = taken;
  const given = [...window, ...targets.slice(0, -1)];
  for await (const logits of network.logitsFrom(given, window.length - 1)) {
    const before = given[window.length - 1 + next];
    const target = targets[next++] as number;
    nats -= logProbability(
      distributionOf(typed.bytes.length > 0 ? healer.only(logits, typed, before) : logits),
      target,
    );
    typed = typedBehind(typed, tokenizer.tokenBytes(target).length);
  }
  return nats;
}

/** Where the tokens of a text end, in UTF-16 units; null where they do not spell it. */
function tokenEnds(tokenizer: Tokenizer, text: string): number[] | null {
  const tokenIds = tokenizer.encode(text);
  if (tokenizer.decode(tokenIds) !== text) return null;
  const bytes = Buffer.from(text);
  let end = 0;
  let length = 0;
  return tokenIds.map((id) => {
    const start = end;
    end += tokenizer.tokenBytes(id).length;
    return (length += bytes.toString('utf8', start, end).length);
  });
}

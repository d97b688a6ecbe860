/**
 * Bits per character: −Σ log₂ p(token | what stands before it) over the tokens of a text, divided by its characters (code
 * points, newlines included). Neither the title nor an end of text is counted.
 *
 * The title and the separator stay at the front of every window, as in the product (before the middle of an untitled text
 * nothing does); the text slides through the rest in
 * steps of half, so that every counted token but those of the first window has at least half a window of text before it:
 *
 *     title <sep> [ first window: all counted          ]
 *     title <sep>            [ seen before │ counted    ]
 *     title <sep>                       [ seen before │ counted ]
 */
import { EvidenceMixer } from '../generation/evidence';
import type { EvidenceSource } from '../generation/evidence';
import { ownWords } from '../generation/ownWords';
import { encodePrompt, promptWindow } from '../generation/promptWindow';
import { logProbability } from '../generation/softmax';
import type { Manifest } from '../manifest';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { numCharacters } from './documents';
import type { EvaluationDocument } from './documents';
import type { EarlierTexts } from './earlierTexts';
import type { Ratio } from './interval';

/** What is asked of a network here; `Session` has it. */
export interface MeasuredNetwork {
  logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void>;
}

export interface MeasuredModel {
  network: MeasuredNetwork;
  tokenizer: Tokenizer;
  manifest: Manifest;
  /** What is laid over the network's probabilities; null where the model has no such table. */
  table: EvidenceSource | null;
}

export interface Window {
  tokenIds: number[];
  /** Tokens that stand before the text. */
  headLength: number;
  /** Index of the first token whose probability counts; all after it count too. The last one is a target only. */
  firstCounted: number;
}

/**
 * Every token of `body` is counted in exactly one window.
 * @param head pinned
 * @param size tokens that a model can see
 * @param later pinned instead of `head` where the window does not begin with the body
 */
export function* slidingWindows(
  head: readonly number[],
  body: readonly number[],
  size: number,
  later = head,
): Generator<Window> {
  for (let done = 0; done < body.length;) {
    const pinned = done === 0 ? head : later;
    const room = size + 1 - pinned.length; // the last token is not put in
    const start = done === 0 ? 0 : Math.max(0, done - (room - Math.floor(room / 2)));
    const end = Math.min(body.length, start + room);
    const tokenIds = [...pinned, ...body.slice(start, end)];
    yield { tokenIds, headLength: pinned.length, firstCounted: pinned.length + done - start };
    done = end;
  }
}

/** The quotient of bits and characters is a document's bits per character. */
export interface DocumentBits {
  /** Of the network and the model's table. */
  model: Ratio;
  /** Of the network alone. */
  network: Ratio;
  /** With the writer's own words laid over the model. */
  withOwnWords: Ratio | null;
}

/** @param earlier what the writer's words are learnt from; null to leave them out */
export async function documentBits(
  { network, tokenizer, manifest, table }: MeasuredModel,
  document: EvaluationDocument,
  earlier: EarlierTexts | null,
): Promise<DocumentBits> {
  // Exactly what the product puts in front of a text that has not begun, and of the middle of one with a title.
  const prompt = encodePrompt({ title: document.title, text: '', fromStart: true }, { tokenizer, manifest });
  const body = tokenizer.encode(document.text);
  const head = promptWindow(prompt, manifest);
  // In the middle there is always a token before, so that an untitled text needs nothing to start from.
  const later = promptWindow({ ...prompt, textIds: body.slice(0, 1), fromStart: false }, manifest).slice(0, -1);
  const mixer = new EvidenceMixer();
  let alone = 0;
  let tabled = 0;
  let mixed = 0;
  let done = 0;
  for (const window of slidingWindows(head, body, manifest.contextLength, later)) {
    const { tokenIds, headLength, firstCounted } = window;
    const start = done - (firstCounted - headLength);
    earlier?.standAt(document, tokenizer.decode(body.slice(0, start)).length);
    let target = firstCounted;
    for await (const logits of network.logitsFrom(tokenIds.slice(0, -1), firstCounted - 1)) {
      const tokenId = tokenIds[target] as number;
      const before = tokenIds.slice(headLength, target);
      const known = table?.levels(before) ?? [];
      alone -= logProbability(mixer.mix(logits, []), tokenId);
      tabled -= logProbability(mixer.mix(logits, known), tokenId);
      if (earlier) {
        const own = ownWords(before, earlier.learnt, tokenizer).flatMap((source) => source.levels(before));
        mixed -= logProbability(mixer.mix(logits, [...own, ...known]), tokenId);
      }
      target++;
    }
    done += tokenIds.length - firstCounted;
  }
  const ratio = (nats: number) => ({ numerator: nats / Math.LN2, denominator: numCharacters(document.text) });
  return { model: ratio(tabled), network: ratio(alone), withOwnWords: earlier && ratio(mixed) };
}

/**
 * Bits per character: −Σ log₂ p(token | what stands before it) over the tokens of a text, divided by its characters (code
 * points, newlines included). Neither the title nor an end of text is counted.
 *
 * The title and the separator stay at the front of every window, as in the product; the text slides through the rest in
 * steps of half, so that every counted token but those of the first window has at least half a window of text before it:
 *
 *     title <sep> [ first window: all counted          ]
 *     title <sep>            [ seen before │ counted    ]
 *     title <sep>                       [ seen before │ counted ]
 */
import { logProbability } from '../generation/sampler';
import { promptWindow } from '../generation/promptWindow';
import type { Manifest } from '../manifest';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { numCharacters } from './documents';
import type { EvaluationDocument } from './documents';
import type { Ratio } from './interval';

/** What is asked of a network here; `Session` has it. */
export interface MeasuredNetwork {
  logitsFrom(tokenIds: readonly number[], from: number): AsyncGenerator<Float32Array, void>;
}

export interface MeasuredModel {
  network: MeasuredNetwork;
  tokenizer: Tokenizer;
  manifest: Manifest;
}

export interface Window {
  tokenIds: number[];
  /** Index of the first token whose probability counts; all after it count too. The last one is a target only. */
  firstCounted: number;
}

/** Every token of `body` is counted in exactly one window. @param head pinned; @param size tokens that a model can see */
export function* slidingWindows(head: readonly number[], body: readonly number[], size: number): Generator<Window> {
  const room = size + 1 - head.length; // the last token is not put in
  const kept = room - Math.floor(room / 2);
  for (let done = 0; done < body.length;) {
    const start = Math.max(0, done - kept);
    const end = Math.min(body.length, start + room);
    yield { tokenIds: [...head, ...body.slice(start, end)], firstCounted: head.length + done - start };
    done = end;
  }
}

/** Bits and characters of one document; their quotient is its bits per character. */
export async function documentBits(
  { network, tokenizer, manifest }: MeasuredModel,
  document: EvaluationDocument,
): Promise<Ratio> {
  const titleIds = tokenizer.encode(document.title);
  // Exactly what the product puts in front of a text that has not begun.
  const head = promptWindow({ titleIds, textIds: [], fromStart: true }, manifest);
  let nats = 0;
  for (const { tokenIds, firstCounted } of slidingWindows(
    head,
    tokenizer.encode(document.text),
    manifest.contextLength,
  )) {
    let target = firstCounted;
    for await (const logits of network.logitsFrom(tokenIds.slice(0, -1), firstCounted - 1))
      nats -= logProbability(logits, tokenIds[target++] as number);
  }
  return { numerator: nats / Math.LN2, denominator: numCharacters(document.text) };
}

/** Whole articles from titles, with the product's options, and what can be counted about them without a reader. */
import { characterCount } from '../context/characterCount';
import { tokensFor } from '../context/stopIndex';
import type { GenerateOptions } from '../options';
import type { Manifest } from '../manifest';
import { closeToTitle, presetOptions } from '../presets';
import type { FinishReason } from '../protocol';
import type { Predictor } from './predictor';

/** 题目成文 at its default preset: the first end of a sentence after 400 characters. */
const minCharacters = 400;

export function articleOptions(
  seed: number,
  model: Pick<Manifest, 'numParameters' | 'sampling'>,
): Partial<GenerateOptions> {
  return {
    ...presetOptions('balanced', model.sampling),
    ...closeToTitle(model),
    ...{ stopAt: 'sentence', minCharacters, maxNewTokens: tokensFor(minCharacters), seed },
  };
}

export interface Article {
  title: string;
  text: string;
  finishReason: FinishReason;
  /** From the request to the last character. */
  ms: number;
}

export async function writeArticle(
  predictor: Predictor,
  title: string,
  options: Partial<GenerateOptions>,
  clock: () => number = () => performance.now(),
): Promise<Article> {
  const started = clock();
  const stream = predictor.continuation({ title, text: '', fromStart: true }, options);
  let text = '';
  for (;;) {
    const next = await stream.next();
    if (next.done) return { title, text, finishReason: next.value?.finishReason ?? 'stop', ms: clock() - started };
    text += next.value.text;
  }
}

/** Sums over one article, in the order of the quotients that are reported. */
export interface ArticleCounts {
  characters: number;
  windows: number;
  /** Windows of 8 characters that occurred before in the article. */
  repeatedWindows: number;
  bigrams: number;
  distinctBigrams: number;
  trigrams: number;
  distinctTrigrams: number;
  endsWithSentence: number;
  invalidCharacters: number;
}

const windowLength = 8;

export function countArticle(text: string): ArticleCounts {
  const characters = Array.from(text.trim());
  const windows = ngrams(characters, windowLength);
  const bigrams = ngrams(characters, 2);
  const trigrams = ngrams(characters, 3);
  return {
    characters: characters.length,
    windows: windows.length,
    repeatedWindows: windows.length - new Set(windows).size,
    bigrams: bigrams.length,
    distinctBigrams: new Set(bigrams).size,
    trigrams: trigrams.length,
    distinctTrigrams: new Set(trigrams).size,
    endsWithSentence: /[。！？!?…]["'”’」』）》〉】〕)]*$/u.test(text.trim()) ? 1 : 0,
    invalidCharacters: invalidCharacters(text),
  };
}

/** 字, as the product counts them. */
export function articleLength(text: string): number {
  return characterCount(text).all;
}

/** U+FFFD, lone surrogates, control characters, private use and unassigned ones, and special tokens as text. */
export function invalidCharacters(text: string): number {
  const wrong = text.match(/[\ufffd\p{Cs}\p{Co}\p{Cn}]|(?![\n\t])\p{Cc}/gu) ?? [];
  const specials = text.match(/<(?:unk|s|\/s|pad|sep|eod|eot|cls|mask)>|<\|[^|>]*\|>/gi) ?? [];
  return wrong.length + specials.join('').length;
}

function ngrams(characters: readonly string[], n: number): string[] {
  return Array.from({ length: Math.max(0, characters.length - n + 1) }, (_, i) => characters.slice(i, i + n).join(''));
}

/** How a document writes what can be written in more than one way. Texts that are generated for it follow it. */
import { countStyle, freePairs, fullMarks, placePairs } from './styleCounts';
import type { StyleCounts } from './styleCounts';

export interface DocumentStyle {
  script: 'simplified' | 'traditional';
  /** Of each of `placePairs` and `freePairs` the form that a traditional text takes. */
  variants: string;
  quotes: 'curly' | 'corner' | 'straight';
  /** Those of `fullMarks` that the document writes half-width. */
  halfWidth: string;
  /** What stands behind a half-width mark within a line. */
  halfGap: '' | ' ';
  /** Whether a space stands between Chinese and Latin letters; null where the text does both, or neither. */
  spaced: boolean | null;
  /** The same of digits; as with letters where there are none. */
  digitsSpaced: boolean | null;
}

/** The form in which the models were trained. */
export const modelStyle: DocumentStyle = {
  script: 'simplified',
  variants: '',
  quotes: 'curly',
  halfWidth: '',
  halfGap: '',
  spaced: null,
  digitsSpaced: null,
};

/** @param locale of the interface, as zh-tw: what a document is that shows nothing yet */
export function documentStyle(counts: StyleCounts, locale: string): DocumentStyle {
  const { simplified, traditional, curlyQuotes, cornerQuotes, straightQuotes } = counts;
  const isTraditional =
    simplified + traditional === 0 ? /^zh-(?:tw|hk|mo|hant)/i.test(locale) : traditional > simplified;
  const corner = cornerQuotes + curlyQuotes + straightQuotes === 0 ? isTraditional : cornerQuotes > curlyQuotes;
  const letters = counted(counts.spaced, counts.unspaced);
  const digits = counted(counts.digitsSpaced, counts.digitsUnspaced);
  const quotes = corner ? 'corner' : straightQuotes > curlyQuotes + cornerQuotes ? 'straight' : 'curly';
  return {
    script: isTraditional ? 'traditional' : 'simplified',
    variants: isTraditional ? chosenVariants(counts.variants, locale) : '',
    quotes,
    halfWidth: halfWidthMarks(counts),
    halfGap: counts.halfGaps * 2 > total(counts.half) ? ' ' : '',
    spaced: letters ? majority(...letters) : digits ? majority(...digits) : null,
    digitsSpaced: digits ? majority(...digits) : letters ? majority(...letters) : null,
  };
}

export function styleOf(text: string, locale = ''): DocumentStyle {
  return documentStyle(countStyle(text), locale);
}

/** What the document has been seen to write; where it shows nothing, what it does with its other marks. */
function halfWidthMarks({ full, half }: StyleCounts): string {
  const isHalf = total(half) > total(full);
  return Array.from(fullMarks)
    .filter((_, i) => {
      const [asFull, asHalf] = [full[i] ?? 0, half[i] ?? 0];
      // A text that keeps its 。 among half-width commas has been seen to do so; ） goes with （.
      return asFull === asHalf ? isHalf : asHalf > asFull;
    })
    .join('');
}

/** Of each pair the one that the document writes; where it shows neither, the one of its place, or the commoner one. */
function chosenVariants(seen: string, locale: string): string {
  let taiwan = 0;
  for (const character of seen) {
    const at = placePairs.indexOf(character);
    if (at >= 0) taiwan += at % 2 === 0 ? 1 : -1;
  }
  const isTaiwan = taiwan === 0 ? !/^zh-(?:hk|mo)/i.test(locale) : taiwan > 0;
  const choose = (pairs: string, isFirst: boolean) => {
    let chosen = '';
    for (let i = 0; i < pairs.length; i += 2) {
      const [one, other] = [pairs.charAt(i), pairs.charAt(i + 1)];
      const count = occurrences(seen, one) - occurrences(seen, other);
      chosen += (count === 0 ? isFirst : count > 0) ? one : other;
    }
    return chosen;
  };
  return choose(placePairs, isTaiwan) + choose(freePairs, true);
}

/** null where there is nothing to tell by. */
function counted(yes: number, no: number): [number, number] | null {
  return yes + no === 0 ? null : [yes, no];
}

function majority(yes: number, no: number): boolean | null {
  return yes < 3 * no && no < 3 * yes ? null : yes > no;
}

function occurrences(text: string, character: string): number {
  return text.split(character).length - 1;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, value) => sum + value, 0);
}

/** Where a generated text may end: rules of Chinese punctuation, no model involved. */
import type { StopAt } from '../options';
import { characterCount } from './characterCount';

/** ends a sentence, alone or in a run: ？！ …… */
const enders = '。！？!?…';
/** may follow an ender and still belong to its sentence */
const closers = '”’』」）》〉】〕)"\'';

/** A text without ends of sentences, verse for example, ends at a line's end when it is so many 字 longer than was wanted. */
const patience = 100;

/** Whether a text has so many 字, which are never more than its UTF-16 units. */
function has(text: string, characters: number): boolean {
  return text.length >= characters && (characters === 0 || characterCount(text).all >= characters);
}

/**
 * Whether `text` may end where it stands: with a sentence, where `stopAt` wants that, not after “他说：”.
 *
 * @param minCharacters 字 that it must have
 */
export function mayEnd(text: string, stopAt: StopAt, minCharacters: number): boolean {
  if (!has(text, minCharacters)) return false;
  const isFree = stopAt !== 'sentence' || minCharacters === 0 || has(text, minCharacters + patience);
  return isFree || endsSentence(text);
}

/** Whether the last thing in it is the end of a sentence. */
export function endsSentence(text: string): boolean {
  const trimmed = text.trimEnd();
  let end = trimmed.length;
  while (end > 0 && closers.includes(trimmed[end - 1] as string)) end--;
  return end > 0 && enders.includes(trimmed[end - 1] as string);
}

/**
 * The length to which `text` must be cut so that it ends where `stopAt` allows, the first such place at or after
 * `minCharacters` 字; −1 while there is none, or while the next characters decide (after 。 a ” may follow).
 */
export function stopIndex(text: string, stopAt: StopAt, minCharacters: number): number {
  if (stopAt === 'none') return -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === '\n') {
      // A newline at the very beginning only starts the paragraph.
      if (i > 0 && mayEnd(text.slice(0, i), stopAt, minCharacters)) return i;
    } else if (stopAt === 'sentence' && enders.includes(character)) {
      const end = endOfRun(text, i);
      if (end === text.length) return -1;
      if (has(text.slice(0, end), minCharacters)) return end;
      i = end - 1;
    }
  }
  return -1;
}

/**
 * Room to write so many 字 and go on to the end of the sentence: a text cut in its middle would have to be mended by hand.
 * @returns tokens; a character is up to three of them where a vocabulary has bytes
 */
export function tokensFor(characters: number): number {
  return characters * 3 + 200;
}

/** Index after the run of enders and closers that begins at `at`. */
function endOfRun(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && enders.includes(text[end] as string)) end++;
  while (end < text.length && closers.includes(text[end] as string)) end++;
  return end;
}

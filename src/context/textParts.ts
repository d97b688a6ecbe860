/** A text as the engine learns words from it: a few paragraphs at a time, and only what has words to learn. */
import { hasHan } from './modelText';
import { characterEnd } from './wholeCharacters';

/** Characters in a part: some milliseconds of tokenizing with the slowest tokenizer. */
export const partLength = 3000;

/** Lines without a Chinese word are left out: code, links, the frames of tables. */
export function* textParts(lines: Iterable<string>): Generator<string, void> {
  let part = '';
  for (const line of lines) {
    if (!hasHan(line)) continue;
    // A whole text may be one line.
    for (let start = 0, end: number; start < line.length; start = end) {
      end = characterEnd(line, Math.min(line.length, start + partLength));
      part += `${line.slice(start, end)}\n`;
      if (part.length < partLength) continue;
      yield part;
      part = '';
    }
  }
  if (part !== '') yield part;
}

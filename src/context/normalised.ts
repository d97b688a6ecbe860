/**
 * One form in which texts are compared. Writers, documents and models differ in widths and quotes – a typed “,” is the
 * model's “，” – and what differs only so is the same text. Offsets lead back to the document.
 */

export interface Normalised {
  text: string;
  /** For each UTF-16 unit of `text`, and for its end: the offset in the source where its code point begins. */
  offsets: number[];
}

/** NFKC leaves these apart; a writer takes them for the same. */
const folded: Record<string, string> = {
  '“': '"',
  '”': '"',
  '„': '"',
  '「': '"',
  '」': '"',
  '‘': "'",
  '’': "'",
  '『': "'",
  '』': "'",
  '—': '-',
  '–': '-',
  '⋯': '...',
  '・': '·',
};

/** Of one character. */
export const formOf = (character: string): string => folded[character] ?? character.normalize('NFKC');

/** The text alone, for where nothing leads back: it is asked for at each key, and its offsets would be thousands. */
export function normalForm(source: string): string {
  return source.replace(/[\u0080-\u4dff\ua000-\u{10ffff}]/gu, formOf);
}

/** Compatibility forms (NFKC) code point by code point: full-width letters and punctuation, U+3000, …, ligatures. */
export function normalised(source: string): Normalised {
  let text = '';
  const offsets: number[] = [];
  let offset = 0;
  while (offset < source.length) {
    const code = source.charCodeAt(offset);
    if (staysAsItIs(code)) {
      text += source.charAt(offset);
      offsets.push(offset++);
      continue;
    }
    const character = String.fromCodePoint(source.codePointAt(offset) as number);
    const form = formOf(character);
    for (let i = 0; i < form.length; i++) offsets.push(offset);
    text += form;
    offset += character.length;
  }
  offsets.push(offset);
  return { text, offsets };
}

/** ASCII and the common Han characters, without asking Unicode's tables: this runs over a thousand of them at a key. */
const staysAsItIs = (code: number): boolean => code < 0x80 || (code >= 0x4e00 && code <= 0x9fff);

/** Whether `offset`, an index into `normalised.text`, lies between two code points of the source. */
export function isBoundary({ offsets }: Normalised, offset: number): boolean {
  return offset === 0 || offsets[offset] !== offsets[offset - 1];
}

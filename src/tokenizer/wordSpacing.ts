/** Where a BERT vocabulary's tokens, which know no spaces, have one between them: Latin words and numbers only. */

const wordStart = /^(?!\p{Script=Han})[\p{L}\p{N}]/u;
const wordEnd = /(?!\p{Script=Han})[\p{L}\p{N}]$/u;
/** 3,000 and www.example.com are written without. */
const markBeforeWord = /[,;!?]$/;

/** Whether a token can be a word of its own that is set off by spaces. */
export function isWordToken(token: string): boolean {
  return wordStart.test(token);
}

/** @param before what the text ends with @param piece a token's text, a space before a word. @returns what it adds */
export function joinPiece(before: string, piece: string): string {
  if (!piece.startsWith(' ')) return piece;
  const spaced = wordEnd.test(before) || (markBeforeWord.test(before) && /^ \p{L}/u.test(piece));
  return spaced ? piece : piece.slice(1);
}

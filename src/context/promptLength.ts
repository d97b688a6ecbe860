/** How much text is worth giving to a model. */

/** Characters of text that fill a window of one token, generously. */
const charactersPerToken = 2;

/** What a window of so many tokens can hold of a text at most, in characters. */
export function promptCharacters(contextLength: number): number {
  return contextLength * charactersPerToken;
}

/** Simplified ⇄ traditional, by OpenCC's dictionaries: what its configurations s2tw and tw2s do, and a document's own forms. */
import { PhraseStream, PhraseTable } from './phraseTable';
import { freePairs, placePairs } from './styleCounts';

/** The pair of forms to which a character belongs. */
const pairOf = new Map<string, string>();
for (const pair of (placePairs + freePairs).match(/../gu) ?? [])
  for (const character of pair) pairOf.set(character, pair);

export class ScriptTables {
  private readonly toTraditional: PhraseTable;
  private readonly toSimplified: PhraseTable;
  private readonly toStandard: PhraseTable;
  private readonly taiwan: Map<string, string>;

  /** @param data the four dictionaries that esbuild.mjs puts together, separated by empty lines */
  constructor(data: string) {
    const [toTraditional = '', toSimplified = '', toStandard = '', taiwan = ''] = data.split('\n\n');
    this.toTraditional = new PhraseTable(toTraditional);
    this.toSimplified = new PhraseTable(toSimplified);
    this.toStandard = new PhraseTable(toStandard);
    this.taiwan = new Map(taiwan.split('\n').map((line) => line.split(' ') as [string, string]));
  }

  /** For the model. */
  simplified(text: string): string {
    return this.toSimplified.convert(this.toStandard.convert(text));
  }

  /** Looks up what text made of these characters will need. It gives way at each yield: one can begin 600 phrases. */
  *prepare(text: string): Generator<void, void> {
    for (const character of text) {
      this.toTraditional.match(character, 0);
      yield;
    }
  }

  /** @param variants as DocumentStyle has them */
  traditional(variants: string): ScriptStream {
    const phrases = new PhraseStream(this.toTraditional);
    const form = (text: string) => Array.from(text, (character) => this.form(character, variants)).join('');
    return { push: (piece) => form(phrases.push(piece)), end: () => form(phrases.end()) };
  }

  private form(character: string, variants: string): string {
    const form = this.taiwan.get(character) ?? character;
    const pair = pairOf.get(form);
    return pair === undefined ? form : (Array.from(pair).find((one) => variants.includes(one)) ?? form);
  }
}

/** Generated text in another script, piece by piece; no piece is ever taken back. */
export interface ScriptStream {
  /** @returns what is settled. */
  push(piece: string): string;
  /** @returns the rest. */
  end(): string;
}

export const sameScript = (): ScriptStream => ({ push: (piece) => piece, end: () => '' });

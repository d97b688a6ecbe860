/** The 5-gram in the network's place: trained on documents, asked for bits and for ghosts. */
import { stopIndex } from '../context/stopIndex';
import { resolveOptions } from '../options';
import type { GenerateResult, TextDelta } from '../protocol';
import { numCharacters } from './documents';
import type { EvaluationDocument } from './documents';
import type { Ratio } from './interval';
import { KneserNey } from './kneserNey';
import type { Predictor } from './predictor';

/** Stands before each document and after the last one, as `<sep>` and `<eod>` do for the network. */
const boundary = '\0';
/** UTF-16 units. */
export const ngramOrder = 5;

const withTitle = ({ title, text }: Pick<EvaluationDocument, 'title' | 'text'>) => `${boundary}${title}\n${text}`;

/** Collects training text without ever holding it as one string. */
export class NgramTrainer {
  private units = new Uint16Array(1 << 20);
  private length = 0;

  add(document: Pick<EvaluationDocument, 'title' | 'text'>): void {
    this.append(withTitle(document));
  }

  train(order = ngramOrder, onLevel?: (n: number) => void): KneserNey {
    this.append(boundary);
    const text = this.units.slice(0, this.length);
    this.units = new Uint16Array(0); // training needs the room
    return new KneserNey(text, order, onLevel);
  }

  private append(text: string): void {
    if (this.length + text.length > this.units.length) {
      const grown = new Uint16Array(Math.max(this.units.length * 2, this.length + text.length));
      grown.set(this.units.subarray(0, this.length));
      this.units = grown;
    }
    for (let i = 0; i < text.length; i++) this.units[this.length + i] = text.charCodeAt(i);
    this.length += text.length;
  }
}

/** Bits and characters of one document; the title stands before the text and is not counted. */
export function ngramBits(model: KneserNey, document: EvaluationDocument): Ratio {
  const all = withTitle(document);
  let bits = 0;
  for (let i = all.length - document.text.length; i < all.length; i++)
    bits -= Math.log2(model.probability(all.slice(Math.max(0, i - model.order + 1), i), all.charCodeAt(i)));
  return { numerator: bits, denominator: numCharacters(document.text) };
}

/** Greedy, a character at a time, each one a “token” for the floor; of the options it knows lengths and stops only. */
export function ngramPredictor(model: KneserNey): Predictor {
  return {
    maxCharacters: 64,
    // The same interface as the network's, which waits.
    // eslint-disable-next-line @typescript-eslint/require-await
    async *continuation(prompt, given): AsyncGenerator<TextDelta, GenerateResult | undefined> {
      const options = resolveOptions(given);
      const before = prompt.fromStart ? withTitle(prompt) : prompt.text;
      let text = '';
      for (let n = 0; n < options.maxNewTokens; n++) {
        const { unit, probability } = model.likeliest((before + text).slice(1 - model.order));
        const character = String.fromCharCode(unit);
        if (character === boundary) return undefined;
        text += character;
        if (stopIndex(text, options.stopAt, options.minCharacters) >= 0) return undefined;
        yield { text: character, logProb: Math.log(probability), numTokens: 1 };
      }
      return undefined;
    },
  };
}

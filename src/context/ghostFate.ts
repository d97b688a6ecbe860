/**
 * What became of a suggestion. VS Code tells that one was accepted whole; what the writer typed, accepted in part or passed
 * over is read off the document:
 *
 *     夏天的│傍晚，一家人          offered
 *     夏天的傍│晚，一家人          typed along
 *     夏天的傍晚，│一家人          a part accepted: the command says so after its edit
 *     夏天的傍晚，一家人│          and the rest
 */
import { characterCount } from './characterCount';
import { normalForm } from './normalised';

export const fates = [
  /** Whole, or part by part to its end. */
  'accepted',
  'partlyAccepted',
  /** By hand, to its end. */
  'typedThrough',
  /** Anything else the writer wrote instead, or nothing. */
  'passedOver',
] as const;
export type Fate = (typeof fates)[number];

export interface Ending {
  fate: Fate;
  /** In 字: of the suggestion, what was accepted of it, and what was typed of it by hand. */
  characters: number;
  accepted: number;
  typed: number;
}

/** What the eye can have seen: VS Code needs some of it to paint. */
const leastShownMs = 100;

export class GhostFate {
  /** What of it stands in the document, in UTF-16 units of the document's text. */
  private reached = '';
  /** The same before the latest edit. */
  private before = '';
  private acceptedCharacters = 0;
  private complete = false;
  private wasAcceptedLast = false;
  private text: string;

  /**
   * @param texts what was suggested, of which the writer sees the first, and may choose another
   * @param shownAt milliseconds of any clock
   */
  constructor(
    private texts: readonly string[],
    private readonly shownAt: number,
  ) {
    this.text = texts[0] ?? '';
  }

  /**
   * The document was edited where the suggestion stood.
   * @param written what stands there now, up to the end of the edit
   * @returns false when the writer went another way
   */
  follow(written: string): boolean {
    const form = normalForm(written);
    const along = this.texts.filter((text) => normalForm(text).startsWith(form));
    const [text] = along;
    if (text === undefined) return false;
    this.texts = along;
    this.text = text;
    this.before = this.reached.length < written.length ? this.reached : '';
    this.reached = written;
    this.complete = normalForm(text) === form;
    this.wasAcceptedLast = false;
    return true;
  }

  /**
   * Something is suggested at the place reached.
   * @returns whether it says the same, or the same and more: this one is still shown, and has grown
   */
  isStillSaid(rest: string): boolean {
    const said = this.reached + rest;
    const form = normalForm(said);
    const isSame = (text: string): boolean => normalForm(text) === form;
    if (this.texts.some(isSame)) return true;
    // What is suggested behind all of it is another one.
    const grown = this.complete ? undefined : this.texts.find((text) => form.startsWith(normalForm(text)));
    if (grown === undefined) return false;
    if (this.text === grown) this.text = said;
    this.texts = this.texts.map((text) => (text === grown ? said : text));
    return true;
  }

  /** The latest edit was made by accepting. @returns the text that it brought */
  accept(): string {
    const text = this.reached.slice(this.before.length);
    this.acceptedCharacters += characterCount(text).all;
    this.before = this.reached;
    this.wasAcceptedLast = true;
    return text;
  }

  /** UTF-16 units of it that stand in the document. */
  get length(): number {
    return this.reached.length;
  }

  /** All of it stands in the document. */
  get isComplete(): boolean {
    return this.complete;
  }

  /** And how it came there is known. */
  get isOver(): boolean {
    return this.complete && this.wasAcceptedLast;
  }

  /** @returns null when it was gone before it could be seen */
  end(now: number): Ending | null {
    if (this.reached === '' && now - this.shownAt < leastShownMs) return null;
    const typed = Math.max(0, characterCount(this.reached).all - this.acceptedCharacters);
    return { fate: this.fate(), characters: characterCount(this.text).all, accepted: this.acceptedCharacters, typed };
  }

  private fate(): Fate {
    if (this.isOver) return 'accepted';
    if (this.acceptedCharacters > 0) return 'partlyAccepted';
    return this.complete ? 'typedThrough' : 'passedOver';
  }
}

/** What a generation has given so far: collects tokens' bytes, cuts the text where it may end, hands out deltas. */
import { stopIndex } from '../context/stopIndex';
import type { GenerateOptions } from '../options';
import type { TextDelta } from '../protocol';
import type { TextStream } from './textStream';

export class Output {
  /** All text so far. */
  text = '';
  /** The text has come to where `stopAt` lets it end. */
  stopped = false;
  private handedOut = 0;
  /** Of tokens whose text is not complete yet. */
  private logProb = 0;
  private numTokens = 0;
  private numOwn = 0;

  constructor(
    private readonly stream: TextStream,
    private readonly options: Pick<GenerateOptions, 'stopAt' | 'minCharacters'>,
  ) {}

  /**
   * @param isOwn whether the token is more the writer's own word than the network's
   * @returns the text that the token completes, if it completes any.
   */
  add(bytes: Uint8Array, logProb: number, isOwn = false): TextDelta | null {
    this.logProb += logProb;
    this.numTokens++;
    if (isOwn) this.numOwn++;
    return this.take(this.stream.push(bytes));
  }

  /** Forgets tokens that brought no text. */
  takeBack(): void {
    this.logProb = 0;
    this.numTokens = 0;
    this.numOwn = 0;
  }

  /** How the text stands if it ends here: with what is held back because it depends on what follows. */
  get textIfEnded(): string {
    return this.text + this.stream.held;
  }

  /** @returns what was held back, if anything. */
  end(): TextDelta | null {
    return this.stopped ? null : this.take(this.stream.end());
  }

  private take(piece: string): TextDelta | null {
    this.text += piece;
    const stop = stopIndex(this.text, this.options.stopAt, this.options.minCharacters);
    this.stopped = stop >= 0;
    if (this.stopped) this.text = this.text.slice(0, stop);
    if (this.text.length <= this.handedOut) return null;
    const { logProb, numTokens, numOwn } = this;
    const text = this.text.slice(this.handedOut);
    const delta: TextDelta = {
      text,
      logProb,
      numTokens,
      ...(numTokens > 0 && numOwn === numTokens ? { isOwn: true } : {}),
    };
    this.handedOut = this.text.length;
    this.takeBack();
    return delta;
  }
}

/**
 * What is typed may be spelt in several ways, and the likeliest next token is not always on the way to the likeliest text:
 * 中 is likelier than 中华人民共和国 since it begins so much else, and who takes it for 中华人民共 arrives, token by token, where
 * nothing like 和国 was ever seen. So the best token that goes beyond what is typed is kept in mind at each place, and when
 * the other way has come to its first text as well, the likelier one is taken:
 *
 *     ，│中│华│人民│共│有         p(中) · p(华) · p(人民) · p(共) · p(有)
 *     ，│中华人民共和国           p(中华人民共和国)
 */
import type { Healer, Typed } from './healing';
import { logProbability, type Distribution } from './softmax';

export interface OtherWay {
  /** Tokens of the text before it. */
  at: number;
  tokenId: number;
  /** What was still to come there. */
  typed: Typed;
  /** Natural logarithm of its probability, given what is typed. */
  logProb: number;
}

export class Respelling {
  /** Of the tokens that were taken for what is typed. */
  private spent = 0;
  /** Probability of all that goes beyond what is typed at the places seen. */
  private beyond = 0;
  private best: (OtherWay & { joint: number }) | null = null;

  constructor(private readonly healer: Healer) {}

  /** Looks at a place before its token is drawn. @param typed one byte or more @param at tokens of the text before it */
  see(distribution: Distribution, typed: Typed, at: number): void {
    const found = this.healer.beyond(distribution, typed.bytes);
    if (!found) return;
    const { tokenId, mass } = found;
    this.beyond += mass * Math.exp(this.spent);
    const joint = this.spent + logProbability(distribution, tokenId);
    if (!this.best || joint > this.best.joint) this.best = { at, tokenId, typed, logProb: 0, joint };
  }

  /** A token was drawn that brings nothing new. */
  spend(logProb: number): void {
    this.spent += logProb;
  }

  /** A token was drawn that brings text. @returns what to take instead, in place of all that was taken since */
  instead(logProb: number): OtherWay | null {
    const { best, spent } = this;
    if (!best || best.joint <= spent + logProb) return null;
    return { ...best, logProb: best.joint - Math.log(Math.exp(spent) + this.beyond) };
  }
}

/** One text that grows: its window, its sampler, and where it may end. The loops feed it logits. */
import { mayEnd } from '../context/stopIndex';
import type { GenerateOptions } from '../options';
import type { FinishReason, GenerateResult, TextDelta } from '../protocol';
import type { CommittedWord } from './committedWord';
import { EvidenceMixer, claimFor, weakened } from './evidence';
import type { EvidenceSource } from './evidence';
import type { LoadedModel } from './generate';
import { nothingTyped, typedBehind, type Typed } from './healing';
import { Output } from './output';
import { ownWords } from './ownWords';
import { promptWindow } from './promptWindow';
import type { EncodedPrompt } from './promptWindow';
import { seededRandom } from './random';
import { Respelling, type OtherWay } from './respelling';
import { Sampler } from './sampler';
import { distributionOf, logProbability, type Distribution } from './softmax';
import { newTextStream } from './textStream';
import { withoutTitle } from './titleGuidance';

type Model = Omit<LoadedModel, 'network'>;

/** What the writer's text claims where three or four tokens agree with it, be it at one place (`ownWords.ts`). */
const leastOfCopy = 0.1;

export class Continuation {
  /** Set when the text has ended. */
  finishReason: FinishReason | null = null;
  private readonly sampler: Sampler;
  private readonly output: Output;
  /** Laid over the network's probabilities, what counts most first; below them lies the model's table. */
  private readonly own: readonly EvidenceSource[];
  private readonly mixer = new EvidenceMixer();
  private readonly textIds: number[];
  private readonly numPromptTokens: number;
  private readonly prompt: EncodedPrompt;
  private windowIds: number[];
  private numTokens = 0;
  /** What healing took back and has not come yet. */
  private typed: Typed;
  /** Until the first text has come; null where what is typed is spelt as it was drawn. */
  private respelling: Respelling | null = null;
  private readonly committed: CommittedWord | null;
  /** The latest token is the writer's own. */
  private isOwn = false;

  /** @param mayGoBack the next window need not go on from the one before */
  constructor(
    private readonly model: Model,
    given: EncodedPrompt,
    private readonly options: GenerateOptions,
    mayGoBack = false,
  ) {
    const { tokenizer, manifest, healer } = model;
    const { kept, typed } = healer?.cut(given.textIds) ?? { kept: given.textIds, typed: nothingTyped };
    const prompt = { ...given, textIds: kept };
    this.prompt = prompt;
    this.typed = typed;
    this.committed = given.endsWord ? (healer?.committed ?? null) : null;
    // What is drawn by lot is not to be the likeliest.
    if (mayGoBack && healer && typed.bytes.length > 0 && isGreedy(options)) this.respelling = new Respelling(healer);
    this.sampler = new Sampler(options, tokenizer, manifest.specialTokens, seededRandom(options.seed));
    const own = options.ownWords > 0 ? ownWords(kept, model.learnt, tokenizer) : [];
    this.own = own.map((source) => weakened(source, options.ownWords));
    const before = tokenizer.decode(given.textIds.slice(-200));
    this.output = new Output(newTextStream(manifest.tokenizer.kind, before), options);
    this.textIds = [...prompt.textIds];
    this.windowIds = promptWindow(prompt, manifest);
    this.numPromptTokens = this.windowIds.length;
  }

  /** What the network is to see before the next token: title and text, hopped ahead where they outgrew the window. */
  window(): readonly number[] {
    const { prompt, textIds } = this;
    const { manifest } = this.model;
    if (this.windowIds.length >= manifest.contextLength)
      this.windowIds = promptWindow({ ...prompt, textIds }, manifest);
    return this.windowIds;
  }

  /** Tokens that `window` gave, and those drawn since. */
  get windowLength(): number {
    return this.windowIds.length;
  }

  /** What `window` gave, as it would be if the text had no title; null where it has none. */
  untitledWindow(): readonly number[] | null {
    return withoutTitle(this.windowIds, this.prompt, this.model.manifest);
  }

  /** Whether what comes next is typed already. */
  private get isHealing(): boolean {
    return this.typed.bytes.length > 0;
  }

  /** Draws the next token from the logits [vocabSize] after `window()`. @returns the text that it completes, if any. */
  step(allLogits: Float32Array): TextDelta | null {
    const { tokenizer, manifest, table } = this.model;
    const own = this.own.flatMap((source) => source.levels(this.textIds));
    const mixed = this.mixer.mix(allLogits, [...own, ...(table?.levels(this.textIds) ?? [])]);
    const sure = this.mixer.likelierThanAll(own, mixed);
    const told = this.asTyped(mixed);
    if (this.isHealing) this.respelling?.see(told, this.typed, this.textIds.length);
    const given = this.possible(told);
    const { stopAt, minCharacters } = this.options;
    const canEnd = mayEnd(this.output.textIfEnded, stopAt, minCharacters);
    const drawn = this.sampler.sample(given.logits, this.windowIds, canEnd, sure);
    const other = this.otherWay(drawn, told);
    const tokenId = other?.tokenId ?? drawn;
    this.isOwn = !other && this.belongsToWriter(claimFor(tokenId, own), logProbability(mixed, tokenId));
    this.numTokens++;
    if (manifest.specialTokens.endOfText.includes(tokenId)) {
      this.finishReason = 'endOfText';
      return null;
    }
    this.windowIds.push(tokenId);
    this.textIds.push(tokenId);
    const bytes = tokenizer.tokenBytes(tokenId);
    const delta = this.output.add(
      bytes.subarray(this.typed.bytes.length),
      other?.logProb ?? logProbability(given, tokenId),
      this.isOwn,
    );
    this.typed = typedBehind(this.typed, bytes.length);
    if (this.output.stopped) this.finishReason = 'stop';
    else if (this.numTokens >= this.options.maxNewTokens) this.finishReason = 'length';
    return delta;
  }

  /** Within what is copied the network agrees with many a word: it is a copy as long as the writer's text goes on so. */
  private belongsToWriter(claim: number, logProb: number): boolean {
    return 2 * claim > Math.exp(logProb) || (this.isOwn && claim >= leastOfCopy);
  }

  /** Goes back to where a likelier way begins to the text that comes first. @returns null where that which was drawn is likelier */
  private otherWay(drawn: number, mixed: Distribution): OtherWay | null {
    const { respelling, typed } = this;
    if (!respelling) return null;
    const logProb = logProbability(mixed, drawn);
    if (this.isHealing && this.model.tokenizer.tokenBytes(drawn).length <= typed.bytes.length) {
      respelling.spend(logProb);
      return null;
    }
    this.respelling = null;
    const other = respelling.instead(logProb);
    if (!other) return null;
    this.windowIds.length -= this.textIds.length - other.at;
    this.textIds.length = other.at;
    this.typed = other.typed;
    this.output.takeBack();
    return other;
  }

  /** What follows a word that was committed hardly goes on within it. */
  private asTyped(mixed: Distribution): Distribution {
    return this.committed && this.isHealing ? this.committed.weighed(mixed, this.typed.bytes) : mixed;
  }

  /** Probabilities are given what is typed already, and that something can come first where it does. */
  private possible(mixed: Distribution): Distribution {
    const { healer, lineStart } = this.model;
    if (healer && this.isHealing) return distributionOf(healer.only(mixed.logits, this.typed, this.textIds.at(-1)));
    return lineStart?.isAt(this.textIds) ? distributionOf(lineStart.only(mixed.logits, this.textIds)) : mixed;
  }

  /** @returns text that was held back to the end, if any. */
  end(): TextDelta | null {
    return this.output.end();
  }

  result(): GenerateResult {
    const { numTokens, numPromptTokens } = this;
    return { text: this.output.text, finishReason: this.finishReason ?? 'aborted', numTokens, numPromptTokens };
  }
}

/** Takes the likeliest token, whatever it is. */
function isGreedy({ temperature, bannedWords }: GenerateOptions): boolean {
  return temperature === 0 && bannedWords.length === 0;
}

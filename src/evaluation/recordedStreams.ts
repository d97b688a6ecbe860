/**
 * What a predictor says at each offset of each document, asked once and remembered: greedy text depends on the place, and
 * on whether a word was committed there, so one run of the network serves every floor and rule, and all that write alike.
 */
import type { GenerateOptions } from '../options';
import type { TextDelta } from '../protocol';
import type { EvaluationDocument } from './documents';
import type { EarlierTexts } from './earlierTexts';
import { anchorOffset, promptAt } from './predictor';
import type { Predictor } from './predictor';

export class RecordedStreams {
  private readonly known = new WeakMap<EvaluationDocument, Map<string, TextDelta[]>>();
  /** Milliseconds of each request, in order. */
  readonly requestMs: number[] = [];

  /** @param floor streams end where a ghost with this confidence floor ends; no rule may go below it */
  constructor(
    private readonly predictor: Predictor,
    private readonly floor: number,
    /** What the predictor has learnt from; null if it learns nothing. */
    private readonly earlier: EarlierTexts | null = null,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get maxCharacters(): number {
    return this.predictor.maxCharacters;
  }

  /** @param endsWord what stands before the offset has just been committed as a word */
  async at(
    document: EvaluationDocument,
    offset: number,
    options: Partial<GenerateOptions>,
    endsWord = false,
  ): Promise<TextDelta[]> {
    const places = this.known.get(document) ?? new Map<string, TextDelta[]>();
    this.known.set(document, places);
    const key = `${offset} ${endsWord} ${JSON.stringify(options)}`;
    const known = places.get(key);
    if (known) return known;
    const started = this.clock();
    const deltas = await this.record(document, offset, options, endsWord);
    this.requestMs.push(this.clock() - started);
    places.set(key, deltas);
    return deltas;
  }

  private async record(
    document: EvaluationDocument,
    offset: number,
    options: Partial<GenerateOptions>,
    endsWord: boolean,
  ): Promise<TextDelta[]> {
    const { title, text } = document;
    this.earlier?.standAt(document, anchorOffset(offset, this.maxCharacters));
    const deltas: TextDelta[] = [];
    let logProb = 0;
    let numTokens = 0;
    const prompt = promptAt(title, text, offset, this.maxCharacters, endsWord);
    for await (const delta of this.predictor.continuation(prompt, options)) {
      // The one below the floor is kept: it tells what would have come.
      deltas.push(delta);
      logProb += delta.logProb;
      numTokens += delta.numTokens;
      if (logProb / numTokens < Math.log(this.floor) || delta.text.includes('\n')) break;
    }
    return deltas;
  }
}

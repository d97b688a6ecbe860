/** The phases of an evaluation, each with progress and its wall time, and the figures they add up to. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultGhostSettings } from '../context/ghost';
import type { GhostSettings } from '../context/ghost';
import type { OpenModel } from '../engine/modelFolder';
import { articleFigures, articlesAsText } from './articleFigures';
import type { WrittenArticle } from './articleFigures';
import { articleOptions, writeArticle } from './articles';
import { ppmdBits, trainNgram } from './baselines';
import { documentBits } from './bitsPerCharacter';
import { cutBits, cutFigures, randomCuts } from './cutPoints';
import type { CutBits } from './cutPoints';
import { byGenre, numCharacters } from './documents';
import type { EvaluationDocument } from './documents';
import { EarlierTexts } from './earlierTexts';
import type { OwnWordsScope } from './earlierTexts';
import { lowestFloor, productRule, variantRules } from './ghostRule';
import type { GhostRule } from './ghostRule';
import { ratioEstimate } from './interval';
import type { Estimate, Ratio } from './interval';
import { ngramBits, ngramOrder, ngramPredictor } from './ngramBaseline';
import { networkPredictor } from './predictor';
import { Progress } from './progress';
import { RecordedStreams } from './recordedStreams';
import type { Evaluation, FloorPoint } from './report';
import { sampleIndices, sampleStretches } from './sample';
import type { Stretch } from './sample';
import { measureSavings } from './savings';
import type { ByGroup, SavingsFigures } from './savings';

const floors = [lowestFloor, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8];
/** How many articles go to a file for a person to read. */
const articlesToRead = 20;

export interface MeasurementSettings {
  /** Infinity for all. */
  numPositions: number;
  floor: number;
  ownWords: OwnWordsScope;
  /** Names for the report. */
  model: string;
  data: string;
}

type GenreRatio = Ratio & { genre: string };

export class Measurement {
  readonly evaluation: Evaluation;
  private readonly stretches: Stretch[];
  private readonly settings: GhostSettings;
  private readonly scope: OwnWordsScope;

  constructor(
    private readonly documents: readonly EvaluationDocument[],
    { numPositions, floor, ownWords, model, data }: MeasurementSettings,
    /** As an input method would commit them. */
    private readonly cutWords: (text: string) => readonly string[],
  ) {
    this.stretches = sampleStretches(documents, numPositions);
    this.settings = { ...defaultGhostSettings, confidenceFloor: floor, ownWords: ownWords !== 'off' };
    this.scope = ownWords;
    this.evaluation = {
      ...{ model, data, documents: documents.length, confidenceFloor: floor, ownWords, seconds: {} },
      characters: documents.reduce((sum, { text }) => sum + numCharacters(text), 0),
      sampledPositions: this.sampledCharacters,
    };
  }

  async bits(model: OpenModel): Promise<void> {
    const earlier = this.earlierTexts(model);
    const mixed: GenreRatio[] = [];
    const gains: GenreRatio[] = [];
    const alone: GenreRatio[] = [];
    this.evaluation.bits = await this.timed('bits', () =>
      this.perDocument('bits per character', async (document) => {
        const { model: bits, network, withOwnWords } = await documentBits(model, document, earlier);
        const { genre } = document;
        alone.push({ ...network, genre });
        if (withOwnWords) {
          mixed.push({ ...withOwnWords, genre });
          const saved = bits.numerator - withOwnWords.numerator;
          gains.push({ numerator: saved, denominator: bits.numerator, genre });
        }
        return bits;
      }),
    );
    if (model.table) this.evaluation.networkBits = estimates(alone);
    if (earlier) this.evaluation.ownWordsBits = { bits: estimates(mixed), less: estimates(gains) };
  }

  /** @throws RangeError where the model's prompts are not healed */
  async cuts(model: OpenModel, count: number): Promise<void> {
    const { healer } = model;
    if (!healer) throw new RangeError('--only cuts: this model takes prompts as they are cut');
    const cuts = [...randomCuts(this.documents, count)];
    const progress = new Progress('cut points', cuts.length);
    const measured: (CutBits & { document: EvaluationDocument })[] = [];
    await this.timed('cuts', async () => {
      for (const [i, { document, offset }] of cuts.entries()) {
        const bits = await cutBits({ ...model, healer }, document, offset);
        if (bits) measured.push({ ...bits, document });
        progress.at(i + 1);
      }
    });
    this.evaluation.cuts = {
      all: cutFigures(measured),
      inside: cutFigures(measured.filter(({ isInside }) => isInside)),
    };
  }

  async savings(model: OpenModel, also: { floors: boolean; variants: boolean; healing: boolean }): Promise<void> {
    const lowest = also.floors || also.variants ? lowestFloor : this.settings.confidenceFloor;
    const earlier = this.earlierTexts(model);
    const asked = { ...model, ...(also.healing ? {} : { healer: null }), learnt: earlier?.learnt ?? null };
    const streams = new RecordedStreams(networkPredictor(asked), lowest, earlier);
    this.evaluation.savings = await this.timed('savings', () => this.write('savings', streams, this.rule(lowest)));
    if (also.floors) this.evaluation.floors = await this.timed('floors', () => this.floors(streams));
    if (also.variants)
      this.evaluation.variants = await this.timed('variants', async () => {
        const variants: Evaluation['variants'] = [];
        for (const rule of variantRules(this.settings))
          variants.push({ name: rule.name, figures: await this.writeAll(rule.name, streams, rule) });
        return variants;
      });
  }

  async articles(model: OpenModel, count: number, outDir: string): Promise<void> {
    const articles = await this.timed('articles', () => this.writeArticles(model, count));
    this.evaluation.articles = articleFigures(articles);
    const read = sampleIndices(articles.length, articlesToRead).map((i) => articles[i] as WrittenArticle);
    await writeFile(join(outDir, 'articles.md'), articlesAsText(read));
  }

  async fivegram(corpusDir: string, also: { savings: boolean; floors: boolean }): Promise<void> {
    const progress = new Progress('5-gram: training', ngramOrder);
    progress.at(0); // reading takes a while
    const model = await this.timed('5-gram training', () => trainNgram(corpusDir, (order) => progress.at(order)));
    const result: NonNullable<Evaluation['fivegram']> = {
      bits: await this.timed('5-gram bits', () =>
        this.perDocument('5-gram: bits per character', (document) => Promise.resolve(ngramBits(model, document))),
      ),
    };
    this.evaluation.fivegram = result;
    if (!also.savings) return;
    const lowest = also.floors ? lowestFloor : this.settings.confidenceFloor;
    const streams = new RecordedStreams(ngramPredictor(model), lowest);
    result.savings = await this.timed('5-gram savings', () =>
      this.write('5-gram: savings', streams, this.rule(lowest)),
    );
    if (also.floors) result.floors = await this.timed('5-gram floors', () => this.floors(streams));
  }

  async ppmd(corpusDir: string, outDir: string): Promise<void> {
    const progress = new Progress('PPMd: compressing the training text twice', 1);
    progress.at(0);
    this.evaluation.ppmd = await this.timed('PPMd', () =>
      ppmdBits(corpusDir, outDir, this.documents, (share) => progress.at(share)),
    );
  }

  private earlierTexts({ tokenizer }: OpenModel): EarlierTexts | null {
    return this.scope === 'off' ? null : new EarlierTexts(tokenizer, this.documents, this.scope);
  }

  private get sampledCharacters(): number {
    return this.stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  private rule(lowest: number): GhostRule {
    if (this.settings.confidenceFloor < lowest) throw new RangeError(`floors below ${lowest} are not recorded`);
    return productRule(this.settings);
  }

  private async perDocument(
    what: string,
    measure: (document: EvaluationDocument) => Promise<Ratio>,
  ): Promise<ByGroup<Estimate>> {
    const progress = new Progress(what, this.evaluation.characters);
    const ratios: GenreRatio[] = [];
    let done = 0;
    for (const document of this.documents) {
      const ratio = await measure(document);
      ratios.push({ ...ratio, genre: document.genre });
      progress.at((done += ratio.denominator));
    }
    return estimates(ratios);
  }

  private write(what: string, streams: RecordedStreams, rule: GhostRule): Promise<ByGroup<SavingsFigures>> {
    const progress = new Progress(what, this.sampledCharacters);
    return measureSavings(this.documents, this.stretches, streams, rule, this.cutWords, (done) => progress.at(done));
  }

  private async writeAll(what: string, streams: RecordedStreams, rule: GhostRule): Promise<SavingsFigures> {
    return (await this.write(what, streams, rule)).all as SavingsFigures;
  }

  /** Highest first: each lower one asks only for the places that it reaches in addition. */
  private async floors(streams: RecordedStreams): Promise<FloorPoint[]> {
    const points: FloorPoint[] = [];
    for (const floor of [...floors].reverse()) {
      const rule = productRule({ ...this.settings, confidenceFloor: floor });
      points.unshift({ floor, figures: await this.writeAll(`floor ${floor}`, streams, rule) });
    }
    return points;
  }

  private async writeArticles(model: OpenModel, count: number): Promise<WrittenArticle[]> {
    const titled = this.documents.filter(({ title }, i, all) => title && all.findIndex((d) => d.title === title) === i);
    const chosen = sampleIndices(titled.length, count);
    const predictor = networkPredictor(model);
    const progress = new Progress('articles', chosen.length);
    const articles: WrittenArticle[] = [];
    for (const index of chosen) {
      const { title, genre } = titled[index] as EvaluationDocument;
      articles.push({ ...(await writeArticle(predictor, title, articleOptions(index, model.manifest))), genre });
      progress.at(articles.length);
    }
    return articles;
  }

  private async timed<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.evaluation.seconds[name] = (performance.now() - started) / 1000;
    return result;
  }
}

function estimates(ratios: readonly GenreRatio[]): ByGroup<Estimate> {
  return Object.fromEntries(byGenre(ratios).map(([group, members]) => [group, ratioEstimate(members)]));
}

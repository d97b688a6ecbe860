/** Has the engine write articles, one at a time, whether anybody looks or not. */
import { characterCount } from '../../context/characterCount';
import { tokensFor } from '../../context/stopIndex';
import { ParagraphWriter } from '../../context/style/paragraphs';
import type { ParagraphStyle } from '../../context/style/paragraphs';
import { sameScript } from '../../context/style/script';
import { StyleStream } from '../../context/style/styleWriter';
import type { Engine } from '../../engine/engine';
import type { GenerateOptions } from '../../options';
import { closeToTitle, presetOptions } from '../../presets';
import type { Article, ArticleRequest } from '../../pages';
import type { FinishReason, ModelInfo } from '../../protocol';
import type { ArticleHistory } from './articleHistory';
import { articleStyle, forModel } from './articleText';

/** A crash of VS Code costs no more than what was written in this time. */
const saveIntervalMs = 2000;

/** A text that ends by itself at this share of the wanted length is complete; before that the model is to go on. */
const closeEnough = 0.9;

/** As the models write: one "\n" between paragraphs. */
const asWritten: ParagraphStyle = { blankLine: false, indent: '', eol: '\n', container: '' };

export interface ArticleListener {
  /** An article has ended, in whatever way. */
  onEnd(): void;
  /** The text has grown. */
  onText(article: Article): void;
  onFailure(error: unknown): void;
}

/** An article is written, until it is in no state but 'writing'. */
interface Run {
  article: Article;
  abort: AbortController;
  style: StyleStream;
  paragraphs: ParagraphWriter;
  firstTextAt: number | null;
  savedAt: number;
}

export class ArticleWriter {
  private run: Run | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly history: ArticleHistory,
    private readonly listener: ArticleListener,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
    /** What the writer has set beyond the preset. Throws what `onFailure` is told. */
    private readonly sampling: () => Partial<GenerateOptions> = () => ({}),
  ) {}

  get writingId(): string | null {
    return this.run?.article.id ?? null;
  }

  /** Ends what is being written and begins another. @returns it, in the history from now on */
  start(id: string, request: ArticleRequest): Article {
    this.stop();
    const article: Article = { id, ...request, startedAt: this.now(), text: '', state: 'writing', writingMs: 0 };
    this.run = {
      ...{ article, abort: new AbortController(), firstTextAt: null, savedAt: this.now() },
      style: new StyleStream({
        ...{ style: articleStyle(article), script: sameScript, before: article.opening },
        ...{ modelBefore: forModel(article), modelBehind: '' },
      }),
      paragraphs: new ParagraphWriter(asWritten, /(?:^|\n)$/.test(article.opening) ? 'nothing' : 'text'),
    };
    this.history.add(article);
    void this.write(this.run);
    return article;
  }

  /** At once: what the engine still sends is not looked at. */
  stop(): void {
    if (this.run) this.end(this.run, 'stopped');
  }

  private async write(run: Run): Promise<void> {
    const { article } = run;
    try {
      let reason: FinishReason = 'stop';
      for (let round = 0; this.run === run; round++) {
        const lengthBefore = article.text.length;
        reason = await this.writeOn(run, round, reason === 'endOfText' ? '\n' : '');
        const goesOn = (reason === 'stop' || reason === 'endOfText') && article.text.length > lengthBefore;
        if (!goesOn || characters(article) >= article.length * closeEnough) break;
      }
      if (reason !== 'aborted') this.append(run, run.style.end(true));
      this.end(run, reason === 'aborted' ? 'stopped' : 'finished');
    } catch (error) {
      if (this.run !== run) return;
      this.end(run, 'failed');
      this.listener.onFailure(error);
    }
  }

  /** @param lead begins the text unless the model itself begins with it */
  private async writeOn(run: Run, round: number, lead: string): Promise<FinishReason> {
    const { article, abort } = run;
    const prompt = { title: article.title, text: forModel(article) + lead, fromStart: true };
    const model = await this.engine.load();
    if (this.run !== run) return 'aborted';
    const options = { ...articleOptions(article, round, model), ...this.sampling() };
    const stream = this.engine.generate(prompt, options, abort.signal);
    try {
      for (let before = lead; ; before = '') {
        const next = await stream.next();
        if (this.run !== run) return 'aborted';
        if (next.done) return next.value.finishReason;
        const piece = before + (before === '' ? next.value.text : next.value.text.replace(/^\n+/, ''));
        // What is shown is what is inserted: no quote that closes nothing, no empty paragraph.
        this.append(run, run.paragraphs.write(run.style.push(piece)));
      }
    } finally {
      // A stream that is left early must be told so: the engine holds something for it.
      await stream.return({ text: '', finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 });
    }
  }

  private append(run: Run, text: string): void {
    if (this.run !== run || text === '') return;
    const now = this.now();
    run.firstTextAt ??= now;
    run.article.text += text;
    run.article.writingMs = now - run.firstTextAt;
    if (now - run.savedAt >= saveIntervalMs) {
      run.savedAt = now;
      void this.history.save();
    }
    this.listener.onText(run.article);
  }

  private end(run: Run, state: Exclude<Article['state'], 'writing'>): void {
    if (this.run !== run) return;
    this.run = null;
    run.abort.abort();
    run.article.state = state;
    run.article.text = run.article.text.trimEnd();
    void (run.article.text === '' ? this.history.erase(run.article.id) : this.history.save());
    this.listener.onEnd();
  }
}

function characters({ opening, text }: Article): number {
  return characterCount(opening + text).all;
}

function articleOptions(article: Article, round: number, model: ModelInfo): Partial<GenerateOptions> {
  const left = Math.max(1, article.length - characters(article));
  return {
    ...presetOptions(article.preset, model.sampling),
    ...closeToTitle(model),
    stopAt: 'sentence',
    minCharacters: left,
    maxNewTokens: tokensFor(left),
    // The same seed would end the text where it has just ended.
    seed: (article.seed + round) % 2 ** 32,
  };
}

/**
 * The articles of this workspace, newest first, kept in VS Code's storage on this machine and nowhere else. Of two browser
 * tabs on one workspace the one that saves last has the history: a window reads the workspace's storage once, and VS Code
 * tells an extension nothing of what another has put there, so there is nothing to merge with.
 */
import { characterCount } from '../../context/characterCount';
import { articleStates } from '../../pages';
import type { Article, ArticleSummary } from '../../pages';
import { articleLimits } from './articleLimits';
import { isIntegerIn, isPreset, isRecord, isText } from './panelRequest';

export const maxArticles = 50;
/** VS Code warns of extensions that keep more than half a megabyte in its storage. UTF-16 units of all articles. */
export const maxStoredLength = 200_000;

const key = 'moxu.articles';

/** vscode.Memento, or a stand-in. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export class ArticleHistory {
  private articles: Article[];

  constructor(private readonly memory: Memory) {
    const stored = memory.get(key);
    this.articles = (Array.isArray(stored) ? stored : []).filter(isArticle).slice(0, maxArticles);
    // Whatever was writing it is gone.
    for (const article of this.articles) if (article.state === 'writing') article.state = 'stopped';
  }

  get newest(): Article | null {
    return this.articles[0] ?? null;
  }

  get summaries(): ArticleSummary[] {
    return this.articles.map(({ id, title, startedAt, state, opening, text }) => {
      return { id, title, startedAt, state, characters: characterCount(opening + text).all };
    });
  }

  find(id: string): Article | null {
    return this.articles.find((article) => article.id === id) ?? null;
  }

  /** The article may go on changing; `save` then keeps what it has become. */
  add(article: Article): void {
    this.articles.unshift(article);
    this.articles.length = Math.min(this.articles.length, maxArticles);
  }

  /** Writes everything to the storage; the oldest articles go when there is too much. */
  async save(): Promise<void> {
    let length = 0;
    const fits = ({ opening, text }: Article) => (length += opening.length + text.length) <= maxStoredLength;
    this.articles = this.articles.filter((article, i) => fits(article) || i === 0);
    await this.memory.update(key, this.articles.length > 0 ? this.articles : undefined);
  }

  async erase(id: string): Promise<void> {
    this.articles = this.articles.filter((article) => article.id !== id);
    await this.save();
  }

  async eraseAll(): Promise<void> {
    this.articles = [];
    await this.save();
  }
}

/** Storage may hold what another version wrote. */
function isArticle(value: unknown): value is Article {
  if (!isRecord(value)) return false;
  const { minLength, maxLength, maxSeed } = articleLimits;
  return (
    ['id', 'title', 'opening', 'text'].every((name) => isText(value[name], maxStoredLength)) &&
    isIntegerIn(value['length'], minLength, maxLength) &&
    isIntegerIn(value['seed'], 0, maxSeed) &&
    isPreset(value['preset']) &&
    articleStates.some((state) => state === value['state']) &&
    Number.isFinite(value['startedAt']) &&
    Number.isFinite(value['writingMs'])
  );
}

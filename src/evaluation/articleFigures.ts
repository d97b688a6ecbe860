/** Sums over articles → figures by genre. */
import { articleLength, countArticle } from './articles';
import type { Article, ArticleCounts } from './articles';
import { byGenre } from './documents';
import { ratioEstimate } from './interval';
import type { Estimate } from './interval';
import type { ByGroup } from './savings';

export interface ArticleFigures {
  articles: number;
  /** Share of 8-character windows that occurred before in the same article. */
  repetition: Estimate;
  distinct2: Estimate;
  distinct3: Estimate;
  endsWithSentence: Estimate;
  /** Number, over all articles. */
  invalidCharacters: number;
  /** Wall time per 字. */
  msPerCharacter: Estimate;
}

export type WrittenArticle = Article & { genre: string };

export function articleFigures(articles: readonly WrittenArticle[]): ByGroup<ArticleFigures> {
  return Object.fromEntries(byGenre(articles).map(([group, members]) => [group, figures(members)]));
}

function figures(articles: readonly WrittenArticle[]): ArticleFigures {
  const counts = articles.map(({ text }) => countArticle(text));
  const share = (numerator: keyof ArticleCounts, denominator: keyof ArticleCounts) =>
    ratioEstimate(counts.map((count) => ({ numerator: count[numerator], denominator: count[denominator] })));
  return {
    articles: articles.length,
    repetition: share('repeatedWindows', 'windows'),
    distinct2: share('distinctBigrams', 'bigrams'),
    distinct3: share('distinctTrigrams', 'trigrams'),
    endsWithSentence: ratioEstimate(counts.map((count) => ({ numerator: count.endsWithSentence, denominator: 1 }))),
    invalidCharacters: counts.reduce((sum, { invalidCharacters }) => sum + invalidCharacters, 0),
    msPerCharacter: ratioEstimate(
      articles.map(({ ms, text }) => ({ numerator: ms, denominator: articleLength(text) })),
    ),
  };
}

/** A file that a person reads. */
export function articlesAsText(articles: readonly WrittenArticle[]): string {
  return articles
    .map(({ title, genre, text, finishReason }) => `# ${title}\n\n(${genre}, ${finishReason})\n\n${text.trim()}\n`)
    .join('\n\n');
}

/**
 * What the product has learnt when a writer stands at a place of a document: the document up to where the prompt begins,
 * and, with the scope `source`, the documents of the same source that stand before it in the file, as if they lay in the
 * same folder or were the chapters before. (The prompt itself is looked through without being learnt.)
 */
import { LearntTexts } from '../generation/learntTexts';
import { shareInLearntTexts } from '../generation/ownWords';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { EvaluationDocument } from './documents';

export const ownWordsScopes = ['off', 'document', 'source'] as const;
export type OwnWordsScope = (typeof ownWordsScopes)[number];

export class EarlierTexts {
  readonly learnt: LearntTexts;
  private document: EvaluationDocument | null = null;
  private length = 0;

  constructor(
    tokenizer: Tokenizer,
    private readonly documents: readonly EvaluationDocument[],
    private readonly scope: Exclude<OwnWordsScope, 'off'>,
  ) {
    this.learnt = new LearntTexts((text) => tokenizer.encode(text), shareInLearntTexts(tokenizer));
  }

  /** @param length of the document's text before the prompt, in UTF-16 units */
  standAt(document: EvaluationDocument, length: number): void {
    if (document !== this.document) {
      this.learnt.forget(null);
      if (this.scope === 'source')
        for (const earlier of this.documents.slice(0, this.documents.indexOf(document)))
          if (earlier.source === document.source) this.learn(`${earlier.source}/${earlier.title}`, earlier.text);
    } else if (length === this.length) return;
    this.document = document;
    this.length = length;
    this.learn('document', document.text.slice(0, length));
  }

  private learn(name: string, text: string): void {
    this.learnt.learn({ name, text, isFirst: true, isLast: true });
  }
}

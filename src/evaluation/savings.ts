/** The simulated writer over a sample, for one predictor and one rule; figures by genre with intervals. */
import { byGenre } from './documents';
import type { EvaluationDocument } from './documents';
import type { GhostRule } from './ghostRule';
import { ratioEstimate } from './interval';
import type { Estimate } from './interval';
import { characterKeys, pinyinKeys, wordHand, type WordHand } from './keys';
import type { RecordedStreams } from './recordedStreams';
import type { Stretch } from './sample';
import { GhostAtCursor, addTally, emptyTally, write } from './writer';
import type { Tally } from './writer';

/** All but the last two are of the writer whose keys are characters. Shares are 0 … 1. */
export interface SavingsFigures {
  savings: Estimate;
  /** Positions with a ghost. */
  coverage: Estimate;
  /** Ghosts whose first word is right. */
  precision: Estimate;
  /** Characters that an acceptance takes, on average. */
  acceptedLength: Estimate;
  /** Ghosts of which something is taken. */
  acceptances: Estimate;
  savingsPinyin: Estimate;
  /** Of a writer whose input method commits words. */
  words: Pick<SavingsFigures, 'savings' | 'coverage' | 'precision'>;
}

export type ByGroup<T> = Record<string, T>;

interface DocumentTallies {
  genre: string;
  characters: Tally;
  pinyin: Tally;
  words: Tally;
}

export async function measureSavings(
  documents: readonly EvaluationDocument[],
  stretches: readonly Stretch[],
  streams: RecordedStreams,
  rule: GhostRule,
  cutWords: (text: string) => readonly string[],
  progress: (characters: number) => void = () => undefined,
): Promise<ByGroup<SavingsFigures>> {
  const tallies = documents.map(({ genre }): DocumentTallies => ({
    genre,
    characters: emptyTally(),
    pinyin: emptyTally(),
    words: emptyTally(),
  }));
  // Of whole documents: readings depend on the context.
  const hands = new Map<number, { pinyin: ReturnType<typeof pinyinKeys>; words: WordHand }>();
  let done = 0;
  for (const stretch of stretches) {
    const document = documents[stretch.document] as EvaluationDocument;
    const sums = tallies[stretch.document] as DocumentTallies;
    const { text } = document;
    const type = (keysAt: (offset: number) => number, wordEnd?: (offset: number) => number) =>
      write(text, stretch, new GhostAtCursor(document, rule, streams), keysAt, wordEnd);
    const hand = hands.get(stretch.document) ?? { pinyin: pinyinKeys(text), words: wordHand(text, cutWords) };
    hands.set(stretch.document, hand);
    addTally(sums.characters, await type(characterKeys(text)));
    addTally(sums.pinyin, await type(hand.pinyin));
    addTally(sums.words, await type(hand.words.keysAt, hand.words.wordEnd));
    progress((done += stretch.end - stretch.start));
  }
  return Object.fromEntries(byGenre(tallies).map(([group, members]) => [group, figures(members)]));
}

/** Documents that the sample does not touch are no observations. */
function figures(all: readonly DocumentTallies[]): SavingsFigures {
  const members = all.filter(({ characters }) => characters.characters > 0);
  const share = (of: (tally: DocumentTallies) => [numerator: number, denominator: number]) =>
    ratioEstimate(members.map(of).map(([numerator, denominator]) => ({ numerator, denominator })));
  const saved = ({ plainKeys, keys }: Tally): [number, number] => [plainKeys - keys, plainKeys];
  return {
    savings: share(({ characters }) => saved(characters)),
    coverage: share(({ characters: tally }) => [tally.positionsWithGhost, tally.positions]),
    precision: share(({ characters: tally }) => [tally.rightGhosts, tally.ghosts]),
    acceptedLength: share(({ characters: tally }) => [tally.acceptedCharacters, tally.acceptances]),
    acceptances: share(({ characters: tally }) => [tally.acceptances, tally.ghosts]),
    savingsPinyin: share(({ pinyin }) => saved(pinyin)),
    words: {
      savings: share(({ words }) => saved(words)),
      coverage: share(({ words }) => [words.positionsWithGhost, words.positions]),
      precision: share(({ words }) => [words.rightGhosts, words.ghosts]),
    },
  };
}

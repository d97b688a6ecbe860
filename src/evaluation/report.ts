/** Figures → Markdown tables, as they stand in a model card. */
import type { ArticleFigures } from './articleFigures';
import type { CutFigures } from './cutPoints';
import type { OwnWordsScope } from './earlierTexts';
import type { Estimate } from './interval';
import type { ByGroup, SavingsFigures } from './savings';

export interface FloorPoint {
  floor: number;
  figures: SavingsFigures;
}

/** Everything that one run measures; what it did not measure is left out. */
export interface Evaluation {
  model: string;
  data: string;
  documents: number;
  characters: number;
  /** Positions at which the simulated writer could stand; `characters` with --full. */
  sampledPositions: number;
  confidenceFloor: number;
  /** Which earlier texts the writer's own words are learnt from. */
  ownWords: OwnWordsScope;
  /** Bits per character. */
  bits?: ByGroup<Estimate>;
  /** The same without the model's table of what its training text went on with, where it has one. */
  networkBits?: ByGroup<Estimate>;
  /** The same with the writer's own words, and the share of bits that they save. */
  ownWordsBits?: { bits: ByGroup<Estimate>; less: ByGroup<Estimate> };
  /** Bits per character right behind a cursor at random places, and those of them inside a token. */
  cuts?: { all: CutFigures; inside: CutFigures };
  savings?: ByGroup<SavingsFigures>;
  /** All genres together, floors ascending. */
  floors?: FloorPoint[];
  variants?: { name: string; figures: SavingsFigures }[];
  articles?: ByGroup<ArticleFigures>;
  fivegram?: { bits: ByGroup<Estimate>; savings?: ByGroup<SavingsFigures>; floors?: FloorPoint[] };
  /** Bits per character, or why there are none. */
  ppmd?: number | string;
  /** Wall time of each phase. */
  seconds: Record<string, number>;
}

/** The smallest floor at which at least half of the ghosts have a right first word. */
export function recommendedFloor(points: readonly FloorPoint[], leastPrecision = 0.5): number | null {
  return points.find(({ figures }) => figures.precision.value >= leastPrecision)?.floor ?? null;
}

const savingsHead = [
  ...['savings', 'savings, pinyin', 'ghost shown', 'first word right', 'accepted length', 'taken'],
  ...['typed by words: savings', 'shown', 'first word right'],
];

export function report(evaluation: Evaluation): string {
  const { model, data, documents, characters, bits, savings, floors, variants, articles, fivegram, ppmd } = evaluation;
  const { sampledPositions, confidenceFloor, networkBits, ownWords, ownWordsBits, cuts, seconds } = evaluation;
  const parts = [`# ${model} on ${data}: ${documents} documents, ${characters} characters`];
  if (bits || fivegram) parts.push('## Bits per character', bitsTable(bits, networkBits, fivegram?.bits));
  if (ownWordsBits) parts.push(`## Bits per character with own words (${ownWords})`, ownWordsTable(ownWordsBits));
  if (cuts) parts.push('## Bits per character behind random cut points', cutsTable(cuts));
  if (ppmd !== undefined) parts.push(`PPMd, all: ${typeof ppmd === 'number' ? ppmd.toFixed(3) : ppmd}`);
  const sampled = `${sampledPositions} positions, confidence floor ${confidenceFloor}, own words: ${ownWords}`;
  if (savings) parts.push(`## Keystroke savings (${sampled})`, savingsTable(savings));
  if (floors) parts.push('## Confidence floors', floorsTable(floors));
  if (variants) parts.push('## Other rules', variantsTable(variants));
  if (fivegram?.savings) parts.push(`## 5-gram: keystroke savings (${sampled})`, savingsTable(fivegram.savings));
  if (fivegram?.floors) parts.push('## 5-gram: confidence floors', floorsTable(fivegram.floors));
  if (articles) parts.push('## Articles', articlesTable(articles));
  parts.push(
    `Seconds: ${Object.entries(seconds)
      .map(([name, s]) => `${name} ${s.toFixed(0)}`)
      .join(', ')}`,
  );
  return `${parts.join('\n\n')}\n`;
}

function bitsTable(
  model: ByGroup<Estimate> | undefined,
  network: ByGroup<Estimate> | undefined,
  fivegram: ByGroup<Estimate> | undefined,
): string {
  const groups = Object.keys(model ?? fivegram ?? {});
  const rows = groups.map((group) => {
    const ours = model?.[group];
    const theirs = fivegram?.[group];
    const less = ours && theirs ? `${(100 * (1 - ours.value / theirs.value)).toFixed(1)} %` : '';
    return [group, show(ours), show(network?.[group]), show(theirs), less];
  });
  return table(['', 'model', 'network alone', '5-gram', 'less by'], rows);
}

function ownWordsTable({ bits, less }: NonNullable<Evaluation['ownWordsBits']>): string {
  const rows = Object.entries(bits).map(([group, estimate]) => {
    const saved = less[group];
    return [group, show(estimate), saved ? percent(saved) : ''];
  });
  return table(['', 'model and own words', 'less by'], rows);
}

function cutsTable(cuts: NonNullable<Evaluation['cuts']>): string {
  const rows = Object.entries(cuts).map(([where, { cuts: count, healed, unhealed }]) => [
    ...[where === 'all' ? 'anywhere' : 'inside a token', String(count), show(unhealed), show(healed)],
  ]);
  return table(['cursor', 'places', 'without healing', 'with healing'], rows);
}

function savingsTable(groups: ByGroup<SavingsFigures>): string {
  return table(
    ['', ...savingsHead],
    Object.entries(groups).map(([group, figures]) => [group, ...savingsCells(figures)]),
  );
}

function floorsTable(points: readonly FloorPoint[]): string {
  const rows = points.map(({ floor, figures }) => [String(floor), ...savingsCells(figures)]);
  const floor = recommendedFloor(points);
  const words = floor === null ? 'No floor of these reaches a precision of 50 %.' : `Smallest with ≥ 50 %: ${floor}`;
  return `${table(['floor', ...savingsHead], rows)}\n\n${words}`;
}

function variantsTable(variants: readonly { name: string; figures: SavingsFigures }[]): string {
  return table(
    ['rule', ...savingsHead],
    variants.map(({ name, figures }) => [name, ...savingsCells(figures)]),
  );
}

function savingsCells(figures: SavingsFigures): string[] {
  const { savings, savingsPinyin, coverage, precision, acceptedLength, acceptances, words } = figures;
  return [
    ...[savings, savingsPinyin, coverage, precision].map((share) => percent(share)),
    show(acceptedLength, 2),
    percent(acceptances),
    ...[words.savings, words.coverage, words.precision].map((share) => percent(share)),
  ];
}

function articlesTable(groups: ByGroup<ArticleFigures>): string {
  const head = ['', 'articles', 'repetition', 'distinct-2', 'distinct-3', 'ends well', 'invalid', 'ms per 字'];
  const rows = Object.entries(groups).map(([group, figures]) => [
    group,
    String(figures.articles),
    percent(figures.repetition),
    show(figures.distinct2, 3),
    show(figures.distinct3, 3),
    percent(figures.endsWithSentence),
    String(figures.invalidCharacters),
    show(figures.msPerCharacter, 1),
  ]);
  return table(head, rows);
}

/** “5.47 (5.41–5.53)”; a dash where nothing was counted. */
export function show(estimate: Estimate | undefined, digits = 3): string {
  if (!estimate || Number.isNaN(estimate.value)) return '–';
  const [value, low, high] = [estimate.value, estimate.low, estimate.high].map((number) => number.toFixed(digits));
  return `${value ?? ''} (${low ?? ''}–${high ?? ''})`;
}

function percent({ value, low, high }: Estimate): string {
  const scaled = show({ value: 100 * value, low: 100 * low, high: 100 * high }, 1);
  return scaled === '–' ? scaled : `${scaled} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

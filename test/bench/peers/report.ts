/** The tables of `../peers.bench.ts`: medians with their spread, and ratios beside what is aimed at. */
import { percentile } from '../machine';
import type { LoadTiming, Timing } from './engineProcess';

export interface Contender {
  name: string;
  /** Bytes of the weights: a step reads nearly all of them. */
  bytes: number;
  /** Of each round, in order. */
  figures: Map<string, Timing[]>;
  loads: LoadTiming[];
}

const [int8, q8, int4, q4] = ['Moxu int8', 'llama.cpp q8_0', 'Moxu int4', 'llama.cpp q4_0'] as const;

/** Ours, theirs, and the largest ratio of their times that is aimed at. */
const aims: [ours: string, theirs: string, figures: string[], atMost: number][] = [
  [int8, q8, ['decode 64', 'decode 256', 'decode 1000'], 0.75],
  [int4, q4, ['decode 64', 'decode 256', 'decode 1000'], 0.85],
  ['Moxu f32', 'transformers.js f32', ['decode 64', 'decode 256', 'decode 1000'], 0.6],
  [int8, q8, ['prefill 128', 'prefill 512'], 0.45],
  [int4, q4, ['prefill 128', 'prefill 512'], NaN],
  ['Moxu f32', 'llama.cpp f32', ['decode 64', 'decode 256', 'decode 1000', 'prefill 128', 'prefill 512'], NaN],
];
const loadAims: [ours: string, theirs: string, atMost: number][] = [
  [int8, q8, 0.5],
  [int4, q4, 0.5],
  ['Moxu f32', 'llama.cpp f32', 0.5],
];

/** "median (p10–p90)" */
function spread(values: readonly number[], digits = 1): string {
  const [low, middle, high] = [0.1, 0.5, 0.9].map((p) => percentile(values, p).toFixed(digits));
  return `${middle} (${low}–${high})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const decodeSteps = (figure: string, numSteps: number) => (figure.startsWith('decode') ? numSteps : 1);

/** @param bandwidth bytes per second @param numSteps tokens in a figure of decoding */
export function timesTable(contenders: readonly Contender[], bandwidth: number, numSteps: number): string {
  const figures = [...(contenders[0]?.figures.keys() ?? [])];
  const rows = contenders.map(({ name, bytes, figures: measured }) => [
    name,
    ...figures.map((figure) =>
      spread((measured.get(figure) ?? []).map(({ wallMs }) => wallMs / decodeSteps(figure, numSteps))),
    ),
    ((bytes / bandwidth) * 1000).toFixed(1),
  ]);
  return table(['wall ms', ...figures, 'floor: weights / bandwidth'], rows);
}

export function loadTable(contenders: readonly Contender[]): string {
  const rows = contenders.map(({ name, bytes, loads }) => [
    name,
    ...(['libraryMs', 'modelMs', 'firstTokenMs'] as const).map((part) =>
      spread(
        loads.map((load) => load[part]),
        0,
      ),
    ),
    (bytes / 1e6).toFixed(0),
    (loads[0]?.megabytes ?? NaN).toFixed(0),
  ]);
  return table(['load, ms', 'library', 'model', 'first token', 'weights MB', 'memory MB, window full'], rows);
}

/** Ratios of medians, and in brackets the least and the largest of the rounds'. */
export function ratioTable(contenders: readonly Contender[]): string {
  const rows: string[][] = [];
  for (const [ours, theirs, figures, atMost] of aims)
    for (const figure of figures) {
      const [a, b] = [ours, theirs].map((name) =>
        contenders
          .find((one) => one.name === name)
          ?.figures.get(figure)
          ?.map(({ wallMs }) => wallMs),
      );
      if (a && b) rows.push([`${ours} : ${theirs}`, figure, ...ratio(a, b, atMost)]);
    }
  return table(['ratio', 'of', 'measured', 'aim'], rows);
}

export function loadRatioTable(contenders: readonly Contender[]): string {
  const rows: string[][] = [];
  for (const [ours, theirs, atMost] of loadAims)
    for (const [what, ms] of [
      ['model', ({ modelMs }: LoadTiming) => modelMs],
      ['model and first token', ({ modelMs, firstTokenMs }: LoadTiming) => modelMs + firstTokenMs],
      ['all, library too', (load: LoadTiming) => load.libraryMs + load.modelMs + load.firstTokenMs],
    ] as const) {
      const [a, b] = [ours, theirs].map((name) => contenders.find((one) => one.name === name)?.loads.map(ms));
      if (a && b) rows.push([`${ours} : ${theirs}`, what, ...ratio(a, b, atMost)]);
    }
  return table(['ratio', 'load of', 'measured', 'aim'], rows);
}

function ratio(ours: readonly number[], theirs: readonly number[], atMost: number): string[] {
  const rounds = ours.map((ms, round) => ms / (theirs[round] ?? NaN));
  const value = percentile(ours, 0.5) / percentile(theirs, 0.5);
  const aim = Number.isNaN(atMost) ? '' : `≤ ${atMost}: ${value <= atMost ? 'met' : 'missed'}`;
  return [`${value.toFixed(2)} (${Math.min(...rounds).toFixed(2)}–${Math.max(...rounds).toFixed(2)})`, aim];
}

/** How often each engine's most probable token is that of llama.cpp in float32 (or of the first). */
export function agreementTable(contenders: readonly Contender[]): string {
  const tokensOf = ({ figures }: Contender) => [...figures.values()].flat().flatMap(({ tokens }) => tokens);
  const reference = contenders.find(({ name }) => name === 'llama.cpp f32') ?? contenders[0];
  const expected = reference ? tokensOf(reference) : [];
  const others = contenders.filter((contender) => contender !== reference);
  const rows = others.map((contender) => {
    const same = tokensOf(contender).filter((token, i) => token === expected[i]).length;
    return [contender.name, `${same} of ${expected.length}`];
  });
  return table([`same most probable token as ${reference?.name}`, ''], rows);
}

/**
 * The tables of `../peers.bench.ts`: medians with their spread, and ratios beside what is aimed at.
 *
 * One thread is judged by its CPU time, which other programs on the machine disturb less than they do the clock; several
 * threads by the clock, as some of them wait by computing. Both are shown.
 */
import { percentile } from '../machine';
import type { Duration, LoadTiming, Timing } from './engineProcess';

export interface Contender {
  name: string;
  /** Bytes of the weights: a step reads nearly all of them. */
  bytes: number;
  /** Of each round, in order. */
  figures: Map<string, Timing[]>;
  loads: LoadTiming[];
}

export type Clock = keyof Duration;

export const clockFor = (numThreads: number): Clock => (numThreads === 1 ? 'cpuMs' : 'wallMs');

const decoding = ['decode 64', 'decode 256', 'decode 1000'];
const prefilling = ['prefill 128', 'prefill 512'];
const [int8, q8, int4, q4, f32] = ['Moxu int8', 'llama.cpp q8_0', 'Moxu int4', 'llama.cpp q4_0', 'Moxu f32'] as const;

/** Ours, theirs, and the largest ratio of their times that is aimed at. */
const aims: [ours: string, theirs: string, figures: string[], atMost?: number][] = [
  [int8, q8, decoding, 0.75],
  [int4, q4, decoding, 0.85],
  [f32, 'transformers.js f32', decoding, 0.6],
  [f32, 'llama.cpp f32', decoding],
  [int8, q8, prefilling, 0.45],
  [int4, q4, prefilling],
  [f32, 'transformers.js f32', prefilling],
  [f32, 'llama.cpp f32', prefilling],
];
const loadAims: [ours: string, theirs: string, atMost: number][] = [
  [int8, q8, 0.5],
  [int4, q4, 0.5],
  [f32, 'llama.cpp f32', 0.5],
];

type LoadPart = 'library' | 'model' | 'firstToken';
/** What may be called a load. The pages of a file that is mapped are read with the first token only. */
const loads: [what: string, parts: LoadPart[]][] = [
  ['model', ['model']],
  ['model and first token', ['model', 'firstToken']],
  ['the same, and the library', ['library', 'model', 'firstToken']],
];

/** "median (p10–p90)", and the other clock's median behind it. */
function cell(durations: readonly Duration[], clock: Clock, digits: number): string {
  const of = (what: Clock, p: number) =>
    percentile(
      durations.map((duration) => duration[what]),
      p,
    ).toFixed(digits);
  const other = clock === 'cpuMs' ? `wall ${of('wallMs', 0.5)}` : `CPU ${of('cpuMs', 0.5)}`;
  return `${of(clock, 0.5)} (${of(clock, 0.1)}–${of(clock, 0.9)}; ${other})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function perStep({ wallMs, cpuMs, tokens }: Timing): Duration {
  return { wallMs: wallMs / tokens.length, cpuMs: cpuMs / tokens.length };
}

/** @param bandwidth bytes per second */
export function timesTable(contenders: readonly Contender[], bandwidth: number, clock: Clock): string {
  const rows = contenders.map(({ name, bytes, figures }) => [
    name,
    ...[...decoding, ...prefilling].map((figure) => cell((figures.get(figure) ?? []).map(perStep), clock, 1)),
    ((bytes / bandwidth) * 1000).toFixed(1),
  ]);
  return table(['ms per token or prompt', ...decoding, ...prefilling, 'floor: weights / bandwidth'], rows);
}

export function loadTable(contenders: readonly Contender[], clock: Clock): string {
  const rows = contenders.map(({ name, bytes, loads }) => [
    name,
    ...(['library', 'model', 'firstToken'] as const).map((part) =>
      cell(
        loads.map((load) => load[part]),
        clock,
        0,
      ),
    ),
    (bytes / 1e6).toFixed(0),
    (loads[0]?.megabytes ?? NaN).toFixed(0),
  ]);
  return table(['load, ms', 'library', 'model', 'first token', 'weights MB', 'memory MB, window full'], rows);
}

/** Ratios of medians, and in brackets the least and the largest of the rounds'. */
export function ratioTable(contenders: readonly Contender[], clock: Clock): string {
  const rows: string[][] = [];
  for (const [ours, theirs, figures, atMost] of aims)
    for (const figure of figures) {
      const [a, b] = [ours, theirs].map((name) => contenders.find((one) => one.name === name)?.figures.get(figure));
      if (a && b) rows.push([`${ours} : ${theirs}`, figure, ...ratios(a, b, clock, atMost)]);
    }
  return table(['ratio', 'of', ...clockNames(clock), 'aim'], rows);
}

export function loadRatioTable(contenders: readonly Contender[], clock: Clock): string {
  const rows: string[][] = [];
  for (const [ours, theirs, atMost] of loadAims)
    for (const [what, parts] of loads) {
      const sum = (load: LoadTiming, clock: Clock) => parts.reduce((total, part) => total + load[part][clock], 0);
      const [a, b] = [ours, theirs].map((name) =>
        contenders
          .find((one) => one.name === name)
          ?.loads.map((load) => ({ wallMs: sum(load, 'wallMs'), cpuMs: sum(load, 'cpuMs') })),
      );
      if (a && b) rows.push([`${ours} : ${theirs}`, what, ...ratios(a, b, clock, atMost)]);
    }
  return table(['ratio', 'load of', ...clockNames(clock), 'aim'], rows);
}

const otherClock = (clock: Clock): Clock => (clock === 'cpuMs' ? 'wallMs' : 'cpuMs');
const clockNames = (clock: Clock) =>
  [clock, otherClock(clock)].map((one) => (one === 'cpuMs' ? 'CPU time' : 'wall time'));

function ratios(ours: readonly Duration[], theirs: readonly Duration[], clock: Clock, atMost?: number): string[] {
  const [judged, other] = [clock, otherClock(clock)].map((one) => {
    const [a, b] = [ours, theirs].map((all) => all.map((duration) => duration[one]));
    return ratio(a ?? [], b ?? []);
  });
  const aim = atMost === undefined ? '' : `≤ ${atMost}: ${(judged?.value ?? NaN) <= atMost ? 'met' : 'missed'}`;
  return [judged?.text ?? '', other?.text ?? '', aim];
}

function ratio(ours: readonly number[], theirs: readonly number[]): { value: number; text: string } {
  const rounds = ours.map((ms, round) => ms / (theirs[round] ?? NaN));
  const value = percentile(ours, 0.5) / percentile(theirs, 0.5);
  return { value, text: `${value.toFixed(2)} (${Math.min(...rounds).toFixed(2)}–${Math.max(...rounds).toFixed(2)})` };
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

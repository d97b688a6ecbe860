/** Types into VS Code at a steady pace and tells when which ghost was painted. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../host/probe';
import type { Stretch } from '../host/stretches';
import type { Workbench } from '../host/workbench';
import { percentile } from './machine';
import { sourcePlace } from './sourcePlace';

/** The next character to type. @param shown the ghost on screen, '' if there is none */
export type Next = (index: number, shown: string) => string;

/** Notes in the page what ghost text is shown after each frame in which that changed, and when it had been painted. */
const observer = `
  globalThis.moxuObserver?.disconnect();
  const noted = (globalThis.moxuNoted = []);
  const editor = document.querySelector('.editor-instance .monaco-editor');
  let last = '', waiting = false;
  const look = () => {
    waiting = false;
    const shown = [...editor.querySelectorAll('[class*="ghost-text"]:not([class*="ghost-text"] *)')]
      .map((element) => element.textContent).join('').replaceAll('\\u00a0', ' ');
    if (shown === last) return;
    globalThis.moxuShown = last = shown;
    const channel = new MessageChannel(); // its message comes after this frame has been painted
    channel.port1.onmessage = () => noted.push({ shown, at: performance.timeOrigin + performance.now() });
    channel.port2.postMessage(0);
  };
  globalThis.moxuShown = '';
  globalThis.moxuObserver = new MutationObserver(() => {
    if (!waiting) requestAnimationFrame(look);
    waiting = true;
  });
  globalThis.moxuObserver.observe(editor, { subtree: true, childList: true, characterData: true, attributes: true });
`;

interface Note {
  shown: string;
  at: number;
}

/** Times are milliseconds since 1970. */
export interface Stroke {
  character: string;
  at: number;
  /** Of the next stroke. */
  end: number;
  before: string;
  /** What was painted until the next stroke. */
  notes: Note[];
  /** What stood there at the next stroke. */
  after: string;
}

const now = (): number => performance.timeOrigin + performance.now();

export async function watchGhosts(workbench: Workbench): Promise<void> {
  await workbench.page.evaluate(observer);
}

/** @param restMs for so long at most the writer waits where there is no ghost, for one to type along */
export async function typeAndWatch(
  workbench: Workbench,
  count: number,
  intervalMs: number,
  nextCharacter: Next,
  restMs = 0,
): Promise<Stroke[]> {
  const { page } = workbench;
  const typed: { character: string; at: number; end?: number }[] = [];
  const shown = () => page.evaluate<string>('globalThis.moxuShown');
  let next = now();
  for (let i = 0; i < count; i++) {
    await sleep(Math.max(0, next - now()));
    // The time of this key is the end of the last one, be there a rest or not.
    const last = typed.at(-1);
    if (last) last.end = now();
    const until = now() + restMs;
    while (now() < until && (await shown()) === '') await sleep(10);
    if (restMs > 0) next = Math.max(next, now());
    const character = nextCharacter(i, await shown());
    next += intervalMs;
    typed.push({ character, at: now() });
    await page.keyboard.insertText(character);
  }
  await sleep(2 * intervalMs);
  const notes = await page.evaluate<Note[]>('globalThis.moxuNoted');
  const shownAt = (time: number): string => notes.filter(({ at }) => at <= time).at(-1)?.shown ?? '';
  return typed.map(({ character, at, end = at + intervalMs }) => {
    return {
      ...{ character, at, end, before: shownAt(at), after: shownAt(end) },
      notes: notes.filter((note) => note.at > at && note.at <= end),
    };
  });
}

/** Rows of a table. */
export function figures(strokes: readonly Stroke[], report: Report): [string, string][] {
  const { counts, asks, hostCpu, engineCpu } = report;
  const wentAlong = ({ before, character }: Stroke) => before.startsWith(character) && before !== character;
  const untilPaint = (some: readonly Stroke[]) =>
    some.flatMap(({ at, notes }) =>
      notes
        .filter(({ shown }) => shown !== '')
        .slice(0, 1)
        .map((note) => note.at - at),
    );
  /** The model was asked and had nothing to say of which it was sure enough. */
  const isSilent = ({ at, end }: Stroke) =>
    asks.some((ask) => ask.at > at && ask.at < end && !ask.wasLate && ask.ghost === '');
  const isVisible = ({ after }: Stroke) => after !== '';
  const sure = strokes.filter((stroke) => !isSilent(stroke));
  const alongStrokes = strokes.filter(wentAlong);
  const known = asks.filter(({ wasKnown, wasLate }) => wasKnown && !wasLate).map((ask) => ask.answeredAt - ask.at);
  return [
    ['new ghost, from insertion to paint', spread(untilPaint(strokes.filter((stroke) => !wentAlong(stroke))))],
    ['typed through, from insertion to paint', spread(untilPaint(alongStrokes))],
    ['ghost visible before the next key', share(strokes.filter(isVisible), strokes)],
    ['… of those where the model was sure enough', share(sure.filter(isVisible), sure)],
    ['… of those that went along the ghost', share(alongStrokes.filter(isVisible), alongStrokes)],
    [
      'requests',
      Object.entries(counts)
        .map(([name, number]) => `${name} ${number}`)
        .join(', '),
    ],
    ['known answers, in the extension host', spread(known)],
    ['processor seconds: engine, extension host', `${engineCpu.toFixed(2)}, ${hostCpu.toFixed(2)}`],
  ];
}

export function stretchesInWords(stretches: readonly Stretch[]): string {
  const longest = [...stretches].sort((a, b) => b.ms - a.ms).slice(0, 6);
  const ours = longest.map(({ ms, where }) => `${ms.toFixed(1)} ${sourcePlace(where)}`).join('; ');
  const lengths = stretches.map(({ ms }) => ms);
  const long = overTwo(stretches).map(({ ms, where }) => `${ms.toFixed(1)} ${sourcePlace(where)}`);
  return `${spread(lengths)}, over 2 ms: ${lengths.filter((ms) => ms > 2).length}, longest ${ours}; without the garbage collector over 2 ms: ${long.length} ${long.join('; ')}`;
}

/** Of what needs as long each time: what takes longer was held up by the machine, or by what it shares the thread with. */
export function controlInWords(stretches: readonly Stretch[]): string {
  const long = overTwo(stretches).map(({ ms }) => ms.toFixed(1));
  return `${spread(withoutCollector(stretches).map(({ ms }) => ms))}, without the garbage collector over 2 ms: ${long.length} ${long.join('; ')}`;
}

function withoutCollector(stretches: readonly Stretch[]): { ms: number; where: string }[] {
  return stretches.map(({ ms, collectorMs, where }) => ({ ms: ms - collectorMs, where }));
}

function overTwo(stretches: readonly Stretch[]): { ms: number; where: string }[] {
  return withoutCollector(stretches)
    .filter(({ ms }) => ms > 2)
    .sort((a, b) => b.ms - a.ms);
}

function share(some: readonly unknown[], all: readonly unknown[]): string {
  return all.length === 0 ? 'none' : `${Math.round((100 * some.length) / all.length)} % of ${all.length}`;
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return 'none';
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((p) => percentile(values, p).toPrecision(3));
  return `p50 ${p50}, p95 ${p95}, p99 ${p99} ms (${values.length} of them)`;
}

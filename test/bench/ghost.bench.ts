/**
 * What a writer waits for: from a keystroke to the painted ghost text, in a real VS Code with the packaged extension.
 * `npm run bench -- ghost [keystrokes]`
 */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { extensionHost } from '../host/processes';
import { installedHosts } from '../host/server';
import { packagedExtension, Workbench } from '../host/workbench';
import { describeMachine, percentile } from './machine';

/** VS Code waits this long itself before it asks for a suggestion. */
const debounceMs = 50;
const text =
  '祖父的院子。院子里有一棵老槐树，夏天的傍晚，一家人搬了竹椅坐在树下乘凉，说些田里的事。我躺在竹床上数星星，数着数着就睡着了。' +
  '第二天醒来的时候，雨已经停了，屋檐下挂着一排亮晶晶的水珠，麻雀在湿漉漉的枝头叫个不停，空气里都是泥土和青草的味道。';

const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };
const passes: { what: string; settings: Record<string, unknown>; intervalMs: number }[] = [
  { what: 'default settings', settings: {}, intervalMs: 200 },
  { what: 'never silent', settings: neverSilent, intervalMs: 200 },
  // With so much time nothing is cut off by the next keystroke: these are the true times.
  { what: 'never silent, slow typing', settings: neverSilent, intervalMs: 800 },
];

/** Notes in the page what ghost text is shown after each frame in which that changed, and when it had been painted. */
const probe = `
  const noted = (globalThis.moxuNoted = []);
  let last = '', waiting = false;
  const look = () => {
    waiting = false;
    const shown = [...document.querySelectorAll('.monaco-editor [class*="ghost-text"]:not([class*="ghost-text"] *)')]
      .map((element) => element.textContent).join('');
    if (shown === last) return;
    last = shown;
    const channel = new MessageChannel(); // its message comes after this frame has been painted
    channel.port1.onmessage = () => noted.push({ shown, at: performance.timeOrigin + performance.now() });
    channel.port2.postMessage(0);
  };
  new MutationObserver(() => {
    if (!waiting) requestAnimationFrame(look);
    waiting = true;
  }).observe(document.querySelector('.monaco-editor'), { subtree: true, childList: true, characterData: true, attributes: true });
`;

interface Note {
  shown: string;
  at: number;
}

const now = (): number => performance.timeOrigin + performance.now();

interface Times {
  /** Milliseconds from a keystroke to the first ghost text after it, where there was one before the next keystroke. */
  fresh: number[];
  /** The same where the keystroke was what the ghost text said. */
  typedThrough: number[];
}

async function typeAndTime(workbench: Workbench, count: number, intervalMs: number): Promise<Times> {
  const { page } = workbench;
  await page.evaluate('globalThis.moxuNoted.length = 0');
  const strokes: { character: string; at: number }[] = [];
  let next = now();
  for (const character of text.repeat(Math.ceil(count / text.length)).slice(0, count)) {
    await sleep(Math.max(0, next - now()));
    next += intervalMs;
    strokes.push({ character, at: now() });
    await page.keyboard.insertText(character);
  }
  await sleep(2 * intervalMs);
  const notes = await page.evaluate<Note[]>('globalThis.moxuNoted');
  const times: Times = { fresh: [], typedThrough: [] };
  strokes.forEach(({ character, at }, index) => {
    const end = strokes[index + 1]?.at ?? at + intervalMs;
    const first = notes.find((note) => note.at > at && note.at <= end && note.shown !== '');
    if (!first) return;
    const before = notes.filter((note) => note.at <= at).at(-1)?.shown ?? '';
    times[before.startsWith(character) ? 'typedThrough' : 'fresh'].push(first.at - at);
  });
  return times;
}

/** Resident, of the process that runs the extension. */
function megabytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

const spread = (values: number[]): string =>
  values.length === 0
    ? 'none'
    : `p50 ${percentile(values, 0.5).toFixed(0)} ms, p95 ${percentile(values, 0.95).toFixed(0)} ms (${values.length} of them)`;

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 60);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`keystrokes: ${process.argv[2] ?? ''}`);
  const [host] = installedHosts();
  if (!host) throw new Error('no VS Code is installed');
  console.log(describeMachine());
  const row = (what: string, value: string): void => console.log(`| ${what} | ${value} |`);
  row('VS Code', host.version);
  row('VSIX', `${(statSync(packagedExtension()).size / 1e6).toFixed(1)} MB`);

  const workbench = await Workbench.open(host);
  try {
    await workbench.waitForModel();
    for (const fact of await workbench.modelFacts()) {
      const [, what, value] = /^(.+?)[:：]\s*(.+)$/.exec(fact) ?? [];
      if (what && value) row(what, value);
    }
    for (const { what, settings, intervalMs } of passes) {
      await workbench.restartWith(settings);
      await workbench.page.evaluate(probe);
      const { fresh, typedThrough } = await typeAndTime(workbench, count, intervalMs);
      row(`**${what}**`, `${count} keystrokes, one every ${intervalMs} ms`);
      row('new ghost text', spread(fresh));
      row(`… beyond VS Code's own ${debounceMs} ms`, spread(fresh.map((ms) => ms - debounceMs)));
      row('typed through', spread(typedThrough));
      row('keystrokes with ghost text', `${Math.round((100 * (fresh.length + typedThrough.length)) / count)} %`);
    }
    row('memory of the extension host', `${megabytes(extensionHost(workbench.server.pid)).toFixed(0)} MB`);
    await workbench.screenshot('bench-ghost');
    row('activation, as VS Code tells', `${await workbench.activationMs()} ms`);
  } finally {
    await workbench.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

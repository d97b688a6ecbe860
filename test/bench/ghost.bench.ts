/**
 * What a writer waits for: from a keystroke to the painted ghost text, in a real VS Code with the packaged extension; in
 * an essay, and in documents of up to a million characters. `npm run bench -- ghost [prose|sizes] [keystrokes]`
 */
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';
import { extensionHostMegabytes } from './extensionHost';
import { describeMachine } from './machine';
import { forgetProbe, installProbe, startProbe, startProfile, stopProbe, stopProfile } from './probe';
import { figures, stretchesInWords, typeAndWatch, watchGhosts } from './typing';
import type { Next } from './typing';

const text =
  '祖父的院子。院子里有一棵老槐树，夏天的傍晚，一家人搬了竹椅坐在树下乘凉，说些田里的事。我躺在竹床上数星星，数着数着就睡着了。' +
  '第二天醒来的时候，雨已经停了，屋檐下挂着一排亮晶晶的水珠，麻雀在湿漉漉的枝头叫个不停，空气里都是泥土和青草的味道。' +
  '吃过早饭，他带我去河边看水。河水涨得很高，漫过了平日里洗衣服的石阶，几只鸭子顺着水流漂下去，又慢慢地游回来。' +
  '他说，等水退了，岸边会留下许多小鱼，孩子们提着篮子去捡，一个上午就能捡满。可是我更喜欢坐在桥头，听他讲从前的事。' +
  '那时候没有桥，过河要坐船，撑船的老人住在对岸，喊一声，他就披着蓑衣走出来，不紧不慢地解开绳子。';

const along = (index: number): string => text[index % text.length] as string;
/** What the ghost says, as long as there is one. */
const alongGhost: Next = (index, shown) => shown[0] ?? along(index);

const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };
const passes: { what: string; settings: Record<string, unknown>; intervalMs: number; next: Next }[] = [
  { what: 'default settings', settings: {}, intervalMs: 200, next: along },
  { what: 'default settings', settings: {}, intervalMs: 80, next: along },
  { what: 'never silent', settings: neverSilent, intervalMs: 200, next: along },
  { what: 'never silent, along what is suggested', settings: neverSilent, intervalMs: 80, next: alongGhost },
];

const sizes = [1000, 100_000, 1_000_000];
/** A document of each size is opened and typed in for so many keys, in all but the essay. */
const keysAtSize = 40;

const row = (what: string, value: string): void => console.log(`| ${what} | ${value} |`);

/** @param keysInProfile typed first, in the window as it was opened: their profile shows what is slow since it is new, too */
async function measure(
  workbench: Workbench,
  what: string,
  intervalMs: number,
  keys: number,
  next: Next,
  keysInProfile = 40,
) {
  await watchGhosts(workbench);
  await startProfile();
  await typeAndWatch(workbench, keysInProfile, intervalMs, next);
  const stretches = await stopProfile();
  await watchGhosts(workbench);
  await startProbe();
  const strokes = await typeAndWatch(workbench, keys, intervalMs, next);
  row(`**${what}**`, `${keys} keystrokes, one every ${intervalMs} ms`);
  for (const [name, value] of figures(strokes, await stopProbe())) row(name, value);
  row(`ours on the extension host, at ${keysInProfile} keystrokes before`, stretchesInWords(stretches));
}

async function prose(workbench: Workbench, keys: number): Promise<void> {
  for (const { what, settings, intervalMs, next } of passes) {
    forgetProbe();
    await workbench.restartWith(settings);
    await measure(workbench, what, intervalMs, keys, next);
  }
  row('memory of the extension host', `${extensionHostMegabytes(workbench.server.pid).toFixed(0)} MB`);
  await workbench.screenshot('bench-ghost');
}

async function documents(workbench: Workbench, keys: number): Promise<void> {
  forgetProbe();
  // A line that is not wrapped is painted up to its ten thousandth character only.
  await workbench.restartWith({ ...neverSilent, 'editor.wordWrap': 'on' });
  for (const lineLength of [80, Infinity])
    for (const size of sizes) {
      const lines = lineLength === Infinity ? 'one line' : 'many lines';
      // Not Markdown: for that VS Code's own extension sends all of a large document to a process of its own, again and again.
      await workbench.openFile(`${size} ${lines}.txt`, longText(size, lineLength));
      await measure(workbench, `${size} 字, ${lines}`, 200, Math.min(keys, keysAtSize), along, keysAtSize / 2);
      row('memory of the extension host', `${extensionHostMegabytes(workbench.server.pid).toFixed(0)} MB`);
    }
}

const parts: Record<string, (workbench: Workbench, keys: number) => Promise<void>> = { prose, sizes: documents };

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const chosen = Object.keys(parts).filter((name) => words.includes(name));
  const [number = '300', other] = words.filter((word) => !chosen.includes(word));
  const keys = Number(number);
  if (!Number.isSafeInteger(keys) || keys < 1 || other)
    throw new RangeError(`[prose|sizes] [keystrokes]: ${words.join(' ')}`);
  const [host] = installedHosts();
  if (!host) throw new Error('no VS Code is installed');
  console.log(`${describeMachine()}\n\n| VS Code ${host.version} | |\n| --- | --- |`);
  const workbench = await Workbench.open(host, {}, { prepare: installProbe });
  try {
    await workbench.waitForModel();
    for (const fact of await workbench.modelFacts()) {
      const [, what, value] = /^(.+?)[:：]\s*(.+)$/.exec(fact) ?? [];
      if (what && value) row(what, value);
    }
    for (const [name, part] of Object.entries(parts))
      if (chosen.length === 0 || chosen.includes(name)) await part(workbench, keys);
  } finally {
    await workbench.close();
  }
}

function longText(length: number, lineLength: number): string {
  const all = text.repeat(Math.ceil(length / text.length)).slice(0, length);
  if (lineLength === Infinity) return all;
  return (all.match(new RegExp(`.{1,${lineLength}}`, 'gu')) ?? []).join('\n\n');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

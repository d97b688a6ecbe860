/**
 * What a writer waits for: from a keystroke to the painted ghost text, in a real VS Code with the packaged extension; in
 * an essay, and in documents of up to a million characters. `npm run bench -- ghost [prose|sizes] [keystrokes]`
 */
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';
import { extensionHostMegabytes } from './extensionHost';
import { describeMachine } from './machine';
import { forgetProbe, installProbe, startControl, startProbe, startProfile, stopProbe, stopProfile } from './probe';
import { controlInWords, figures, stretchesInWords, typeAndWatch, watchGhosts } from './typing';
import type { Next } from './typing';

/** Longer than all that is typed of it: who writes the same again is taken for one who goes round in circles. */
const text =
  '祖父的院子。院子里有一棵老槐树，夏天的傍晚，一家人搬了竹椅坐在树下乘凉，说些田里的事。我躺在竹床上数星星，数着数着就睡着了。' +
  '第二天醒来的时候，雨已经停了，屋檐下挂着一排亮晶晶的水珠，麻雀在湿漉漉的枝头叫个不停，空气里都是泥土和青草的味道。' +
  '吃过早饭，他带我去河边看水。河水涨得很高，漫过了平日里洗衣服的石阶，几只鸭子顺着水流漂下去，又慢慢地游回来。' +
  '他说，等水退了，岸边会留下许多小鱼，孩子们提着篮子去捡，一个上午就能捡满。可是我更喜欢坐在桥头，听他讲从前的事。' +
  '那时候没有桥，过河要坐船，撑船的老人住在对岸，喊一声，他就披着蓑衣走出来，不紧不慢地解开绳子。' +
  '后来镇上修了公路，汽车一天来两趟，渡口就冷清了。老人把船翻过来扣在岸上，说要给它晒晒太阳，可谁都知道，它不会再下水了。' +
  '我上学的路要穿过整个集市。卖豆腐的挑着担子，卖布的扯着嗓子，修鞋的师傅低着头，一锤一锤地敲，好像外面的热闹同他没有关系。' +
  '放学以后我常常站在书店的窗前，看里面那一排新到的书。店主是个戴眼镜的姑娘，看见我就招手，说进来吧，站着看也是看，坐着看也是看。' +
  '我在那里读完了第一本小说，讲一个人在海上漂了很久，最后回到家里，发现门前的树已经高过了屋顶。我合上书，天已经黑了。' +
  '冬天来得很突然。一夜北风，池塘里结了薄薄的冰，祖母把腌好的白菜一层一层地码进缸里，压上石头，说这样可以吃到开春。' +
  '大雪封门的日子，父亲在炉子上烤红薯，皮焦了，里面却是甜的。我们围着火说话，窗上的霜花慢慢化开，又慢慢结上。' +
  '过年的时候，叔叔从南方回来，带回一台照相机。全家人站在槐树下面，谁也不敢眨眼，照片洗出来，祖父的帽子却被风吹歪了。' +
  '那张照片如今还挂在老屋的墙上。颜色淡了许多，人也走了几个，只有那棵树还在原来的地方，每年五月照样开一树白花。' +
  '去年我回去过一次，桥头立了新的路灯，河水浅了，石阶上长满了青苔。我坐下来，想听一听水声，听见的却是远处高速公路上的车流。' +
  '邻居家的孩子跑过来问我找谁，我一时不知道怎么回答。他指了指院子，说那里没有人住，不过花开得很好，可以进去看看。' +
  '我推开门，竹椅还靠在墙边，落了一层灰。我把它搬到树下，擦干净，坐了一个下午，什么也没有做，只是看着影子一点一点移过去。' +
  '临走的时候，我摘了一串槐花放进口袋。火车开出很远，衣服上还有那种淡淡的香味，像有人在很轻地叫我的名字。' +
  '也许一个人总要离开几次，才知道自己从哪里来。写下这些的时候，窗外正下着雨，和许多年前的那一场，没有什么两样。';

let typed = 0;
const along: Next = () => text.charAt(typed++ % text.length);
/** What the ghost says, as long as there is one. */
const alongGhost: Next = (_, shown) => shown[0] ?? text.charAt(typed++ % text.length);

const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };
interface Pass {
  what: string;
  settings: Record<string, unknown>;
  intervalMs: number;
  next: Next;
  /** The writer waits for so long at most where nothing is suggested. */
  restMs?: number;
}
const passes: Pass[] = [
  { what: 'default settings', settings: {}, intervalMs: 200, next: along },
  { what: 'default settings', settings: {}, intervalMs: 80, next: along },
  { what: 'never silent', settings: neverSilent, intervalMs: 200, next: along },
  {
    what: 'never silent, along what is suggested, which is waited for where nothing is',
    settings: neverSilent,
    intervalMs: 80,
    next: alongGhost,
    restMs: 600,
  },
];

const sizes = [1000, 100_000, 1_000_000];
/** A document of each size is opened and typed in for so many keys, in all but the essay. */
const keysAtSize = 40;

const row = (what: string, value: string): void => console.log(`| ${what} | ${value} |`);

/** @param keysInProfile typed first, in the window as it was opened: their profile shows what is slow since it is new, too */
async function measure(
  workbench: Workbench,
  { what, intervalMs, next, restMs }: Omit<Pass, 'settings'>,
  keys: number,
  keysInProfile = 40,
) {
  await watchGhosts(workbench);
  await startProfile();
  await startControl();
  await typeAndWatch(workbench, keysInProfile, intervalMs, next, restMs);
  const { ours, control } = await stopProfile();
  await watchGhosts(workbench);
  await startProbe();
  const strokes = await typeAndWatch(workbench, keys, intervalMs, next, restMs);
  row(`**${what}**`, `${keys} keystrokes, one every ${intervalMs} ms`);
  for (const [name, value] of figures(strokes, await stopProbe())) row(name, value);
  row(`ours on the extension host, at ${keysInProfile} keystrokes before`, stretchesInWords(ours));
  row('sums that need 0.25 ms, on the same thread meanwhile', controlInWords(control));
}

async function prose(workbench: Workbench, keys: number): Promise<void> {
  for (const { settings, ...pass } of passes) {
    forgetProbe();
    await workbench.restartWith(settings);
    await measure(workbench, pass, keys);
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
      const pass = { what: `${size} 字, ${lines}`, intervalMs: 200, next: along };
      await measure(workbench, pass, Math.min(keys, keysAtSize), keysAtSize / 2);
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

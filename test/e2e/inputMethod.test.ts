/**
 * Input methods as Chromium has them: preedits come and go in the editor, and nothing of them reaches the engine. One VS
 * Code, a table of cases; whatever is shown in grey meanwhile is looked at in each frame.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import words from '../../l10n/bundle.l10n.zh-cn.json';
import chinese from '../../package.nls.zh-cn.json';
import { hasFailed } from '../host/failed';
import { Probe, installProbe } from '../host/inputProbing';
import type { ProbeState } from '../host/inputProbing';
import { Panel } from '../host/panel';
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';
import { ownWords } from './ownWords';

interface Case {
  name: string;
  /** What stands before the cursor. */
  before: string;
  preedits: string[];
  /** null: the composition is cancelled. */
  commit: string | null;
  /** How long the writer rests after each preedit but the last. */
  restsMs?: number[];
}

/** Longer than the gate holds back what may be English. */
const pastTheHoldMs = 600;
/** What comes within less is one commit. */
const pastOneCommitMs = 80;

const title = '# 故乡的雨\n\n';
/** It says nothing twice: a ghost that would go round in circles is not shown, and small models begin to easily. */
const sentence =
  `${title}小时候，我常常坐在门槛上听雨。雨点打在瓦上，又顺着屋檐落进天井。` +
  '后来我离开故乡，到城里读书，再也没有听过那样的雨。每到夜里下雨，我就想起';
const places = {
  'after Han': sentence,
  'after punctuation': `${sentence}祖父，`,
  'at the beginning of a paragraph': `${sentence}祖父。\n\n`,
  'in an empty document with a Chinese title': title,
  'in an empty document': '',
};
const cases: Case[] = [
  // Nothing is known yet of the writer’s input method. Candidates are looked at for longer than anything is held by the clock.
  {
    ...{ name: 'a Han preedit, the first composition of the session', before: sentence },
    ...{ preedits: ['小', '小时', '小时候'], commit: '小时候' },
    restsMs: [pastTheHoldMs, 2600],
  },
  ...Object.entries(places).map(([place, before]) => ({
    ...{ name: `全拼 ${place}`, before },
    ...{ preedits: ['x', 'xi', 'xiao', "xiao's", "xiao'shi"], commit: '小时' },
  })),
  { name: '双拼', before: sentence, preedits: ['x', 'xc', 'xc u', 'xc ui'], commit: '小时' },
  { name: '五笔', before: sentence, preedits: ['i', 'ih', 'iht'], commit: '小' },
  {
    name: '注音',
    before: sentence,
    preedits: ['ㄒ', 'ㄒㄧ', 'ㄒㄧㄠ', 'ㄒㄧㄠˇ', '小', '小ㄕ', '小時'],
    commit: '小時',
  },
  // A letter by itself is not taken for English, however long it stands there.
  ...Object.entries({ a: '啊', e: '额' }).map(([letter, commit]) => ({
    ...{ name: `one letter: ${letter} for ${commit}`, before: `${sentence}祖父。` },
    ...{ preedits: [letter], commit },
  })),
  { name: 'spaces and capitals', before: sentence, preedits: ['W', 'Wo', 'Wo m', 'Wo men'], commit: '我们' },
  { name: 'a choice for a part', before: sentence, preedits: ['x', "xiao'shi", '小shi'], commit: '小时' },
  { name: 'a Han preedit', before: sentence, preedits: ['小', '小时', '小时候'], commit: '小时候' },
  // Whoever turns to other candidates has the same shown again each time.
  {
    ...{ name: 'pinyin that is shown again', before: sentence },
    ...{ preedits: ['x', 'xi', 'xi', 'xi', "xi'a", "xi'a"], commit: '西安' },
    restsMs: [0, 0, pastTheHoldMs, pastTheHoldMs],
  },
  { name: '倉頡', before: sentence, preedits: ['人', '人弓', '人弓火'], commit: '你' },
  { name: '倉頡 again', before: sentence, preedits: ['日', '日月'], commit: '明' },
  { name: 'cancelled', before: sentence, preedits: ['x', 'xi', 'xiao'], commit: null },
];

/** Notes in the page, after each change, the grey text and the line that it stands in. */
const watch = `
  const noted = (globalThis.moxuNoted = []);
  const ghosts = '[class*="ghost-text"]:not([class*="ghost-text"] *)';
  const look = () => {
    const shown = [...document.querySelectorAll('.monaco-editor .view-line')]
      .filter((line) => line.querySelector(ghosts))
      .map((line) => {
        const rest = line.cloneNode(true);
        rest.querySelectorAll(ghosts).forEach((element) => element.remove());
        const ghost = [...line.querySelectorAll(ghosts)].map((element) => element.textContent).join('');
        return { ghost, line: rest.textContent };
      });
    noted.push(...shown.map(({ ghost, line }) => ({ ghost: ghost.replaceAll('\\u00a0', ' '), line: line.replaceAll('\\u00a0', ' ') })));
  };
  new MutationObserver(() => requestAnimationFrame(look)).observe(document.body, { subtree: true, childList: true, characterData: true });
`;

const painted = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

interface Shown {
  ghost: string;
  line: string;
}

/** Whether what is shown is what was answered behind `asked`, as far as it has not been typed. */
function isLeftOf(asked: string, answered: string, { line, ghost }: Shown): boolean {
  // A long line, and a long ghost, are on several lines of the screen.
  if (line === '') return answered.includes(ghost);
  return Array.from(answered, (_, typed) => typed).some(
    (typed) => (asked + answered.slice(0, typed)).endsWith(line) && answered.slice(typed).startsWith(ghost),
  );
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);

const neverSilent = { 'moxu.ghostText.confidenceFloor': 0 };

/** Words are learnt, and forgotten. */
const aside = new Set(['learn', 'forget']);

/** Whether the model is to write. */
const isAsked = ({ type }: ProbeState['requests'][number]): boolean => type !== 'warm' && !aside.has(type);

/** What an input method shows while it composes. */
const isPreedit = /[a-z\u3105-\u312f]/i;

for (const host of installedHosts())
  describe(`input methods in VS Code ${host.version}`, function () {
    let workbench: Workbench;
    let probe: Probe;
    let devtools: CDPSession;
    /** All that was answered since the beginning: a ghost may outlive the case that brought it. */
    const answers: ProbeState['answers'] = [];

    before(async () => {
      workbench = await Workbench.open(host, neverSilent, {
        prepare: installProbe,
        language: 'zh-cn',
        isPainted: false,
      });
      await workbench.waitForModel();
      probe = new Probe(workbench.server.profile);
      devtools = await workbench.page.context().newCDPSession(workbench.page);
      await workbench.goToEnd();
      await workbench.page.evaluate(watch);
    });
    after(() => workbench.close());
    afterEach(async function () {
      if (hasFailed(this.currentTest)) await workbench.screenshot(`failed-input-${host.version}`);
    });

    const compose = (text: string) =>
      devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    const commit = (text: string) => devtools.send('Input.insertText', { text });

    async function open(content: string): Promise<void> {
      await probe.open(content);
      await probe.until('the document is open', ({ before }) => before === content);
      await workbench.editor.last().click();
      await workbench.page.keyboard.press('Control+End');
      // The browser knows where the cursor is once VS Code has painted it; text that comes before that leaves it elsewhere.
      await workbench.page.evaluate(painted);
      await probe.until('the cursor is at its end', ({ before, text }) => before === content && text === content);
      answers.push(...(await probe.state()).answers);
      await probe.forget();
    }

    /** Waits for it, and until it is on screen as it was answered. */
    async function ghostBehind(text: string, expected?: string): Promise<ProbeState> {
      const answered = await probe.until(`a ghost behind ${lastLine(text)}`, (state) => {
        const latest = state.answers.at(-1);
        return latest?.before === text && (expected === undefined || latest.ghosts[0] === expected);
      });
      const ghost = answered.answers.at(-1)?.ghosts[0] ?? '';
      assert.equal(await workbench.ghostOnce((shown) => shown === ghost), ghost);
      return answered;
    }

    /** Each preedit in place of the one before. */
    async function composeAll(before: string, preedits: readonly string[]): Promise<void> {
      for (const preedit of preedits) {
        await compose(preedit);
        await probe.until(`the preedit ${preedit}`, (state) => state.text === before + preedit);
      }
    }

    /** Each ghost that was on screen is what was answered for that line, or what is left of it. */
    async function checkShown(): Promise<void> {
      // In this order: nothing is shown before it is answered.
      const shown = await workbench.page.evaluate<Shown[]>('globalThis.moxuNoted.splice(0)');
      answers.push(...(await probe.state()).answers);
      for (const { ghost, line } of shown) {
        const fits = answers.some(({ before, ghosts }) =>
          ghosts.some((answered) => isLeftOf(lastLine(before), answered, { line, ghost })),
        );
        assert.ok(fits, `shown: ${line}|${ghost}\nanswered: ${JSON.stringify(answers.slice(-5))}`);
      }
    }

    // On older ones two cases show that it is the same.
    for (const { name, before, preedits, commit: committed, restsMs = [] } of host.isNewest ? cases : cases.slice(0, 2))
      it(name, async () => {
        await open(before);
        const { counts } = await probe.state();
        for (const [i, preedit] of preedits.entries()) {
          await composeAll(before, [preedit]);
          await sleep(i === preedits.length - 1 ? pastTheHoldMs : (restsMs[i] ?? 0));
        }
        const composing = await probe.state();
        // Other texts may be learnt from meanwhile.
        const during = composing.requests.filter(({ type, text }) => !aside.has(type) && text !== before);
        assert.deepEqual(during, [], 'no request while the composition is open');
        assert.deepEqual(
          composing.answers.filter((answer) => answer.before !== before),
          [],
        );
        assert.equal(composing.counts.remembered, counts.remembered, 'nothing is remembered while it is open');
        assert.equal(await workbench.visibleGhost(), '');
        if (committed === null) {
          await compose('');
          await probe.until('the preedit is gone', ({ text }) => text === before);
          await probe.trigger();
        } else await commit(committed);
        // VS Code 1.90 neither tells of a commit of just what was shown nor asks: the ghost is there at the next key.
        const next = host.version === '1.90' && committed === preedits.at(-1) ? '，' : '';
        if (next !== '') await commit(next);
        const { requests } = await ghostBehind(before + (committed ?? '') + next);
        assert.ok(!requests.some(({ prompt }) => isPreedit.test(prompt)), JSON.stringify(requests));
        await checkShown();
      });

    if (!host.isNewest) return;

    it('what is suggested is composed: the rest is there without the model', async () => {
      // Whatever the model, it has more than one character to say somewhere in the text.
      let [before, ghost] = [sentence, ''];
      for (let end = sentence.length; Array.from(ghost).length < 2; end--) {
        assert.ok(end > title.length, 'the model is silent');
        before = sentence.slice(0, end);
        await open(before);
        await probe.trigger();
        const isAnswered = (state: ProbeState) => state.answers.at(-1)?.before === before;
        ghost = (await probe.until('an answer', isAnswered)).answers.at(-1)?.ghosts[0] ?? '';
      }
      assert.equal(await workbench.ghostOnce((shown) => shown === ghost), ghost);
      const word = ghost.slice(0, Math.ceil(ghost.length / 2));
      const rest = ghost.slice(word.length);
      await composeAll(before, ['q', 'qi', 'qian']);
      await commit(word);
      const { counts, requests } = await ghostBehind(before + word, rest);
      // It may be asked what follows the whole ghost.
      const again = requests.filter(isAsked).filter(({ prompt }) => prompt.endsWith(lastLine(before + word)));
      assert.deepEqual(again, [], 'the model was not asked again');
      assert.ok(counts.known > 0);
      await checkShown();
    });

    it('several cursors: nothing is asked while the composition is open at all of them', async () => {
      const line = lastLine(sentence);
      await open(`${sentence}\n${line}`);
      await workbench.runCommand('Add Cursor Above');
      await probe.forget();
      for (const preedit of ['x', 'xi', "xia'yu"]) {
        await compose(preedit);
        const there = `${sentence}${preedit}\n${line}${preedit}`;
        await probe.until(`the preedit ${preedit} at both`, ({ text }) => text === there);
        await sleep(pastTheHoldMs);
      }
      assert.deepEqual((await probe.state()).requests.filter(isAsked), []);
      await commit('下雨');
      await probe.until('the model is asked', ({ requests }) => requests.some(isAsked));
      await workbench.page.keyboard.press('Escape');
      await checkShown();
    });

    it('what is committed is a word to the model, and one character is where words are committed otherwise', async () => {
      /** Whether the model was told of a word behind the last of these. */
      const told = async (commits: readonly string[]): Promise<boolean[]> => {
        await open(sentence);
        let text = sentence;
        for (const each of commits) {
          await checkShown();
          await probe.forget();
          await commit(each);
          text += each;
          await probe.until('it is there', (state) => state.text === text);
          await sleep(pastOneCommitMs);
        }
        const { requests } = await ghostBehind(text);
        await checkShown();
        const atEnd = requests.filter(isAsked).filter(({ prompt }) => prompt.endsWith(lastLine(text)));
        return [...new Set(atEnd.map(({ endsWord }) => endsWord))];
      };
      // At the end what no model would suggest just so: a ghost that is accepted whole is no commit.
      assert.deepEqual(await told(['纽扣']), [true]);
      assert.deepEqual(await told(['祖父', '院子', '我们', '凿']), [true]);
      // Whatever was committed before, these are enough to show how this writer types.
      assert.deepEqual(await told(Array.from('祖父在院子里种了一棵石榴树每年夏天')), [false]);
      // Undone and done again: no input method did that.
      await told(['祖父', '院子', '我们', '常常']);
      const { text } = await probe.state();
      await workbench.page.keyboard.press('Control+Z');
      await probe.until('it is undone', (state) => state.text !== text);
      await probe.forget();
      await workbench.page.keyboard.press('Control+Shift+Z');
      await probe.until('it is there again', (state) => state.text === text);
      await probe.trigger();
      const { requests } = await probe.until('the model is asked', (state) => state.requests.some(isAsked));
      assert.ok(!requests.filter(isAsked).some(({ endsWord }) => endsWord), JSON.stringify(requests));
      await checkShown();
    });

    it('English is answered when the writer rests, not at each key', async () => {
      await open(sentence);
      await workbench.page.keyboard.type('iPhone', { delay: 60 });
      const { requests } = await probe.until('the model is asked', (state) => state.requests.some(isAsked));
      assert.ok(
        requests.filter(isAsked).every(({ prompt }) => prompt.endsWith('iPhone')),
        JSON.stringify(requests),
      );
      await checkShown();
    });

    it('punctuation is answered at once', async () => {
      await open(sentence);
      await commit('，');
      await ghostBehind(`${sentence}，`);
      await checkShown();
    });

    it('an empty document is Chinese where VS Code is', async () => {
      await open('');
      await probe.trigger();
      await ghostBehind('');
      await checkShown();
    });

    // Here since the window is opened anew.
    ownWords(
      () => workbench,
      () => probe,
    );

    // Here since this window is the one in Chinese.
    it('Moxu speaks Chinese where VS Code is set to: status bar, commands and panel', async () => {
      await workbench.statusBar.filter({ hasText: '试用模型' }).waitFor();
      const panel = new Panel(workbench);
      await panel.open(chinese['view.article']);
      const title = workbench.page.locator('.part.sidebar > .title', { hasText: chinese['view.article'] });
      await title.waitFor();
      assert.equal(await panel.find('#generate').innerText(), words['Generate']);
      await panel.expectFamilies('FAMILIES.zh-cn.md', '墨续可以导入哪些模型');
      await panel.hide();
    });
  });

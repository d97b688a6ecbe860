/**
 * Input methods as Chromium has them: preedits come and go in the editor, and nothing of them reaches the engine. One VS
 * Code, a table of cases; whatever is shown in grey meanwhile is looked at in each frame.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { Probe, installProbe } from '../host/inputProbing';
import { installedHosts } from '../host/server';
import { Workbench } from '../host/workbench';

interface Case {
  name: string;
  /** What stands before the cursor. */
  before: string;
  preedits: string[];
  /** null: the composition is cancelled. */
  commit: string | null;
}

const title = '# 故乡的雨\n\n';
const sentence = `${title}故乡的雨总是下得很慢。每到下雨的夜晚，我都会想起`;
const places = {
  'after Han': sentence,
  'after punctuation': `${sentence}祖父，`,
  'at the beginning of a paragraph': `${sentence}祖父。\n\n`,
  'in an empty document with a Chinese title': title,
};
const cases: Case[] = [
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
  { name: 'spaces and capitals', before: sentence, preedits: ['W', 'Wo', 'Wo m', 'Wo men'], commit: '我们' },
  { name: 'a choice for a part', before: sentence, preedits: ['x', "xiao'shi", '小shi'], commit: '小时' },
  { name: 'a Han preedit', before: sentence, preedits: ['小', '小时', '小时候'], commit: '小时候' },
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

interface Shown {
  ghost: string;
  line: string;
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);

/** Longer than the gate holds back what may be English. */
const pastTheHoldMs = 600;

/** There one case shows that it is the same. */
const oldest = '1.100';

for (const host of installedHosts())
  describe(`input methods in VS Code ${host.version}`, function () {
    let workbench: Workbench;
    let probe: Probe;
    let devtools: CDPSession;
    /** All that was answered since the beginning: a ghost may outlive the case that brought it. */
    const answers: { before: string; ghost: string }[] = [];

    before(async () => {
      workbench = await Workbench.open(host, { 'moxu.ghostText.confidenceFloor': 0 }, installProbe);
      await workbench.waitForModel();
      probe = new Probe(workbench.server.profile);
      devtools = await workbench.page.context().newCDPSession(workbench.page);
      await workbench.goToEnd();
      await workbench.page.evaluate(watch);
    });
    after(() => workbench.close());
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-input-${host.version}`);
    });

    const compose = (text: string) =>
      devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    const commit = (text: string) => devtools.send('Input.insertText', { text });

    async function open(content: string): Promise<void> {
      await probe.open(content);
      await probe.until('the document is open', ({ before }) => before === content);
      await workbench.editor.last().click();
      await workbench.page.keyboard.press('Control+End');
      await sleep(200); // whatever VS Code asks for by itself
      answers.push(...(await probe.state()).answers);
      await probe.forget();
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
      answers.push(...(await probe.state()).answers);
      const shown = await workbench.page.evaluate<Shown[]>('globalThis.moxuNoted.splice(0)');
      for (const { ghost, line } of shown) {
        const fits = answers.some(({ before, ghost: answered }) => {
          const asked = before.slice(before.lastIndexOf('\n') + 1);
          // A long one is on two lines of the screen.
          if (line === '') return answered.includes(ghost);
          return line.startsWith(asked) && (asked + answered).startsWith(line + ghost);
        });
        assert.ok(fits, `shown: ${line}|${ghost}\nanswered: ${JSON.stringify(answers.slice(-5))}`);
      }
    }

    for (const { name, before, preedits, commit: committed } of host.version === oldest ? cases.slice(0, 1) : cases)
      it(name, async () => {
        await open(before);
        await composeAll(before, preedits);
        await sleep(pastTheHoldMs);
        const composing = await probe.state();
        // One character that stands there by itself may be a commit as well: it is taken for one until it changes.
        const first = /\p{Script=Han}/u.test(preedits[0] ?? '') ? [before + (preedits[0] ?? '')] : [];
        const asked = composing.requests.filter((prompt) => !first.some((text) => text.endsWith(lastLine(prompt))));
        assert.deepEqual(asked, [], 'no request while the composition is open');
        assert.ok(
          composing.answers.every((answer) => first.includes(answer.before)),
          JSON.stringify(composing.answers),
        );
        assert.equal(await workbench.visibleGhost(), '');
        if (committed === null) {
          await compose('');
          await probe.until('the preedit is gone', ({ text }) => text === before);
          await probe.trigger();
        } else await commit(committed);
        const text = before + (committed ?? '');
        // What it says there is the model's affair, and it may have nothing to say.
        const { requests } = await probe.until('the model is asked', (state) =>
          state.requests.some((prompt) => prompt.endsWith(lastLine(text))),
        );
        const isPreedit = /[a-z\u3105-\u312f]/i;
        assert.ok(!requests.some((prompt) => isPreedit.test(prompt)), JSON.stringify(requests));
        await checkShown();
      });

    if (host.version === oldest) return;

    it('what is suggested is composed: the rest is there without the model', async () => {
      await open(sentence);
      await probe.trigger();
      const ghost = await workbench.ghost();
      const word = ghost.slice(0, 2);
      assert.ok(ghost.length > 2, ghost);
      const { requests } = await probe.state();
      await composeAll(sentence, ['q', 'qi', 'qian']);
      await commit(word);
      const { counts, requests: after } = await probe.until(
        'the rest',
        ({ answers }) => answers.at(-1)?.before === sentence + word && answers.at(-1)?.ghost === ghost.slice(2),
      );
      assert.deepEqual(after, requests, 'the model was not asked again');
      assert.ok(counts.known > 0);
      assert.equal(await workbench.ghost(), ghost.slice(2));
      await checkShown();
    });

    it('English is answered when the writer rests, not at each key', async () => {
      await open(sentence);
      await workbench.page.keyboard.type('iPhone', { delay: 60 });
      const { requests } = await probe.until('the model is asked', (state) => state.requests.length > 0);
      assert.ok(
        requests.every((prompt) => prompt.endsWith('iPhone')),
        JSON.stringify(requests),
      );
      await checkShown();
    });

    it('punctuation is answered at once', async () => {
      await open(sentence);
      await commit('，');
      await probe.until('the model is asked', (state) => state.requests.some((prompt) => prompt.endsWith('，')));
      await checkShown();
    });
  });

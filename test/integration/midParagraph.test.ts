/** Text to the right of the cursor, in a real editor with the real model: led to, never repeated, the best of a few. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { normalised } from '../../src/context/normalised';
import type { MoxuApi } from '../../src/extension';
import type { GapFilling, Prompt } from '../../src/protocol';
import { openText, until } from './editing';

/** │ is the cursor. */
const places = [
  '清晨的集市│，卖菜的人把摊子一字排开，一边吆喝，一边给客人称菜。',
  '清晨的集市很热闹，卖菜的人│，一边吆喝，一边给客人称菜。',
  '清晨的集市很热闹，卖菜的人把摊子│一边吆喝，一边给客人称菜。',
  '祖父坐在│下，摇着扇子，给我们讲从前的故事。',
  '祖父坐在院子里，│给我们讲从前的故事。',
  '那年冬天│，我们都没有去上学。',
  '后来我离开故乡，│，再也没有听过那样的雨。',
  '他把信│，放进抽屉里，很久没有说话。',
  '雨停了，│都跑到街上去了。',
  '春天来了，河边的柳树│，孩子们在树下放风筝。',
];

/** What stands to the right is what would come anyway: any text between would be in its way. */
const whole = '一九四九年，中华人民│共和国成立了。';

describe('ghost text with text to the right', () => {
  const settings = vscode.workspace.getConfiguration('moxu');
  let api: MoxuApi;
  let filled: { prompt: Prompt; suffix: string; filling: GapFilling }[] = [];
  let fillGap: MoxuApi['engine']['fillGap'];

  before(async () => {
    await settings.update('ghostText.confidenceFloor', 0, vscode.ConfigurationTarget.Global);
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const { engine } = api;
    fillGap = engine.fillGap.bind(engine);
    engine.fillGap = async (prompt, suffix, ...rest) => {
      const filling = await fillGap(prompt, suffix, ...rest);
      if (filling) filled.push({ prompt, suffix, filling });
      return filling;
    };
  });
  after(async () => {
    api.engine.fillGap = fillGap;
    await settings.update('ghostText.confidenceFloor', undefined, vscode.ConfigurationTarget.Global);
  });
  beforeEach(() => {
    filled = [];
    api.ghostText.forget();
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  /** What is answered at a place, and what the model had to choose from; VS Code itself does not ask where nobody types. */
  async function answered(place: string, kind: 'Automatic' | 'Invoke') {
    const at = place.indexOf('│');
    const editor = await openText(place.replace('│', ''));
    const position = editor.document.positionAt(at);
    editor.selection = new vscode.Selection(position, position);
    await until('the cursor is there', () => editor.selection.active.isEqual(position));
    const context = { triggerKind: vscode.InlineCompletionTriggerKind[kind], selectedCompletionInfo: undefined };
    const { token } = new vscode.CancellationTokenSource();
    filled = [];
    const items = await api.ghostText.provideInlineCompletionItems(editor.document, position, context, token);
    const ghosts = items.map(({ insertText }) => (typeof insertText === 'string' ? insertText : ''));
    const [choice] = filled;
    assert.ok(choice, 'the model weighs texts');
    return { ghosts, ...choice, right: place.slice(at + 1) };
  }

  /** Quotes and spaces are the document's. */
  const plain = (texts: readonly string[]) => texts.map((text) => normalised(text).text.replaceAll(' ', ''));

  /** Says in the tests’ own way what must not be: the ghost says what comes next, or ends with how it begins. */
  function assertNotRepeated(ghost: string, right: string): void {
    const [mine, theirs] = [normalised(ghost).text, normalised(right).text];
    assert.ok(!mine.includes(theirs.slice(0, 4)), `${ghost}│${right}`);
    for (let length = 1; length <= 4; length++) assert.ok(!mine.endsWith(theirs.slice(0, length)), `${ghost}│${right}`);
  }

  it('is the one of a few after which the model finds that text likeliest, and never repeats it', async () => {
    let choices = 0;
    for (const place of places) {
      const { ghosts, filling, right } = await answered(place, 'Automatic');
      for (const ghost of ghosts) assertNotRepeated(ghost, right);
      const [best] = [...filling.candidates].sort((a, b) => b.suffixLogProb - a.suffixLogProb);
      const isWorthIt = best !== undefined && best.suffixLogProb > filling.emptySuffixLogProb;
      assert.deepEqual(plain(ghosts), plain(isWorthIt ? [best.text] : []), place);
      if (isWorthIt && filling.candidates.length > 1) choices++;
    }
    assert.ok(choices > 1, 'there was something to choose from');
  });

  it('how likely that text is after each is what the model says where it stands in the document', async () => {
    let compared = 0;
    for (const place of places.slice(0, 4)) {
      const { filling, prompt, suffix } = await answered(place, 'Automatic');
      const noSignal = new AbortController().signal;
      for (const { text, suffixLogProb } of filling.candidates) {
        const typed = { ...prompt, text: prompt.text + text };
        const again = await fillGap(typed, suffix, { maxNewTokens: 1 }, [null], noSignal);
        assert.ok(again);
        // The same tokens cut into other runs differ in the last digits of 8-bit numbers.
        const difference = Math.abs(again.emptySuffixLogProb - suffixLogProb);
        assert.ok(difference < 0.05 * Math.abs(suffixLogProb) + 0.1, `${place} ${text} ${difference}`);
        compared++;
      }
    }
    assert.ok(compared > 4);
  });

  it('asked for by hand the others follow in that order', async () => {
    let [several, weighed] = [0, 0];
    for (const place of places) {
      const { ghosts, filling, right } = await answered(place, 'Invoke');
      for (const ghost of ghosts) assertNotRepeated(ghost, right);
      const worthIt = filling.candidates.filter(({ suffixLogProb }) => suffixLogProb > filling.emptySuffixLogProb);
      const order = worthIt.sort((a, b) => b.suffixLogProb - a.suffixLogProb).map(({ text }) => text);
      assert.deepEqual(plain(ghosts), plain(order.slice(0, 3)), place);
      if (ghosts.length > 1) several++;
      if (worthIt.length > 1) weighed++;
    }
    assert.equal(several, weighed);
  });

  it('is silent where any text would only be in the way', async () => {
    for (const kind of ['Automatic', 'Invoke'] as const) {
      api.ghostText.forget();
      const { ghosts, filling } = await answered(whole, kind);
      assert.deepEqual(ghosts, [], JSON.stringify(filling));
    }
  });
});

/** Several suggestions for a writer who asks by hand, in a real editor with the real model: the likeliest first, each once. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { wordEnds } from '../../src/context/acceptUnits';
import { copyLimit } from '../../src/context/copiedText';
import { loopStart } from '../../src/context/ghostFilters';
import { candidateSettings } from '../../src/context/candidateChoice';
import { GhostBuilder, defaultGhostSettings } from '../../src/context/ghost';
import { normalised } from '../../src/context/normalised';
import type { MoxuApi } from '../../src/extension';
import type { CandidateResult } from '../../src/protocol';
import { ghostsAt, openText } from './editing';

const places = [
  '院子里有一棵老槐树，夏天的傍晚，',
  '祖父坐在院子里，慢慢地',
  '那年冬天雪下得很大，我们',
  '她推开窗，看见',
  '我们坐火车到南方去，路上',
  '老师走进教室，手里拿着',
];

describe('several suggestions', () => {
  let api: MoxuApi;
  let typed = '';
  let drawn: readonly CandidateResult[] = [];
  let generateCandidates: MoxuApi['engine']['generateCandidates'];

  before(async () => {
    api = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
    await api.engine.load();
    const { engine } = api;
    generateCandidates = engine.generateCandidates.bind(engine);
    engine.generateCandidates = async (...request) => {
      typed = request[0].text;
      return (drawn = await generateCandidates(...request));
    };
  });
  after(() => (api.engine.generateCandidates = generateCandidates));
  beforeEach(() => {
    drawn = [];
    api.ghostText.forget();
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  function ask(kind: 'Automatic' | 'Invoke'): Promise<string[]> {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    return ghostsAt(api, editor, kind);
  }

  const plain = (text: string) => normalised(text).text.replaceAll(' ', '');

  /** Of the texts that would be shown as this one the best, by the mean of its tokens' logarithms; without a text, of all. */
  function rankOf(ghost = ''): number {
    const means = drawn.flatMap(({ deltas }) => {
      const builder = new GhostBuilder('', candidateSettings(defaultGhostSettings), typed);
      const goesOn = deltas.findIndex((delta) => !builder.push(delta));
      const taken = goesOn < 0 ? deltas : deltas.slice(0, goesOn + 1);
      const sum = (of: 'logProb' | 'numTokens') => taken.reduce((total, delta) => total + delta[of], 0);
      const shown = builder.result();
      const isThis = shown !== '' && (ghost === '' || plain(shown) === plain(ghost));
      return isThis ? [sum('logProb') / sum('numTokens')] : [];
    });
    assert.ok(means.length > 0, `${ghost} is none of ${drawn.map(({ text }) => text).join(' | ')}`);
    return Math.max(...means);
  }

  /** With a sentence, with a whole word of what the model wrote, or where that repeats itself or the text; quotes may be closed. */
  function assertEndsWell(ghost: string): void {
    const said = plain(ghost).replace(/["']+$/, '');
    const endsWell = drawn.some(({ text, finishReason }) => {
      const all = plain(text);
      // Where the words of the text as it was written end: without its spaces two of them may be one.
      const ends = wordEnds(text).map((end) => plain(text.slice(0, end)).length);
      const last = all.slice([0, ...ends].at(-2));
      const isWhole = said.length >= all.length && (finishReason !== 'length' || last.length > 1);
      const repeats = Math.min(loopStart(typed, text), copyLimit(typed, text)) < text.length;
      return (
        all.startsWith(said) &&
        (isWhole || repeats || /[\p{P}的地得了着过吗呢吧啊]$/u.test(said) || ends.slice(0, -1).includes(said.length))
      );
    });
    assert.ok(endsWell, `${ghost} of ${drawn.map(({ text }) => text).join(' | ')}`);
  }

  it('are at most three, each another, those first whose tokens are likeliest on average', async () => {
    let several = 0;
    let most = 0;
    for (const place of places) {
      await openText(place);
      const ghosts = await ask('Invoke');
      assert.equal(drawn.length, 4, 'one more is drawn than is shown');
      assert.ok(ghosts.length > 0 && ghosts.length <= 3, ghosts.join(' | '));
      assert.equal(new Set(ghosts.map(plain)).size, ghosts.length, ghosts.join(' | '));
      const ranks = ghosts.map((ghost) => rankOf(ghost));
      assert.deepEqual(
        ranks,
        [...ranks].sort((a, b) => b - a),
        ghosts.join(' | '),
      );
      // Nothing that is likelier was left out.
      assert.equal(ranks[0], rankOf());
      ghosts.forEach(assertEndsWell);
      if (ghosts.length > 1) several++;
      most = Math.max(most, ghosts.length);
    }
    assert.equal(most, 3);
    assert.ok(several > places.length / 2, `${several} of ${places.length}`);
  });

  it('stay while they are typed along, and are not suggested unasked once the writer has left them', async () => {
    // No ghost of any model is so sure.
    await vscode.workspace.getConfiguration('moxu').update('ghostText.confidenceFloor', 1, true);
    try {
      let numAlong = 0;
      for (const place of places.slice(0, 3)) {
        const { document } = await openText(place);
        const editor = () => vscode.window.activeTextEditor as vscode.TextEditor;
        assert.deepEqual(await ask('Automatic'), []);
        const [first = ''] = await ask('Invoke');
        const insert = (text: string) => editor().edit((builder) => builder.insert(editor().selection.active, text));
        const [character = ''] = first;
        await insert(character);
        if (first.length > character.length) {
          numAlong++;
          assert.deepEqual(await ask('Automatic'), [first.slice(character.length)], 'typed along');
        }
        // One character may be the beginning of a composition, which is given up by its deletion.
        await insert('鼕鼕');
        const end = document.positionAt(document.getText().length);
        await editor().edit((builder) => builder.delete(new vscode.Range(document.positionAt(place.length), end)));
        assert.equal(document.getText(), place);
        assert.deepEqual(await ask('Automatic'), [], 'left');
      }
      assert.ok(numAlong > 0);
    } finally {
      await vscode.workspace.getConfiguration('moxu').update('ghostText.confidenceFloor', undefined, true);
    }
  });

  it('are without the words that the writer has banned, and so is what is suggested unasked', async () => {
    const configuration = vscode.workspace.getConfiguration('moxu');
    await configuration.update('ghostText.confidenceFloor', 0, true);
    try {
      for (const place of places.slice(0, 3)) {
        await openText(place);
        await ask('Automatic');
        // Each begins with another of these.
        const banned = (await ask('Invoke')).map((ghost) => Array.from(ghost).slice(0, 2).join(''));
        assert.notDeepEqual(banned, []);
        await configuration.update('bannedWords', banned, true);
        for (const ghost of [...(await ask('Automatic')), ...(await ask('Invoke'))])
          for (const word of banned) assert.ok(!ghost.includes(word), `${word} in ${ghost}`);
        await configuration.update('bannedWords', undefined, true);
      }
    } finally {
      await configuration.update('bannedWords', undefined, true);
      await configuration.update('ghostText.confidenceFloor', undefined, true);
    }
  });

  it('the one that is shown already stays the first, and does not come again', async () => {
    await vscode.workspace.getConfiguration('moxu').update('ghostText.confidenceFloor', 0, true);
    try {
      let compared = 0;
      for (const place of places) {
        await openText(place);
        const [shown] = await ask('Automatic');
        if (shown === undefined || compared++ === 3) continue;
        const [first, ...others] = await ask('Invoke');
        assert.equal(first, shown);
        assert.ok(!others.map(plain).includes(plain(shown)));
        const ranks = others.map((ghost) => rankOf(ghost));
        assert.deepEqual(
          ranks,
          [...ranks].sort((a, b) => b - a),
          others.join(' | '),
        );
      }
      assert.ok(compared > 0, 'something was shown');
    } finally {
      await vscode.workspace.getConfiguration('moxu').update('ghostText.confidenceFloor', undefined, true);
    }
  });
});

/** The engine on the built-in model: the real thread, the real weights. */
import assert from 'node:assert/strict';
import { gapOptions, gapSeeds, rankForGap } from '../../src/context/gapChoice';
import { defaultGhostSettings } from '../../src/context/ghost';
import { WorkerEngine } from '../../src/engine/workerEngine';
import { newEngine, noSignal, run, spring } from './running';

describe('engine', () => {
  let engine: WorkerEngine;
  before(() => (engine = newEngine()));
  after(() => engine.dispose());

  it('lets a title count more: another text from the same seed, and the same again', async () => {
    const options = { maxNewTokens: 60, seed: 3 };
    const [plain, guided, again] = [
      (await run(engine, { ...options, titleGuidance: 1 })).result.text,
      (await run(engine, { ...options, titleGuidance: 2 })).result.text,
      (await run(engine, { ...options, titleGuidance: 2 })).result.text,
    ];
    assert.notEqual(guided, plain);
    assert.equal(again, guided);
    assert.match(guided, /\p{Script=Han}{3}/u);
  });

  it('streams a text piece by piece', async () => {
    const { result, deltas } = await run(engine, { maxNewTokens: 40, seed: 1 });
    assert.ok(deltas.length > 10, `${deltas.length} pieces`);
    assert.equal(deltas.join(''), result.text);
    assert.equal(result.finishReason, 'length');
    assert.equal(result.numTokens, 40);
    assert.match(result.text, /\p{Script=Han}{5}/u);
    assert.doesNotMatch(result.text, /\ufffd/);
  });

  it('the same seed gives the same text, whatever was asked before; another seed, another text', async () => {
    const options = { maxNewTokens: 150, seed: 4 };
    const { result } = await run(engine, options);
    assert.notEqual((await run(engine, { ...options, seed: 5 })).result.text, result.text);
    for (const between of [spring, { ...spring, text: '春天来了，桃花' }, { ...spring, title: '夏天' }]) {
      await run(engine, { maxNewTokens: 5 }, { prompt: between });
      assert.equal((await run(engine, options)).result.text, result.text);
    }
  });

  it('goes on beyond the window', async () => {
    const { contextLength } = await engine.load();
    // More characters than so many tokens can have, so that the text does not end of itself.
    const options = { maxNewTokens: contextLength + 100, seed: 3, minCharacters: contextLength * 20 };
    const { result } = await run(engine, options);
    assert.equal(result.numTokens, contextLength + 100);
    assert.match(result.text.slice(-60), /\p{Script=Han}{3}/u);
  });

  it('ends at the first sentence end, or with its line, when asked to', async () => {
    const sentence = /[。！？!?…][”’」』）》〉】〕)"']*$/;
    let numSentences = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { result } = await run(engine, { seed, maxNewTokens: 200, stopAt: 'sentence' });
      const { text, finishReason, numTokens } = result;
      // With what made it end.
      const { text: whole } = (await run(engine, { seed, maxNewTokens: numTokens })).result;
      assert.ok(whole.startsWith(text), `${text}\n${whole}`);
      assert.doesNotMatch(text.trimStart(), /\n|[。！？!?…][^。！？!?…”’」』）》〉】〕)"']/);
      if (finishReason !== 'stop') continue;
      const isSentence = sentence.test(text);
      assert.ok(isSentence || whole.charAt(text.length) === '\n', `${text}│${whole.slice(text.length)}`);
      if (isSentence) numSentences++;
    }
    assert.ok(numSentences > 0);
  });

  it('does not end before it is as long as it was asked to be', async () => {
    for (const seed of [1, 2, 3]) {
      const options = { maxNewTokens: 1000, seed, stopAt: 'sentence', minCharacters: 300 } as const;
      const { result } = await run(engine, options);
      assert.ok(result.text.length >= 300, `${result.text.length} characters, ${result.finishReason}`);
    }
  });

  it('an abort ends the text', async () => {
    const abort = new AbortController();
    const options = { maxNewTokens: 5000, minCharacters: 50_000 };
    const { result } = await run(engine, options, { signal: abort.signal, onDelta: () => abort.abort() });
    assert.equal(result.finishReason, 'aborted');
    assert.ok(result.numTokens < 5000, `${result.numTokens} tokens`);
  });

  it('leaving the loop aborts too: the next request is answered at once', async () => {
    for await (const _ of engine.generate(spring, { maxNewTokens: 100_000 }, noSignal)) break;
    assert.equal((await run(engine, { maxNewTokens: 1 })).result.numTokens, 1);
  });

  it('an aborted signal asks for nothing', async () => {
    const abort = new AbortController();
    abort.abort();
    assert.deepEqual((await run(engine, {}, { signal: abort.signal })).result, {
      text: '',
      finishReason: 'aborted',
      numTokens: 0,
      numPromptTokens: 0,
    });
  });

  it('requests at the same time run one after the other', async () => {
    const results = await Promise.all([1, 2, 3].map((seed) => run(engine, { maxNewTokens: 20, seed })));
    const alone = await run(engine, { maxNewTokens: 20, seed: 2 });
    assert.equal(results[1]?.result.text, alone.result.text);
  });

  it('a prompt that was read before is continued just so', async () => {
    const prompt = { title: '祖父的院子', text: '院子里有一棵老槐树，夏天的傍晚，', fromStart: true };
    const { result } = await run(engine, { maxNewTokens: 12, temperature: 0 }, { prompt });
    await engine.warm({ ...spring, text: '桃花开了。' }, noSignal);
    await engine.warm(prompt, noSignal);
    const again = await run(engine, { maxNewTokens: 12, temperature: 0 }, { prompt });
    assert.equal(again.result.text, result.text);
  });

  it('tells after which text for a gap the rest is likely', async () => {
    const prompt = { title: '', text: '中华人民', fromStart: true };
    const likely = await engine.fillGap(prompt, '共和国成立', { maxNewTokens: 8 }, [1, 2], noSignal);
    const unlikely = await engine.fillGap(prompt, '桌椅板凳', { maxNewTokens: 8 }, [1, 2], noSignal);
    assert.ok(likely && unlikely);
    assert.ok(likely.emptySuffixLogProb > unlikely.emptySuffixLogProb + 10);
    // Nothing belongs between these two.
    for (const { text, suffixLogProb } of likely.candidates) {
      assert.notEqual(text, '');
      assert.ok(suffixLogProb < likely.emptySuffixLogProb, `${text} ${suffixLogProb}`);
    }
    const abort = new AbortController();
    const pending = engine.fillGap(prompt, '共和国', { maxNewTokens: 5000 }, [1], abort.signal);
    setTimeout(() => abort.abort(), 30);
    assert.equal(await pending, null);
  });

  it('fills gaps in a line, and never with what follows', async () => {
    const gaps = [
      '他推开门，走进│，看见桌上放着一封信。',
      '春天来了，河边的柳树│，孩子们在草地上跑来跑去。',
      '他从小就喜欢│，家里的书都被他读完了。',
      '天黑了，我们│，坐在火边说话。',
      '母亲把│放在桌子上，叫我们来吃饭。',
      '那一年我在│，每天早上坐船过河。',
    ];
    const settings = { ...defaultGhostSettings, confidenceFloor: 0 };
    const ghosts: string[] = [];
    for (const [text = '', suffix = ''] of gaps.map((gap) => gap.split('│'))) {
      const prompt = { title: '', text, fromStart: true };
      const filling = await engine.fillGap(prompt, suffix, gapOptions(settings), gapSeeds, noSignal);
      assert.ok(filling);
      const [ghost = ''] = rankForGap(filling, settings);
      assert.ok(!ghost.includes(suffix.slice(0, 4)), ghost);
      assert.ok(ghost === '' || !suffix.startsWith(ghost.slice(-1)), ghost);
      ghosts.push(ghost);
    }
    assert.ok(ghosts.some((ghost) => ghost !== ''));
  });

  it('a bad option throws before anything is sent', async () => {
    const unused = newEngine('no/such/folder');
    await assert.rejects(run(unused, { topP: 2 }), {
      name: 'RangeError',
      message: 'topP: 2 is not a number from 0 to 1',
    });
    assert.equal(unused.state.kind, 'unloaded');
    assert.equal(unused.thread, null);
  });

  it('an empty prompt gets a text too', async () => {
    const { result } = await run(engine, { maxNewTokens: 5 }, { prompt: { title: '', text: '', fromStart: true } });
    assert.ok(result.numTokens > 0);
  });
});

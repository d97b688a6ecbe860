import assert from 'node:assert/strict';
import { ArticleHistory } from '../../../src/editor/article/articleHistory';
import { ArticleWriter } from '../../../src/editor/article/articleWriter';
import type { Engine } from '../../../src/engine/engine';
import type { ArticleRequest } from '../../../src/pages';
import { FakeEngine, FakeMemory } from './fakes';
import type { Script } from './fakes';

const request: ArticleRequest = { title: '雨', opening: '', length: 20, preset: 'steady', seed: 5 };
const sentence = '一二三四五六七八九。';

function setUp(...scripts: Script[]) {
  const engine = new FakeEngine(scripts);
  const history = new ArticleHistory(new FakeMemory());
  const failures: unknown[] = [];
  let grown = 0;
  let ended: () => void = () => undefined;
  let clock = 0;
  const listener = {
    onEnd: () => ended(),
    onText: () => grown++,
    onFailure: (error: unknown) => failures.push(error),
  };
  const writer = new ArticleWriter(engine as unknown as Engine, history, listener, () => (clock += 100));
  const end = () => new Promise<void>((resolve) => (ended = resolve));
  return { engine, history, writer, failures, end, grown: () => grown };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('ArticleWriter', () => {
  it('writes from the title and the opening to the end of a sentence', async () => {
    const { engine, history, writer, end } = setUp({ pieces: [sentence], end: 'stop' });
    const done = end();
    const article = writer.start('a', { ...request, opening: sentence });
    assert.equal(writer.writingId, 'a');
    await done;
    assert.equal(writer.writingId, null);
    assert.deepEqual([article.state, article.text], ['finished', sentence]);
    assert.equal(history.newest, article);
    assert.equal(engine.calls.length, 1);
    assert.deepEqual(engine.calls[0]?.prompt, { title: '雨', text: sentence, fromStart: true });
    const { stopAt, minCharacters, seed, temperature } = engine.calls[0].options;
    assert.deepEqual(
      { stopAt, minCharacters, seed, temperature },
      { stopAt: 'sentence', minCharacters: 10, seed: 5, temperature: 0.7 },
    );
  });

  it('leaves room for a vocabulary in which a character is three tokens', async () => {
    const { engine, writer, end } = setUp({ pieces: [sentence], end: 'stop' });
    const done = end();
    writer.start('a', { ...request, length: 2000, opening: sentence });
    await done;
    assert.ok((engine.calls[0]?.options.maxNewTokens ?? 0) > 3 * 1990);
  });

  it("samples as the model's authors do where they say how, in the preset that is neither steady nor bold", async () => {
    for (const [preset, temperature, topP] of [
      ['balanced', 1, 0.85],
      ['steady', 0.7, 0.7],
    ] as const) {
      const { engine, writer, end } = setUp({ pieces: [sentence, sentence], end: 'stop' });
      engine.sampling = { temperature: 1, topK: 0, topP: 0.85 };
      const done = end();
      writer.start('a', { ...request, preset });
      await done;
      const { options } = engine.calls[0] ?? {};
      assert.deepEqual([options?.temperature, options?.topP], [temperature, topP]);
      assert.equal('dryMultiplier' in (options ?? {}), preset === 'steady');
      assert.equal(options?.stopAt, 'sentence');
    }
  });

  it('goes on in a new paragraph when the model ends the text far too early', async () => {
    const { engine, writer, end } = setUp(
      { pieces: [sentence], end: 'endOfText' },
      { pieces: ['\n', sentence], end: 'stop' },
    );
    const done = end();
    const article = writer.start('a', request);
    await done;
    assert.equal(article.text, `${sentence}\n${sentence}`);
    assert.equal(engine.calls[1]?.prompt.text, `${sentence}\n`);
    assert.deepEqual([engine.calls[1].options.seed, engine.calls[1].options.minCharacters], [6, 10]);
  });

  it('has its quotes in pairs, over pieces, paragraphs and rounds, and leaves those of the opening alone', async () => {
    const { engine, writer, end } = setUp(
      { pieces: ['”他说：', '“走', '吧。'], end: 'endOfText' },
      { pieces: ['”雨停了。', '我说：“好。'], end: 'stop' },
    );
    const done = end();
    const article = writer.start('a', { ...request, opening: '”雨。', length: 25 });
    await done;
    assert.equal(article.opening + article.text, '”雨。他说：“走吧。”\n雨停了。我说：“好。”');
    assert.equal(engine.calls[1]?.prompt.text, '”雨。他说：“走吧。\n');
  });

  for (const [name, opening, written, model] of [
    ['curly', '他说：“走。”', '我说：“‘好’。”', '他说：“走。”我说：“‘好’。”'],
    ['corner', '他说：「走。」', '我说：「『好』。」', '他说：“走。”我说：“‘好’。”'],
    ['straight', '他说："走。"', `我说："'好'。"`, `他说：“走。”我说：“'好'。”`],
  ] as const)
    it(`keeps the ${name} quotes of its opening, whichever the model writes, and gives the model those that it knows`, async () => {
      for (const said of ['“‘好’。”', '「『好』。」']) {
        const { engine, writer, end } = setUp(
          { pieces: ['我说：', ...Array.from(said)], end: 'endOfText' },
          { pieces: ['雨停了。'], end: 'stop' },
        );
        const done = end();
        const article = writer.start('a', { ...request, opening, length: 24 });
        await done;
        assert.equal(article.text, `${written}\n雨停了。`);
        assert.equal(engine.calls[1]?.prompt.text, `${model}\n`);
      }
    });

  it('has no empty paragraph, at the beginning, between others or at the end', async () => {
    const { writer, end } = setUp({ pieces: ['\n', '雨停了。\n', '\n', '天晴了。', '\n'], end: 'length' });
    const done = end();
    const article = writer.start('a', request);
    await done;
    assert.equal(article.text, '雨停了。\n天晴了。');
  });

  it('accepts an end that is close enough, and a model that has nothing more to say', async () => {
    const close = setUp({ pieces: [sentence, '一二三四五六七。'], end: 'endOfText' });
    let done = close.end();
    close.writer.start('a', request);
    await done;
    assert.equal(close.engine.calls.length, 1);

    const silent = setUp({ pieces: [sentence], end: 'endOfText' }, { pieces: [], end: 'endOfText' });
    done = silent.end();
    const article = silent.writer.start('a', request);
    await done;
    assert.equal(silent.engine.calls.length, 2);
    assert.deepEqual([article.state, article.text], ['finished', sentence]);
  });

  it('stops at once and keeps what there is', async () => {
    const { engine, history, writer, grown } = setUp({ pieces: Array<string>(100).fill('雨'), end: 'stop' });
    const article = writer.start('a', request);
    while (article.text.length < 5) await turn();
    const { text } = article;
    assert.notEqual(text, '');
    writer.stop();
    assert.deepEqual([article.state, writer.writingId], ['stopped', null]);
    assert.equal(engine.calls[0]?.signal.aborted, true);
    const before = grown();
    await settle();
    assert.deepEqual([article.text, grown()], [text, before]);
    assert.equal(history.newest, article);
  });

  it('leaves nothing in the history of an article without a word', async () => {
    const { history, writer } = setUp({ pieces: ['雨'], end: 'stop' });
    writer.start('a', request);
    writer.stop();
    await settle();
    assert.equal(history.newest, null);
  });

  it('begins another in place of the one that is being written', async () => {
    const pieces = Array<string>(30).fill('雨');
    const { history, writer, end } = setUp({ pieces, end: 'stop' }, { pieces: [sentence, sentence], end: 'stop' });
    const first = writer.start('a', { ...request, length: 1000 });
    while (first.text.length < 5) await turn();
    const second = writer.start('b', request);
    assert.equal(first.state, 'stopped');
    await end();
    assert.deepEqual([second.state, second.text], ['finished', sentence + sentence]);
    assert.deepEqual(
      history.summaries.map(({ id }) => id),
      ['b', 'a'],
    );
  });

  it('bears a hundred quick starts and stops', async () => {
    const { history, writer, failures, end } = setUp();
    for (let i = 0; i < 100; i++) {
      writer.start(String(i), request);
      if (i % 2 === 0) writer.stop();
      if (i % 7 === 0) await settle();
    }
    const done = end();
    writer.start('last', request);
    await done;
    await settle();
    assert.deepEqual([writer.writingId, history.newest, failures.length], [null, null, 0]);
  });

  it('reports a failure once and keeps the text so far', async () => {
    const error = new Error('no memory');
    const { history, writer, failures, end } = setUp({ pieces: [sentence], end: error });
    const done = end();
    const article = writer.start('a', request);
    await done;
    await settle();
    assert.deepEqual(failures, [error]);
    assert.deepEqual([article.state, article.text], ['failed', sentence]);
    assert.equal(history.newest, article);
  });

  it('takes a text that the engine ended itself for stopped', async () => {
    const { writer, end } = setUp({ pieces: ['雨'], end: 'aborted' });
    const done = end();
    const article = writer.start('a', request);
    await done;
    assert.equal(article.state, 'stopped');
  });

  it('saves now and then while it writes', async () => {
    const memory = new FakeMemory();
    const engine = new FakeEngine([{ pieces: Array<string>(60).fill('雨'), end: 'stop' }]);
    let clock = 0;
    const quiet = { onEnd: () => undefined, onText: () => undefined, onFailure: () => undefined };
    const writer = new ArticleWriter(
      engine as unknown as Engine,
      new ArticleHistory(memory),
      quiet,
      () => (clock += 100),
    );
    writer.start('a', { ...request, length: 60 });
    while (writer.writingId !== null) await settle();
    assert.ok(memory.updates >= 3 && memory.updates <= 6, `${memory.updates} updates`);
  });
});

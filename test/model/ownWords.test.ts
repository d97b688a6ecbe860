/** Own words with the built-in model, across the thread: completed where they were used once, erased, never in the way. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { Prompt } from '../../src/protocol';

describe('own words with the built-in model', function () {
  this.timeout(60_000);
  const engine = new WorkerEngine(resolve('dist/worker.js'), 'models/builtin');
  const signal = new AbortController().signal;
  before(() => engine.load());
  beforeEach(() => engine.forget(null));
  after(() => engine.dispose());

  const promptOf = (text: string): Prompt => ({ title: '', text, fromStart: true });
  async function written(text: string, ownWords: number, maxNewTokens = 4): Promise<string> {
    const options = { temperature: 0, maxNewTokens, ownWords };
    let all = '';
    for await (const { text: more } of engine.generate(promptOf(text), options, signal)) all += more;
    return all;
  }
  const learn = (name: string, text: string) => engine.learn({ name, text, isFirst: true, isLast: true });

  /** Names that no model knows, and where their second half has to come from. */
  const once = [
    ['慕容栖梧是三月里来的。过了清明，大家才又提起慕容', '栖梧'],
    ['我们把这种办法叫作“回声校勘”。后来的人都用回声', '校勘'],
  ] as const;

  for (const [text, rest] of once)
    it(`what stood once before the cursor is completed: ${rest}`, async () => {
      assert.ok((await written(text, 1)).startsWith(rest));
      assert.ok(!(await written(text, 0)).startsWith(rest));
    });

  it('what another text says again and again is completed, until it is forgotten', async () => {
    const prompt = '过了清明，大家才又提起慕容';
    const alone = await written(prompt, 1);
    assert.ok(!alone.startsWith('栖梧'));
    await learn('a.md', '慕容栖梧是三月里来的。\n慕容栖梧不爱说话。');
    assert.ok((await written(prompt, 1)).startsWith('栖梧'));
    assert.ok(!(await written(prompt, 0)).startsWith('栖梧'));
    await engine.forget('a.md');
    assert.equal(await written(prompt, 1), alone);
  });

  it('also where text stands to the right, and in several candidates', async () => {
    await learn('a.md', '慕容栖梧来了。慕容栖梧走了。慕容栖梧回来了。');
    const prompt = promptOf('过了清明，大家才又提起慕容');
    const options = { temperature: 0, maxNewTokens: 3, ownWords: 1 };
    const filling = await engine.fillGap(prompt, '的故事。', options, [1, 2], signal);
    for (const { text } of filling?.candidates ?? []) assert.ok(text.startsWith('栖梧'), text);
    assert.equal(filling?.candidates.length, 2);
    for (const { text } of await engine.generateCandidates(prompt, options, [1, 2], signal))
      assert.ok(text.startsWith('栖梧'), text);
  });

  it('an engine without a model learns nothing and loads nothing', async () => {
    const idle = new WorkerEngine(resolve('dist/worker.js'), 'models/builtin');
    await idle.learn({ name: 'a', text: '慕容栖梧', isFirst: true, isLast: true });
    await idle.forget(null);
    assert.equal(idle.state.kind, 'unloaded');
    assert.equal(idle.thread, null);
    await idle.dispose();
  });
});

/** Own words with the built-in model, across the thread: shown where they were used once, erased, never in the way. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { defaultGhostSettings, GhostBuilder, ghostOptions } from '../../src/context/ghost';
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

  /** What a writer sees, with the product's settings. */
  async function ghost(text: string, ownWords = true): Promise<string> {
    const settings = { ...defaultGhostSettings, ownWords };
    const builder = new GhostBuilder('', settings, text);
    for await (const delta of engine.generate(promptOf(text), ghostOptions(settings), signal))
      if (!builder.push(delta)) break;
    return builder.result();
  }

  /** Names and terms that no model knows, each used once, sentences ago; │ is the cursor. */
  const once = [
    '慕容栖梧是三月里来的，带着两箱书和一把旧琴。那年春天雨水多，院子里的石板缝里长满了青苔，她每天早上扫一遍。过了清明，大家才又提起慕容│栖梧',
    '我们把这种办法叫作“回声校勘”。两个人轮流把原文读给对方听，听的人只看抄本，遇到不合的地方就停下来。这样做很慢，但是错得少。后来的人都用回声│校勘',
    '带路的人叫次仁多吉，五十来岁，脸晒得很黑。他不大会说汉话，一路上只是笑，遇到陡坡就伸手来拉我们。到了山口，风大得站不住，次仁│多吉',
    '村口住着一个木匠，名叫闻人柏舟，做的椅子坐几十年也不松。镇上的人家嫁女儿，都要请他打一套家具。去年冬天我回去，又见到了闻人│柏舟',
    '信是从斡难渡口寄来的，邮戳已经模糊了。父亲拿着信看了很久，没有说话。第二天一早他就出门去了，我知道他是要去斡难│渡口',
    '厂里新来的工程师叫欧阳砚秋，说话不紧不慢。机器坏了，别人都着急，只有她蹲在旁边听声音，听一会儿就知道毛病在哪里。车间里的人都佩服欧阳│砚秋',
    '那本小册子叫《拾穗札记》，是他三十岁以前写的，印了不到五百本。他自己手里也没有了，搬家的时候都送了人。前几天在旧书摊上，我竟然看到一本《拾穗│札记',
    '这家小店的招牌上写着“鹿鸣茶事”，门面只有一丈宽。店主从不招呼客人，只在柜台后面看书。下雨的时候，我常去鹿鸣│茶事',
  ];

  for (const [text = '', rest = ''] of once.map((example) => example.split('│')))
    it(`what stood once before the cursor is shown the next time: ${rest}`, async () => {
      const shown = await ghost(text);
      assert.ok(shown.startsWith(rest), `“${shown}” is shown`);
    });

  it('without own words it is not, or seldom', async () => {
    let count = 0;
    for (const [text = '', rest = ''] of once.map((example) => example.split('│')))
      if ((await ghost(text, false)).startsWith(rest)) count++;
    assert.ok(count <= once.length / 2, `${count} of ${once.length}`);
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
    assert.ok(filling && filling.candidates.length > 0);
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

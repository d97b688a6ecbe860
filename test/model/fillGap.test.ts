/** Texts for a gap, weighed by the real model: what the engine says of them is what the whole text costs, computed anew. */
import assert from 'node:assert/strict';
import { gapOptions, gapSeeds, gapSuffix, rankForGap } from '../../src/context/gapChoice';
import { defaultGhostSettings } from '../../src/context/ghost';
import { openModel } from '../../src/engine/modelFolder';
import type { OpenModel } from '../../src/engine/modelFolder';
import { encodePrompt, promptWindow } from '../../src/generation/promptWindow';
import { distributionOf, logProbability } from '../../src/generation/softmax';
import { modelDir, newEngine, noSignal } from './running';

const gaps = [
  ['清晨的集市', '，卖菜的人把摊子一字排开，一边吆喝，一边给客人称菜。'],
  ['祖父坐在院子里，', '给我们讲从前的故事。'],
  ['那年冬天', '，我们都没有去上学。'],
  ['春天来了，河边的柳树', '，孩子们在树下放风筝。'],
] as const;

/** With 8-bit weights each run has its own scale: the same tokens, cut into other runs, are not quite as likely. */
const doubt = (logProb: number): number => 0.5 + 0.03 * Math.abs(logProb);

describe('texts for a gap', () => {
  const engine = newEngine();
  let model: OpenModel;
  before(async () => {
    model = await openModel(modelDir, 'src/tokenizer/jieba/dictionary.bin.br', null, 'cpu');
  });
  after(async () => {
    await model.network.release();
    await engine.dispose();
  });

  const promptOf = (text: string) => ({ title: '', text, fromStart: true });

  /** Natural logarithm of the probability of a whole text, from one pass over all of it. */
  async function logProbOf(text: string): Promise<number> {
    const { manifest, network } = model;
    const window = promptWindow(encodePrompt(promptOf(text), model), manifest);
    let total = 0;
    let at = 0;
    for await (const logits of network.logitsFrom(window, 0)) {
      const next = window[++at];
      if (next !== undefined) total += logProbability(distributionOf(logits), next);
    }
    return total;
  }

  it('the one that is taken is the one after which what follows is likeliest', async () => {
    let choices = 0;
    for (const [before, behind] of gaps) {
      const filling = await engine.fillGap(
        promptOf(before),
        behind,
        gapOptions(defaultGhostSettings),
        gapSeeds,
        noSignal,
      );
      assert.ok(filling);
      const measured: { text: string; logProb: number }[] = [];
      for (const { text, suffixLogProb } of filling.candidates) {
        const inside = before + text;
        const logProb = (await logProbOf(inside + gapSuffix(behind))) - (await logProbOf(inside));
        assert.ok(
          Math.abs(logProb - suffixLogProb) < doubt(logProb),
          `${inside}│${behind}: ${logProb}, not ${suffixLogProb}`,
        );
        measured.push({ text, logProb });
      }
      const [taken] = rankForGap(filling, { ...defaultGhostSettings, confidenceFloor: 0 });
      if (taken === undefined || measured.length < 2) continue;
      const [best, second] = measured.sort((a, b) => b.logProb - a.logProb);
      if (!best || !second || best.logProb - second.logProb < 2 * doubt(best.logProb)) continue;
      assert.equal(taken, best.text);
      choices++;
    }
    assert.ok(choices > 0, 'there was something to choose from');
  });
});

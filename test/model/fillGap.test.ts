/** Texts for a gap, weighed by the real model: what the engine says of them is what the whole text costs, computed anew. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel } from '../../src/builder/buildModel';
import { gapOptions, gapSeeds, gapSuffix, rankForGap } from '../../src/context/gapChoice';
import { defaultGhostSettings } from '../../src/context/ghost';
import { openModel } from '../../src/engine/modelFolder';
import type { OpenModel } from '../../src/engine/modelFolder';
import { encodePrompt, promptWindow } from '../../src/generation/promptWindow';
import { distributionOf, logProbability } from '../../src/generation/softmax';
import type { CandidateSeed } from '../../src/protocol';
import { newEngine, noSignal } from './running';

const gaps = [
  ['清晨的集市', '，卖菜的人把摊子一字排开，一边吆喝，一边给客人称菜。'],
  ['祖父坐在院子里，', '给我们讲从前的故事。'],
  ['那年冬天', '，我们都没有去上学。'],
  ['春天来了，河边的柳树', '，孩子们在树下放风筝。'],
] as const;

/** Of 32-bit weights: with 8 bits each run has its own scale, and the same tokens, cut into other runs, are not as likely. */
const doubt = 0.01;

describe('texts for a gap', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-gap-'));
  const engine = newEngine(folder);
  let model: OpenModel;
  before(async () => {
    await buildModel({ from: 'models/recipe/checkpoint', to: folder, quantization: 'none', kvCache: 'float32' });
    model = await openModel(folder, 'src/tokenizer/jieba/dictionary.bin.br', null, 'cpu');
  });
  after(async () => {
    await model.network.release();
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
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

  /** @returns whether there was something to choose from: two texts worth showing, one of which is clearly the better */
  async function checkChoice(before: string, behind: string, seeds: readonly CandidateSeed[]): Promise<boolean> {
    const options = gapOptions(defaultGhostSettings);
    const filling = await engine.fillGap(promptOf(before), behind, options, seeds, noSignal);
    assert.ok(filling);
    const measured: { text: string; logProb: number }[] = [];
    for (const { text, suffixLogProb } of filling.candidates) {
      const inside = before + text;
      const logProb = (await logProbOf(inside + gapSuffix(behind))) - (await logProbOf(inside));
      assert.ok(Math.abs(logProb - suffixLogProb) < doubt, `${inside}│${behind}: ${logProb}, not ${suffixLogProb}`);
      measured.push({ text, logProb });
    }
    const ranked = rankForGap(filling, { ...defaultGhostSettings, confidenceFloor: 0 });
    const worthShowing = measured.filter(({ text }) => ranked.includes(text));
    const [best, second] = worthShowing.sort((a, b) => b.logProb - a.logProb);
    if (!best || !second || best.logProb - second.logProb < 2 * doubt) return false;
    assert.equal(ranked[0], best.text);
    return true;
  }

  it('the one that is taken is the one after which what follows is likeliest', async () => {
    // Some weights draw texts that are alike, or that do not lead to what follows: others are drawn then.
    const draws = [gapSeeds, ...Array.from({ length: 30 }, (_, i) => [null, 2 * i + 3, 2 * i + 4])];
    let numChoices = 0;
    for (const seeds of draws) {
      for (const [before, behind] of gaps) if (await checkChoice(before, behind, seeds)) numChoices++;
      if (numChoices > 0) break;
    }
    assert.ok(numChoices > 0, 'there was something to choose from');
  });
});

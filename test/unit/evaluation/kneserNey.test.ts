import assert from 'node:assert/strict';
import { KneserNey, discounts } from '../../../src/evaluation/kneserNey';
import { NgramTrainer, ngramBits, ngramPredictor } from '../../../src/evaluation/ngramBaseline';
import { seededRandom } from '../../../src/generation/random';

const units = (text: string) => Uint16Array.from(text, (character) => character.charCodeAt(0));
const unit = (character: string) => character.charCodeAt(0);
const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, not ${expected}`);

describe('modified Kneser-Ney', () => {
  it('discounts by Chen and Goodman, or a half, one and one and a half', () => {
    // Y = 4 / (4 + 4) = ½; 1 − 2 · ½ · 2/4, 2 − 3 · ½ · 1/2, 3 − 4 · ½ · 1/1
    assert.deepEqual(discounts([4, 2, 1, 1]), [0.5, 1.25, 1]);
    assert.deepEqual(discounts([2, 1, 0, 0]), [0.5, 1, 1.5]);
  });

  it('a toy by hand: aabab, order 2', () => {
    const model = new KneserNey(units('aabab'), 2);
    // Bigrams: aa 1, ab 2, ba 1. Before a stand a and b, before b only a: continuation counts 2 and 1 of 3.
    // Order 1: (2 − 1)/3 and (1 − ½)/3; 1 + ½ of 3 is left for the 65,536 equally likely units.
    const rest = 0.5 / 65_536;
    close(model.probability('', unit('a')), 1 / 3 + rest);
    close(model.probability('', unit('b')), 1 / 6 + rest);
    close(model.probability('', unit('z')), rest);
    // Order 2 after a: aa 1 and ab 2 of 3; ½ + 1 of 3 goes on to order 1.
    close(model.probability('a', unit('b')), 1 / 3 + 0.5 * (1 / 6 + rest));
    close(model.probability('a', unit('a')), 1 / 6 + 0.5 * (1 / 3 + rest));
    close(model.probability('a', unit('z')), 0.5 * rest);
    // After b: ba 1 of 1; ½ goes on.
    close(model.probability('b', unit('a')), 0.5 + 0.5 * (1 / 3 + rest));
    // z was never seen: order 1 only. Of a longer context only the end counts.
    close(model.probability('z', unit('b')), 1 / 6 + rest);
    close(model.probability('aab', unit('a')), model.probability('b', unit('a')));
  });

  it('agrees with the formula written down plainly, on random text of order 4', () => {
    const random = seededRandom(5);
    let text = '';
    for (let i = 0; i < 400; i++) text += 'aaabbcde'[Math.floor(random() * 8)] ?? '';
    const model = new KneserNey(units(text), 4);
    const plain = plainKneserNey(text, 4);
    for (let i = 0; i < 200; i++) {
      const at = 4 + Math.floor(random() * (text.length - 4));
      const context = i % 3 === 0 ? `x${text.slice(at - 2, at)}` : text.slice(at - 3, at);
      const next = 'abcdez'[i % 6] ?? 'a';
      close(model.probability(context, unit(next)), plain(context, next));
    }
  });

  it('is a distribution, and the same whether asked for one unit or all', () => {
    const model = new KneserNey(units('春天来了，春天又来了。春天的花开了，花又谢了。'), 5);
    for (const context of ['', '春', '，春天', '没见过', '了，春天又']) {
      const all = model.distribution(context);
      close(
        all.reduce((sum, p) => sum + p, 0),
        1,
      );
      const { unit: best, probability } = model.likeliest(context);
      assert.equal(
        best,
        all.reduce((at, p, i) => (p > (all[at] as number) ? i : at), 0),
      );
      close(probability, all[best] as number);
      for (const next of '春天来又龘') close(all[unit(next)] as number, model.probability(context, unit(next)));
    }
  });
});

describe('n-gram baseline', () => {
  const trainer = new NgramTrainer();
  for (let i = 0; i < 30; i++) trainer.add({ title: '春', text: `春天来了，花开了。${'甲乙丙丁'[i % 4] ?? ''}` });
  const model = trainer.train();

  it('counts bits of the text, behind its title', () => {
    const document = { title: '春', text: '春天𠮷', genre: '', source: '' };
    const { numerator, denominator } = ngramBits(model, document);
    assert.equal(denominator, 3);
    const p = (context: string, next: string) => Math.log2(model.probability(context, unit(next)));
    const [high = '', low = ''] = '𠮷'.split('');
    const expected = p('\0春\n', '春') + p('\0春\n春', '天') + p('春\n春天', high) + p(`\n春天${high}`, low);
    close(numerator, -expected);
  });

  it('knows the title at the beginning of a text, and ends where a text does', async () => {
    const text = async (prompt: { title: string; text: string; fromStart: boolean }) => {
      let all = '';
      const deltas = ngramPredictor(model).continuation(prompt, { maxNewTokens: 24 });
      for (let next = await deltas.next(); !next.done; next = await deltas.next()) all += next.value.text;
      return all;
    };
    assert.match(await text({ title: '春', text: '', fromStart: true }), /^春天来了，花开了。[甲乙丙丁]$/);
    // In the middle nothing says so: the likeliest character of all.
    assert.doesNotMatch(await text({ title: '春', text: '', fromStart: false }), /^春天来了/);
  });

  it('goes on greedily until the end of a sentence, a character a token', async () => {
    let text = '';
    let logProb = 0;
    const prompt = { title: '春', text: '春天', fromStart: true };
    const deltas = ngramPredictor(model).continuation(prompt, { maxNewTokens: 24, stopAt: 'sentence' });
    for (;;) {
      const next = await deltas.next();
      if (next.done) break;
      assert.equal(next.value.numTokens, 1);
      text += next.value.text;
      logProb += next.value.logProb;
    }
    assert.equal(text, '来了，花开了。');
    assert.ok(logProb < 0 && logProb > -7);
  });
});

/** The formula of kneserNey.ts with maps and substrings: slow, and easy to read. */
function plainKneserNey(text: string, order: number): (context: string, next: string) => number {
  const counts = new Map<string, number>();
  const preceding = new Map<string, Set<string>>();
  for (let n = 1; n <= order; n++)
    for (let i = 0; i + n <= text.length; i++) {
      const gram = text.slice(i, i + n);
      if (n === order) counts.set(gram, (counts.get(gram) ?? 0) + 1);
      if (n > 1) preceding.set(gram.slice(1), (preceding.get(gram.slice(1)) ?? new Set()).add(gram.slice(0, 1)));
    }
  for (const [gram, before] of preceding) if (gram.length < order) counts.set(gram, before.size);
  const ofLength = (n: number) => [...counts].filter(([gram]) => gram.length === n);
  const discountsOf = Array.from({ length: order + 1 }, (_, n) => {
    const having = (k: number) => ofLength(n).filter(([, count]) => count === k).length;
    return discounts([having(1), having(2), having(3), having(4)]);
  });
  return function p(context: string, next: string): number {
    const h = context.slice(-(order - 1));
    const lower = h === '' ? 1 / 65_536 : p(h.slice(1), next);
    const followers = ofLength(h.length + 1).filter(([gram]) => gram.startsWith(h));
    const total = followers.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return lower;
    const d = (count: number) => discountsOf[h.length + 1]?.[Math.min(count, 3) - 1] ?? 0;
    const count = counts.get(h + next) ?? 0;
    const freed = followers.reduce((sum, [, c]) => sum + d(c), 0);
    return (count - d(count)) / total + (freed / total) * lower;
  };
}

import assert from 'node:assert/strict';
import { variantRules } from '../../../src/evaluation/ghostRule';
import { Progress, duration } from '../../../src/evaluation/progress';
import { recommendedFloor, report, show } from '../../../src/evaluation/report';
import type { SavingsFigures } from '../../../src/evaluation/savings';

const exactly = (value: number) => ({ value, low: value, high: value });
const figuresWith = (precision: number): SavingsFigures => ({
  ...{ savings: exactly(0.1), savingsPinyin: exactly(0.2), coverage: exactly(0.3), precision: exactly(precision) },
  ...{ acceptedLength: exactly(2.5), acceptances: exactly(0.4) },
  words: { savings: exactly(0.05), coverage: exactly(0.15), precision: exactly(0.45) },
});

describe('report', () => {
  it('recommends the smallest floor with at least half of the first words right', () => {
    const points = [0.1, 0.2, 0.3].map((floor, i) => ({ floor, figures: figuresWith([0.3, 0.5, 0.7][i] ?? 0) }));
    assert.equal(recommendedFloor(points), 0.2);
    assert.equal(recommendedFloor(points, 0.9), null);
  });

  it('shows a value with its interval', () => {
    assert.equal(show({ value: 5.4712, low: 5.4, high: 5.55 }, 2), '5.47 (5.40–5.55)');
    assert.equal(show(exactly(NaN)), '–');
  });

  it('is Markdown, and leaves out what was not measured', () => {
    const text = report({
      ...{ model: 'm', data: 'd', documents: 1, characters: 10, sampledPositions: 5, confidenceFloor: 0.2 },
      ownWords: 'off',
      bits: { all: exactly(5) },
      fivegram: { bits: { all: exactly(8) } },
      floors: [{ floor: 0.2, figures: figuresWith(0.5) }],
      ppmd: 'skipped: no 7zz',
      seconds: { bits: 1.2 },
    });
    assert.match(text, /\| all \| 5\.000 \(5\.000–5\.000\) \| – \| 8\.000 \(8\.000–8\.000\) \| 37\.5 % \|/);
    assert.match(text, /\| 0\.2 \| 10\.0 \(10\.0–10\.0\) % \|/);
    assert.match(text, /\| 5\.0 \(5\.0–5\.0\) % \| 15\.0 \(15\.0–15\.0\) % \| 45\.0 \(45\.0–45\.0\) % \|$/m);
    assert.match(text, /Smallest with ≥ 50 %: 0\.2/);
    assert.match(text, /PPMd, all: skipped: no 7zz/);
    assert.doesNotMatch(text, /Articles/);
  });
});

describe('other rules', () => {
  const deltas = (tokens: [string, number][]) =>
    tokens.map(([text, probability]) => ({ text, logProb: Math.log(probability), numTokens: 1 }));
  const ghost = (name: string, tokens: [string, number][]) => {
    const rule = variantRules({ confidenceFloor: 0.2, maxTokens: 24, ownWords: false, bannedWords: [] }).find(
      (one) => one.name === name,
    );
    assert.ok(rule, name);
    return rule.ghost(deltas(tokens), '');
  };

  it('know what stands before: a ghost does not go round in circles with it', () => {
    const [product] = variantRules({ confidenceFloor: 0.2, maxTokens: 24, ownWords: false, bannedWords: [] });
    const again = deltas(Array.from('走啊走啊', (character): [string, number] => [character, 0.9]));
    assert.ok(product);
    assert.notEqual(product.ghost(again, '今天'), product.ghost(again, '走啊走啊走啊走啊'));
  });

  it('look at the first token, the length, the whole', () => {
    assert.equal(ghost('first token ≥ 0.3, floor 0.15', [['今', 0.29]]), '');
    assert.equal(ghost('first token ≥ 0.3, floor 0.15', [['今', 0.31]]), '今');
    assert.equal(ghost('two characters at least', [['今', 0.9]]), '');
    // 今天: 0.6 × 0.4 = 0.24
    const today: [string, number][] = [
      ['今', 0.6],
      ['天', 0.4],
      ['去', 0.3],
    ];
    assert.equal(ghost('product', today), '今天去');
    // 0.25 of 今天去 go on so: a key more for the others costs more than the character saves.
    const further: [string, number][] = [...today, ['吗', 0.25]];
    assert.equal(ghost('product', further), '今天去');
    assert.equal(ghost('as long as the floor lets it', further), '今天去吗');
    assert.equal(ghost('whole ghost ≥ 0.2', today), '今天');
  });
});

describe('Progress', () => {
  it('tells what is done and how long the rest takes', () => {
    let text = '';
    let now = 0;
    const progress = new Progress('bits', 100, { write: (more) => (text += more) }, () => now);
    now = 15_000;
    progress.at(20);
    now = 16_000;
    progress.at(21); // too soon to say anything
    now = 75_000;
    progress.at(100);
    assert.equal(text, 'bits: 20 %, 0:15, 1:00 left\nbits: 100 %, 1:15\n');
    assert.equal(duration(NaN), '?');
  });
});

import assert from 'node:assert/strict';
import { characterCount } from '../../../src/context/characterCount';

describe('characterCount', () => {
  const cases: [string, number, number][] = [
    ['', 0, 0],
    ['今天天气不错。', 7, 6],
    ['“真的吗？”她问。', 9, 5],
    ['等一等……好——的', 9, 5], // …… and —— are two characters each
    ['我用 VS Code 写作', 6, 6],
    ['2026年11月24日', 6, 6],
    ['圆周率是3.14，占50%', 8, 7],
    ["don't stop", 2, 2],
    ['　　雨\n\n雪\t', 2, 2],
    ['𠮷野家', 3, 3],
    ['café 咖啡', 3, 3],
    ['中文English混排', 5, 5],
    ['1,000 字', 2, 2],
  ];
  for (const [text, all, withoutPunctuation] of cases)
    it(JSON.stringify(text), () => assert.deepEqual(characterCount(text), { all, withoutPunctuation }));
});

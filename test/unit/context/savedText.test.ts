import assert from 'node:assert/strict';
import { lengthSaved } from '../../../src/context/savedText';

describe('lengthSaved', () => {
  const cases: [name: string, saved: string, text: string, length: number | null][] = [
    ['all of it', '雨停了，天亮。', '雨[停了，]天亮。', 3],
    ['the beginning of it', '雨停天亮。', '雨[停了，]天亮。', 1],
    ['nothing of it', '雨天亮。', '雨[停了，]天亮。', 0],
    ['nothing of it, which begins as what stands behind', '雨天亮。', '雨[天黑，]天亮。', 0],
    ['all of it, and a last line break', '雨停了。\n', '雨[停了。]', 3],
    ['all of it, without the blanks at its end', '雨停了。\n', '雨[停了。\n\n]', 4],
    ['all of a text', '停了。', '[停了。]', 3],
    ['another text', '风停了，天亮。', '雨[停了，]天亮。', null],
    ['another text behind', '雨停了，天黑。', '雨[停了，]天亮。', null],
    ['no text', '', '[停了。]', null],
    ['no text but a line break', '\n', '[停了。]', null],
  ];
  for (const [name, saved, text, length] of cases)
    it(name, () => {
      const [start, end] = [text.indexOf('['), text.indexOf(']') - 1];
      assert.equal(lengthSaved(saved, text.replace(/[[\]]/g, ''), start, end), length);
    });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePanelRequest } from '../../../src/editor/article/panelRequest';

const request = { title: '故乡的雨', opening: '', length: 400, preset: 'bold', seed: null };
const generate = (changes: Record<string, unknown>) =>
  parsePanelRequest({ type: 'generate', request: { ...request, ...changes } });

describe('parsePanelRequest', () => {
  it('lets through what the page sends', () => {
    for (const type of [
      'ready',
      'stop',
      'eraseAll',
      'dismiss',
      'openLog',
      'openSettings',
      'openSampling',
      'chooseModel',
      'openDownload',
      'importModel',
      'showFamilies',
    ])
      assert.deepEqual(parsePanelRequest({ type, more: 1 }), { type });
    for (const type of ['retry', 'show', 'insert', 'openAsDocument', 'copy', 'erase'])
      assert.deepEqual(parsePanelRequest({ type, id: 'x', more: 1 }), { type, id: 'x' });
    assert.deepEqual(generate({}), { type: 'generate', request });
    assert.deepEqual(generate({ seed: 7 }), { type: 'generate', request: { ...request, seed: 7 } });
  });

  it('puts the title on one line and the opening into the form that models know', () => {
    const parsed = generate({ title: ' 故乡\n的  雨 ', opening: '　　雨停了。\r\n\r\n　　天晴了。  ' });
    assert.deepEqual(parsed, {
      type: 'generate',
      request: { ...request, title: '故乡 的 雨', opening: '雨停了。\n天晴了。' },
    });
  });

  it('keeps the line break after an opening, and takes an opening of nothing for none', () => {
    const opening = (text: string) => {
      const parsed = generate({ opening: text });
      return parsed?.type === 'generate' ? parsed.request.opening : null;
    };
    assert.equal(opening('雨停了。\n'), '雨停了。\n');
    assert.equal(opening(' \n\u3000'), '');
    assert.equal(opening('\n雨'), '雨');
  });

  it('takes fields as they are, if they are fields', () => {
    const draft = { title: '', opening: ' ', length: 'x', preset: 'bold', seed: '', isMoreOpen: true, editedAt: 1 };
    assert.deepEqual(parsePanelRequest({ type: 'draft', draft }), { type: 'draft', draft });
    for (const change of [{ title: 1 }, { seed: '1'.repeat(33) }, { isMoreOpen: 1 }, { editedAt: Infinity }])
      assert.equal(parsePanelRequest({ type: 'draft', draft: { ...draft, ...change } }), null);
    assert.equal(parsePanelRequest({ type: 'draft' }), null);
  });

  const refused: [string, Record<string, unknown>][] = [
    ['no title', { title: ' \n' }],
    ['a title that is no text', { title: ['雨'] }],
    ['an endless title', { title: '雨'.repeat(101) }],
    ['an endless opening', { opening: '雨'.repeat(5001) }],
    ['a length of nothing', { length: 0 }],
    ['less than nothing', { length: -1 }],
    ['a length beyond all measure', { length: 1e9 }],
    ['a length that is no number', { length: NaN }],
    ['a length in text', { length: '400' }],
    ['half a character', { length: 400.5 }],
    ['a preset of another name', { preset: 'toString' }],
    ['a negative seed', { seed: -1 }],
    ['a seed too large', { seed: 2 ** 32 }],
    ['a seed left out', { seed: undefined }],
  ];
  for (const [name, changes] of refused) it(`refuses ${name}`, () => assert.equal(generate(changes), null));

  it('refuses other messages', () => {
    for (const message of [null, undefined, 1, 'ready', [], {}, { type: 'constructor' }, { type: 'show' }])
      assert.equal(parsePanelRequest(message), null);
    assert.equal(parsePanelRequest({ type: 'show', id: 'x'.repeat(65) }), null);
    assert.equal(parsePanelRequest({ type: 'generate' }), null);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (type, id) => {
        parsePanelRequest({ type, id, request: id });
        parsePanelRequest(type);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { EarlierTexts } from '../../../src/evaluation/earlierTexts';
import { lowestFloor } from '../../../src/evaluation/ghostRule';
import type { Predictor } from '../../../src/evaluation/predictor';
import { RecordedStreams } from '../../../src/evaluation/recordedStreams';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer';

/** A character is a token, its code unit the id. */
const tokenizer = {
  encode: (text: string) => Array.from(text, (character) => character.charCodeAt(0)),
  decode: (ids: readonly number[]) => String.fromCharCode(...ids),
} as unknown as Tokenizer;

const document = (title: string, text: string, source: string) => ({ title, text, source, genre: '' });
const documents = [
  document('一', '甲乙', 'a'),
  document('二', '丙丁', 'b'),
  document('三', '戊己，庚辛，壬癸', 'a'),
  document('四', '子丑', 'a'),
];
const [first, , third, fourth] = documents as [
  (typeof documents)[0],
  (typeof documents)[0],
  (typeof documents)[0],
  (typeof documents)[0],
];

/** Which of these characters are known to be followed by something. */
const known = ({ learnt }: EarlierTexts, characters = '甲丙戊庚壬子') =>
  Array.from(characters)
    .filter((character) => learnt.levels(tokenizer.encode(character)).length > 0)
    .join('');

describe('what the writer’s words are learnt from', () => {
  it('is the document up to the prompt, and nothing of another one', () => {
    const earlier = new EarlierTexts(tokenizer, documents, 'document');
    earlier.standAt(third, 3);
    assert.equal(known(earlier), '戊');
    earlier.standAt(third, 6);
    assert.equal(known(earlier), '戊庚');
    // Going back forgets.
    earlier.standAt(third, 0);
    assert.equal(known(earlier), '');
    earlier.standAt(third, 6);
    earlier.standAt(fourth, 2);
    assert.equal(known(earlier), '子');
  });

  it('with the scope of the source, its documents that stand before', () => {
    const earlier = new EarlierTexts(tokenizer, documents, 'source');
    earlier.standAt(third, 3);
    assert.equal(known(earlier), '甲戊');
    earlier.standAt(fourth, 0);
    assert.equal(known(earlier), '甲戊庚壬');
    earlier.standAt(first, 0);
    assert.equal(known(earlier), '');
  });

  it('is learnt before the prompt is asked for: what it holds is not learnt', async () => {
    const earlier = new EarlierTexts(tokenizer, documents, 'document');
    const seen: string[] = [];
    const predictor: Predictor = {
      maxCharacters: 4,
      // eslint-disable-next-line require-yield
      async *continuation({ text }) {
        await Promise.resolve();
        seen.push(`${known(earlier)} ${text}`);
        return undefined;
      },
    };
    const streams = new RecordedStreams(predictor, lowestFloor, earlier);
    for (const offset of [4, 5, 7]) await streams.at(third, offset, {});
    assert.deepEqual(seen, [' 戊己，庚', '戊 ，庚辛', '戊 辛，壬']);
  });
});

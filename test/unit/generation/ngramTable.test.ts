import assert from 'node:assert/strict';
import { EngineError } from '../../../src/errors';
import { NgramTable } from '../../../src/generation/ngramTable';

/** Parts one after the other, each padded to 4 bytes, as models/recipe/ngrams.py writes them. */
function joined(...parts: ArrayBufferView[]): Uint8Array {
  const bytes = parts.map(({ buffer, byteOffset, byteLength }) => {
    const padded = Buffer.alloc(byteLength + (-byteLength & 3));
    padded.set(new Uint8Array(buffer, byteOffset, byteLength));
    return padded;
  });
  return new Uint8Array(Buffer.concat(bytes));
}

const magic = 0x4d52474e;

/** Hashes of contexts as models/recipe/ngrams.py printed them: [3], [5], then [5, 3]. */
const hashOf3 = 0x3c6e8bbf;
const hashOf5 = 0x78dd177f;
const hashOf53 = 0xf9ecbbc6;

/** After 3 come 7 (4 times) and 5 (once); after 5 comes 3; after 5 3 comes 9. λ is 0.25 in bucket 6, 0.5 in bucket 31. */
function table(): Uint8Array {
  const shares = new Float32Array(2 * 32);
  shares[6] = 0.25;
  shares[32 + 31] = 0.5;
  const ones = [
    Uint32Array.of(2, 3),
    Uint32Array.of(hashOf3, hashOf5),
    Uint16Array.of(2, 1),
    Uint8Array.of(6, 6),
    Uint16Array.of(7, 5, 3),
    Uint8Array.of(0, 32, 0),
  ];
  const twos = [
    Uint32Array.of(1, 1),
    Uint32Array.of(hashOf53),
    Uint16Array.of(1),
    Uint8Array.of(31),
    Uint16Array.of(9),
    Uint8Array.of(0),
  ];
  return joined(Uint32Array.of(magic, 1, 2, 10), shares, ...ones, ...twos);
}

const shown = (context: number[]) =>
  NgramTable.read(table(), 10)
    .levels(context)
    .map(({ share, tokenIds, counts }) => [share, Array.from(tokenIds), Array.from(counts)]);

describe('n-gram table', () => {
  it('gives what followed the last tokens, the longest context first', () => {
    assert.deepEqual(shown([8, 5, 3]), [
      [0.5, [9], [1]],
      [0.25, [7, 5], [1, 0.25]],
    ]);
    assert.deepEqual(shown([5]), [[0.25, [3], [1]]]);
  });

  it('has nothing to say of contexts that it does not know, or of none', () => {
    assert.deepEqual(shown([8, 2]), []);
    assert.deepEqual(shown([]), []);
  });

  it('reads a file wherever it lies in memory', () => {
    const shifted = new Uint8Array(table().length + 1);
    shifted.set(table(), 1);
    assert.equal(NgramTable.read(shifted.subarray(1), 10).levels([5]).length, 1);
  });

  it('refuses what is cut, too long, of another model or not a table', () => {
    const damaged = (file: Uint8Array, vocabSize = 10) => {
      try {
        NgramTable.read(file, vocabSize);
      } catch (error) {
        return (error as EngineError).code;
      }
      return 'read';
    };
    const whole = table();
    for (const length of [0, 3, 16, 200, whole.length - 4])
      assert.equal(damaged(whole.subarray(0, length)), 'model-damaged', `${length} bytes`);
    assert.equal(damaged(joined(whole, Uint32Array.of(0))), 'model-damaged');
    assert.equal(damaged(whole, 11), 'model-invalid');
    assert.equal(damaged(whole.slice().fill(0, 0, 4)), 'model-invalid');
    const withToken = whole.slice();
    withToken[withToken.length - 8] = 200; // the last token id
    assert.equal(damaged(withToken), 'model-damaged');
    for (const share of [NaN, 1, -0.5, Infinity]) {
      const withShare = whole.slice();
      new DataView(withShare.buffer).setFloat32(16 + 4 * 6, share, true);
      assert.equal(damaged(withShare), 'model-damaged', `a share of ${share}`);
    }
  });
});

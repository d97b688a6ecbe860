import assert from 'node:assert/strict';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { SafetensorsFile } from '../../../src/builder/safetensors';
import { EngineError } from '../../../src/errors';
import { headerBytes, safetensorsBytes, TemporaryFolder } from './tinyCheckpoint';

describe('safetensors reader', () => {
  const temporary = new TemporaryFolder();
  const path = temporary.join('x.safetensors');
  after(() => temporary.remove());

  function open(bytes: Buffer): SafetensorsFile {
    writeFileSync(path, bytes);
    return SafetensorsFile.open(path);
  }

  function assertRefused(bytes: Buffer, message: RegExp): void {
    assert.throws(
      () => open(bytes),
      (error) =>
        error instanceof EngineError &&
        error.code === 'checkpoint-invalid' &&
        error.message.startsWith('x.safetensors ') &&
        message.test(error.message),
    );
  }

  /** One tensor `w`, with the entry's fields replaced. */
  function withEntry(entry: Record<string, unknown>, dataBytes = 16): Buffer {
    const w = { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16], ...entry };
    return Buffer.concat([headerBytes({ w }), Buffer.alloc(dataBytes)]);
  }

  it('reads values in blocks of whole rows, again at each call', () => {
    const shape = [1200, 1000]; // more than two blocks
    const values = Float32Array.from({ length: 1_200_000 }, (_, i) => i);
    const file = open(safetensorsBytes([['w', { shape, values }]]));
    const stream = file.stream('w');
    for (let pass = 0; pass < 2; pass++) {
      const read: number[] = [];
      let blocks = 0;
      for (const block of stream.blocks()) {
        assert.equal(block.length % 1000, 0);
        blocks++;
        for (const value of block) read.push(value);
      }
      assert.ok(blocks > 2);
      assert.deepEqual(Float32Array.from(read), values);
    }
    file.close();
  });

  it('decodes halves and bfloat16 exactly', () => {
    // Half: 1, −2, 65504, smallest subnormal, −0, infinity. bfloat16: 1, −2, 3.140625.
    const data = Buffer.from(
      new Uint16Array([0x3c00, 0xc000, 0x7bff, 1, 0x8000, 0x7c00, 0x3f80, 0xc000, 0x4049]).buffer,
    );
    const file = open(
      Buffer.concat([
        headerBytes({
          half: { dtype: 'F16', shape: [6], data_offsets: [0, 12] },
          brain: { dtype: 'BF16', shape: [3], data_offsets: [12, 18] },
        }),
        data,
      ]),
    );
    assert.deepEqual(Array.from([...file.stream('half').blocks()].flatMap((block) => [...block])), [
      ...[1, -2, 65504, 2 ** -24, -0, Infinity],
    ]);
    assert.deepEqual(Array.from([...file.stream('brain').blocks()].flatMap((block) => [...block])), [1, -2, 3.140625]);
    file.close();
  });

  it('reads scalars and empty tensors', () => {
    const file = open(
      safetensorsBytes([
        ['scalar', { shape: [], values: Float32Array.of(7) }],
        ['empty', { shape: [0, 4], values: new Float32Array(0) }],
      ]),
    );
    assert.deepEqual(Array.from([...file.stream('scalar').blocks()][0] ?? []), [7]);
    assert.deepEqual([...file.stream('empty').blocks()], []);
    file.close();
  });

  it('refuses a file that is no file, too short, or cut', () => {
    assert.throws(() => SafetensorsFile.open(temporary.join('absent')), /cannot open/);
    assertRefused(Buffer.alloc(0), /truncated: 0 bytes/);
    assertRefused(Buffer.alloc(7), /truncated: 7 bytes/);
    assertRefused(withEntry({}).subarray(0, 30), /truncated: the header needs \d+ bytes, the file has 30/);
    assertRefused(withEntry({}, 15), /truncated: tensor w ends at byte \d+, the file has \d+/);
  });

  it('refuses a header that is huge or not a JSON object', () => {
    const huge = Buffer.alloc(64);
    huge.writeBigUInt64LE(2n ** 63n);
    assertRefused(huge, /claims a header of 9223372036854775808 bytes; at most 16777216 are read/);
    const junk = Buffer.from('\x05\0\0\0\0\0\0\0{"a":');
    assertRefused(junk, /header that is not valid JSON/);
    for (const header of [[], null, 3, 'text']) assertRefused(headerBytes(header), /header that is not a JSON object/);
  });

  it('refuses entries that contradict themselves', () => {
    assertRefused(withEntry({ dtype: 'F33' }), /tensor w has unknown type "F33"/);
    assertRefused(withEntry({ dtype: 'constructor' }), /tensor w has unknown type "constructor"/);
    assertRefused(withEntry({ dtype: 4 }), /tensor w has unknown type 4/);
    for (const shape of [[-1], [1.5], 'x', [2 ** 40, 2 ** 40], null])
      assertRefused(withEntry({ shape }), /tensor w has an impossible shape/);
    for (const offsets of [[16, 0], [0], [-4, 12], ['0', '16'], undefined, [0, 2 ** 60]])
      assertRefused(withEntry({ data_offsets: offsets }), /tensor w has impossible data_offsets/);
    assertRefused(withEntry({ shape: [2, 3] }), /tensor w: F32 \[2, 3\] takes 24 bytes, data_offsets give 16/);
    assertRefused(withEntry({ dtype: 'F16' }), /tensor w: F16 \[2, 2\] takes 8 bytes, data_offsets give 16/);
    assertRefused(headerBytes({ w: null }), /describes tensor w by no object/);
  });

  it('refuses tensors that leave the file or overlap', () => {
    assertRefused(withEntry({ data_offsets: [1000, 1016] }), /truncated: tensor w ends at byte/);
    const header = {
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
    };
    assertRefused(Buffer.concat([headerBytes(header), Buffer.alloc(12)]), /tensors a and b overlap/);
  });

  it('refuses to read integers, which masks are stored as, only when they are asked for', () => {
    const file = open(withEntry({ dtype: 'U8', shape: [16] }));
    assert.throws(() => file.stream('w'), /holds tensor w as U8; F32, F16, BF16 and F64 can be read/);
    assert.throws(() => file.stream('v'), /has no tensor v/);
    file.close();
  });

  it('reads or refuses whatever damage it meets, and never reads outside the file', () => {
    const intact = safetensorsBytes([
      ['a', { shape: [3, 4], values: new Float32Array(12) }],
      ['b', { shape: [5], values: new Float32Array(5) }],
    ]);
    const damage = fc.array(fc.tuple(fc.nat(intact.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(intact.length), (changes, length) => {
        const bytes = Buffer.from(intact);
        for (const [index, value] of changes) bytes[index] = value;
        try {
          const file = open(length % 2 ? bytes : bytes.subarray(0, length));
          for (const { begin, end } of file.tensors.values()) assert.ok(begin <= end && end <= bytes.length);
          file.close();
        } catch (error) {
          assert.ok(error instanceof EngineError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});

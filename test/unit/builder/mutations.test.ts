/**
 * Damaged headers of every format, by the thousand: each is read or refused in words; none crashes, hangs or takes memory.
 * Twenty seconds of one quiet core, always of the same seed: the machine that tests every change is several times slower
 * at its busiest, and a minute there would be a quarter of all tests. What is found beyond them, the long form finds.
 * The long form: `MOXU_FUZZ=10000 MOXU_FUZZ_SEED=7 npm run test:unit -- --grep 'damaged headers'`.
 */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointFile } from '../../../src/builder/checkpointFile';
import { gpt2Tensors } from '../../../src/builder/checkpoint';
import { openCheckpoint } from '../../../src/builder/openCheckpoint';
import { readZip } from '../../../src/builder/torch/zip';
import { EngineError } from '../../../src/errors';
import { randomValues, TemporaryFolder } from './tinyCheckpoint';

const fixtures = join('test', 'fixtures', 'checkpoints');
/** Format → its folder; a folder has no other checkpoint in it. */
const formats: Record<string, string> = {
  ...Object.fromEntries(
    readdirSync(fixtures, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => [name, join(fixtures, name)]),
  ),
  safetensors: join('test', 'fixtures', 'builder', 'fp16'),
};
const count = Number(process.env['MOXU_FUZZ'] ?? 5000);
const seed = Number(process.env['MOXU_FUZZ_SEED'] ?? 1);

/** Far beyond what any takes, a busy machine's pauses included: a file that makes work without end takes minutes. */
const slowestMs = 10_000;
/** Beyond what was held before. A size that is believed makes an array of up to 4 GB. */
const mostMemoryMb = 300;
/** The test stage hears of each, and gives up what is silent for minutes. */
const filesATime = 1000;

/** Bytes that mean something to a pickle, a zip directory or JSON, and the ends of the number range. */
const telling = [
  ...Buffer.from('\0\x01\x7f\x80\xff(.)]}ackbtuRQqrhjXKMJN\x81\x85\x88\x8a\x93\x94\x95PIio"{}[],:0-9e', 'latin1'),
];

describe('damaged headers', () => {
  const temporary = new TemporaryFolder();
  after(() => temporary.remove());

  const random = randomValues(seed);
  const below = (limit: number): number => Math.min(limit - 1, Math.floor(((random() + 1) / 2) * limit));
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;

  /** Where the bytes lie that are not values of tensors. */
  function headerOf(path: string): number[] {
    const bytes = readFileSync(path);
    const all = Array.from(bytes.keys());
    if (path.endsWith('.safetensors')) return all.slice(0, 8 + Number(bytes.readBigUInt64LE()));
    if (bytes.readUInt32LE() !== 0x04034b50) return all.slice(0, 5500); // JSON, or pickles before values
    const file = new CheckpointFile(path);
    const values = [...readZip(file)].filter(([name]) => /\/data\/\d+$/.test(name));
    file.close();
    return all.filter((at) => !values.some(([, { begin, end }]) => at >= begin && at < end));
  }

  function damaged(bytes: Buffer, header: readonly number[]): Buffer {
    const changed = Buffer.from(bytes);
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const at = oneOf(header);
      const kind = below(10);
      if (kind < 3) changed[at] = below(256);
      else if (kind < 7) changed[at] = oneOf(telling);
      else if (kind < 8) changed[at] = (changed[at] as number) ^ (1 << below(8));
      else if (kind < 9)
        changed.copy(changed, at, oneOf(header), oneOf(header)); // a part of it elsewhere
      else if (at + 4 <= changed.length) changed.writeUInt32LE(oneOf([0, 1, 0x7fffffff, 0xffffffff, bytes.length]), at);
    }
    const cut = below(20);
    if (cut === 0) return changed.subarray(0, below(changed.length));
    if (cut > 1) return changed;
    const at = oneOf(header); // or a byte more
    return Buffer.concat([changed.subarray(0, at), Buffer.of(oneOf(telling)), changed.subarray(at)]);
  }

  /** @returns how far it came; throws what is not an error of ours */
  function outcome(folder: string): string {
    let checkpoint;
    try {
      checkpoint = openCheckpoint(folder);
      const tensors = gpt2Tensors(checkpoint, checkpoint.config);
      for (const tensor of [tensors.tokens, tensors.positions, ...tensors.layers.map(({ qkv }) => qkv.weight)])
        for (const block of tensor.blocks()) assert.ok(block.length > 0);
      return 'read';
    } catch (error) {
      if (error instanceof assert.AssertionError || !(error instanceof EngineError)) throw error;
      assert.equal(error.code, 'checkpoint-invalid', error.message);
      assert.ok(error.message.length < 2000, error.message);
      return 'refused';
    } finally {
      checkpoint?.close();
    }
  }

  const folder = temporary.join('checkpoints');
  let targets: { format: string; name: string; path: string; header: number[] }[] = [];

  before('undamaged, all are read', () => {
    targets = Object.entries(formats).flatMap(([format, source]) =>
      readdirSync(source, { recursive: true })
        .map(String)
        .filter((name) => /\.(bin|pt|safetensors|json)$/.test(name))
        .map((name) => ({ format, name: join(format, name), path: join(source, name) }))
        .map((target) => ({ ...target, header: headerOf(target.path) })),
    );
    assert.ok(targets.length >= 17);
    for (const [format, source] of Object.entries(formats)) {
      cpSync(source, join(folder, format), { recursive: true });
      assert.equal(outcome(join(folder, format)), 'read', format);
    }
  });

  /** Damages a file, looks what comes of it, and mends it. */
  function tryOne(i: number): { how: string; file: string; ms: number } {
    const { format, name, path, header } = oneOf(targets);
    const file = `file ${i}, ${name}, seed ${seed}`;
    const bytes = readFileSync(path);
    const changed = damaged(bytes, header);
    writeFileSync(join(folder, name), changed);
    const start = performance.now();
    try {
      const how = outcome(join(folder, format));
      return { how, file, ms: performance.now() - start };
    } catch (error) {
      writeFileSync(join(process.env['MOXU_FUZZ_KEEP'] ?? temporary.path, `found-${i}`), changed);
      throw new Error(file, { cause: error });
    } finally {
      writeFileSync(join(folder, name), bytes);
    }
  }

  for (let first = 0; first < count; first += filesATime) {
    const last = Math.min(count, first + filesATime);
    it(`of files ${first + 1} to ${last} are read or refused, soon and in little memory`, function () {
      this.timeout(10 * 60_000);
      const found: Record<string, number> = { read: 0, refused: 0 };
      const held = process.memoryUsage();
      let slowest = 0;
      let mostMb = 0;
      for (let i = first; i < last; i++) {
        const { how, file, ms } = tryOne(i);
        const { rss, arrayBuffers } = process.memoryUsage();
        // An array that nothing was written to is not resident.
        const mb = Math.max(rss - held.rss, arrayBuffers - held.arrayBuffers) / 2 ** 20;
        assert.ok(ms < slowestMs, `${file} took ${ms} ms`);
        assert.ok(mb < mostMemoryMb, `${mb} MB more than before after ${file}`);
        found[how] = (found[how] ?? 0) + 1;
        slowest = Math.max(slowest, ms);
        mostMb = Math.max(mostMb, mb);
      }
      if (process.env['MOXU_FUZZ'])
        console.log(`${JSON.stringify(found)}, slowest ${slowest.toFixed(0)} ms, ${mostMb.toFixed(0)} MB more`);
      assert.ok((found['refused'] ?? 0) > (last - first) / 4 && (found['read'] ?? 0) > 0, JSON.stringify(found));
    });
  }
});

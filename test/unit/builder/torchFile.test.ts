/** Files of torch.save that were made to do harm, or were damaged: each is refused in words, by name. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { TorchFile } from '../../../src/builder/torch/torchFile';
import { EngineError } from '../../../src/errors';
import { TemporaryFolder } from './tinyCheckpoint';
import { dictPickle, pickle, tensorPickle, torchArchive, zipOf, type TensorParts } from './torchArchive';

describe('torch files', () => {
  const temporary = new TemporaryFolder();
  const path = temporary.join('x.bin');
  after(() => temporary.remove());

  function open(bytes: Buffer): TorchFile {
    writeFileSync(path, bytes);
    return TorchFile.open(path);
  }

  /** @param subject what a person is told by name */
  function assertRefused(bytes: Buffer, message: RegExp, subject?: string): void {
    assert.throws(
      () => open(bytes).close(),
      (error) => {
        assert.ok(error instanceof EngineError && error.code === 'checkpoint-invalid', String(error));
        assert.match(error.message, message);
        if (subject !== undefined) assert.equal(error.subject, `x.bin: ${subject}`);
        assert.match(error.subject ?? '', /^x\.bin(?:: .{1,120})?$/);
        return error.message.startsWith('x.bin ') && error.message.length < 1000;
      },
    );
  }

  /** An archive whose pickle makes `w` by these instructions. */
  const making = (...instructions: Buffer[]) => torchArchive(dictPickle([['w', Buffer.concat(instructions)]]));
  const withTensor = (parts: TensorParts) => torchArchive(dictPickle([['w', tensorPickle(parts)]]));
  const valuesOf = (file: TorchFile, name = 'w') => [...file.stream(name).blocks()].flatMap((block) => [...block]);
  const { global, text, tupleOf, reduce, int, emptyList, emptyTuple, none, build, put, get, append, stop } = pickle;

  it('reads tensors, parts of them, and views in any order', () => {
    const views: [string, TensorParts, number[]][] = [
      ['w', {}, [1, 2, 3, 4]],
      ['part', { offset: 1, shape: [2] }, [2, 3]],
      ['turned', { shape: [2, 2], strides: [1, 2] }, [1, 3, 2, 4]],
      ['column', { offset: 1, shape: [2, 1], strides: [2, 1] }, [2, 4]],
      ['everySecond', { shape: [2], strides: [2] }, [1, 3]],
      ['deep', { shape: [2, 1, 2], strides: [1, 1, 2] }, [1, 3, 2, 4]],
      ['empty', { shape: [0, 4], strides: [4, 1] }, []],
    ];
    const file = open(torchArchive(dictPickle(views.map(([name, parts]) => [name, tensorPickle(parts)]))));
    for (const [name, , values] of views) assert.deepEqual(valuesOf(file, name), values, name);
    const rows = file.stream('turned', { from: 1, to: 2 });
    assert.deepEqual(
      [...rows.blocks()].flatMap((block) => [...block]),
      [2, 4],
    );
    file.close();
  });

  it('refuses whatever is not on the list of classes, by name', () => {
    const call = (module: string, name: string) => making(global(module, name), tupleOf(text('touch /tmp/x')), reduce);
    for (const [module, name] of [
      ['posix', 'system'],
      ['builtins', 'eval'],
      ['subprocess', 'Popen'],
      ['torch.hub', 'load'],
      ['collections', 'OrderedDict.__init__'],
      ['constructor', 'prototype'],
    ] as const)
      assertRefused(
        call(module, name),
        new RegExp(`asks for ${module}.${name}, which is not on the list.*save only`),
        `${module}.${name}`,
      );
    const stackGlobal = making(text('os'), text('system'), Buffer.of(0x93), tupleOf(text('id')), reduce);
    assertRefused(stackGlobal, /asks for os\.system/, 'os.system');
    // What a name does to a message that shows it: no link, no line of its own.
    const link = making(global('os', '[here](command:x)'), emptyTuple, reduce);
    assertRefused(link, /asks for os\./, 'os.·here·(command:x)');
    assertRefused(
      making(global('torch', 'FloatStorage'), emptyTuple, reduce),
      /makes a storage by torch\.FloatStorage/,
    );
    assertRefused(making(text('posix.system'), tupleOf(text('id')), reduce), /calls something that is no class/);
    assertRefused(making(global('x'.repeat(2000), 'y'), emptyTuple, reduce), /a name of more than 1000 characters/);
  });

  it('refuses instructions that tensors do not need, by name', () => {
    for (const [code, name] of [
      ['i', 'INST'],
      ['o', 'OBJ'],
      ['P', 'PERSID'],
      ['\x82', 'EXT1'],
      ['\x92', 'NEWOBJ_EX'],
      ['I', 'INT'],
    ] as const)
      assertRefused(
        making(Buffer.from(code, 'latin1')),
        new RegExp(`pickle instruction ${name}, which is not on`),
        name,
      );
    assertRefused(making(Buffer.of(0xff)), /byte \d+ is no instruction/);
    assertRefused(making(tensorPickle(), none, build), /sets attributes of something that has none/);
    assertRefused(torchArchive(Buffer.of(0x80, 6)), /protocol after 5/);
  });

  it('takes what trainers save beside the weights, and drops it', () => {
    const state = [global('numpy.core.multiarray', '_reconstruct'), tupleOf(global('numpy', 'ndarray')), reduce];
    const args = [global('argparse', 'Namespace'), emptyTuple, Buffer.of(0x81), pickle.emptyDict, build];
    const file = open(
      torchArchive(
        dictPickle([
          ['rng', Buffer.concat([...state, emptyTuple, build])],
          ['args', Buffer.concat(args)],
          ['module', Buffer.concat([pickle.emptyDict, pickle.mark, text('w'), tensorPickle(), pickle.setItems])],
          ['torch_rng_state', tensorPickle({ storage: 'FloatStorage' })],
        ]),
      ),
    );
    assert.deepEqual([...file.tensors.keys()], ['w']);
    file.close();
  });

  it('ends with loops, depth and sheer number', function () {
    this.timeout(30_000);
    const loop = Buffer.concat([emptyList, put(0), get(0), append]);
    const file = open(torchArchive(dictPickle([['loop', loop], ['w', tensorPickle()]]))); // prettier-ignore
    assert.deepEqual(valuesOf(file), [1, 2, 3, 4]);
    file.close();
    const dict = Buffer.concat([pickle.emptyDict, put(0), pickle.mark, text('module'), get(0), pickle.setItems, stop]);
    assertRefused(torchArchive(dict), /holds no tensors by name/);
    const deep = Buffer.concat([emptyTuple, Buffer.alloc(900_000, 0x85)]);
    assertRefused(torchArchive(Buffer.concat([deep, stop])), /holds no tensors by name/);
    assertRefused(torchArchive(Buffer.alloc(3_000_000, '}')), /more than 1000000 values/);
    assertRefused(torchArchive(Buffer.alloc(3_000_000, '(')), /more than 1000000 values/);
    assertRefused(torchArchive(Buffer.alloc(9 << 20, pickle.proto)), /more than 8388608 bytes/);
    // Each list holds the one before it ten times: 10⁴⁰ values for who would follow them.
    const laughs = Array.from({ length: 40 }, (_, i) =>
      Buffer.concat([emptyList, put(i + 1), ...Array.from({ length: 10 }, () => Buffer.concat([get(i), append]))]),
    );
    assertRefused(torchArchive(Buffer.concat([emptyList, put(0), ...laughs, stop])), /holds no tensors by name/);
    assertRefused(making(Buffer.from('X\xff\xff\xff\xff', 'latin1')), /holds a text of 4294967295 bytes/);
  });

  it('refuses a pickle that is cut, wherever', () => {
    const whole = dictPickle([['w', tensorPickle()]]);
    for (let length = 0; length < whole.length; length++)
      assertRefused(torchArchive(whole.subarray(0, length)), /is truncated|is no pickle|takes a value/);
    assertRefused(torchArchive(stop), /takes a value that it has not made/);
    assertRefused(making(get(7)), /refers to a value that it does not hold/);
    const twice = dictPickle([['w', tensorPickle()], ['w', tensorPickle()]]); // prettier-ignore
    assertRefused(torchArchive(twice), /says w twice/);
  });

  it('refuses tensors that are not within their storage', () => {
    const refused: [TensorParts, RegExp][] = [
      [{ shape: [5] }, /has 4 values for \[5\] of tensor w; .*copy or download/],
      [{ offset: 1 }, /has 4 values for \[4\] of tensor w/],
      [{ offset: -1 }, /impossible sizes for tensor w/],
      [{ offset: 2n ** 62n }, /impossible sizes/],
      [{ shape: [-4] }, /impossible shape for tensor w/],
      [{ shape: [2 ** 40, 2 ** 40], strides: [0, 0] }, /has 4 values for/],
      [{ shape: [1000], strides: [0] }, /has 4 values for \[1000\]/],
      [{ shape: [2, 2], strides: [2] }, /impossible shape/],
      [{ shape: [2, 2], strides: [4, 1] }, /has 4 values for \[2, 2\]/],
      [{ shape: [2, 2], strides: [-2, 1] }, /impossible shape/],
      [
        { shape: Array.from({ length: 17 }, () => 1), strides: Array.from({ length: 17 }, () => 1) },
        /impossible shape/,
      ],
      [{ numel: 5 }, /is truncated: it holds too few values for tensor w/],
      [{ numel: 2n ** 61n, shape: [2 ** 50] }, /impossible sizes|too few values/],
      [{ numel: -1 }, /impossible sizes/],
      [{ key: '1' }, /lacks the values of tensor w/],
      [{ key: '../data.pkl' }, /lacks the values of tensor w/],
      [{ storage: 'ComplexFloatStorage' }, /asks for torch\.ComplexFloatStorage/],
    ];
    for (const [parts, message] of refused) assertRefused(withTensor(parts), message);
    assertRefused(withTensor(refused[0]?.[0] ?? {}), /tensor w/, 'w');
    const file = open(withTensor({ storage: 'LongStorage', numel: 2, shape: [2] }));
    assert.throws(() => file.stream('w'), /x\.bin holds tensor w as I64; F32, F16, BF16 and F64 can be read/);
    assert.throws(() => file.stream('v'), /has no tensor v/);
    file.close();
  });

  it('refuses archives that are compressed, that overlap, repeat or leave the file', () => {
    const data = dictPickle([['w', tensorPickle()]]);
    const values = { name: 'archive/data/0', data: Buffer.alloc(16) };
    const archive = { name: 'archive/data.pkl', data };
    const bomb = { name: 'archive/data/0', data: Buffer.alloc(1 << 20), deflate: true };
    assertRefused(zipOf([archive, bomb]), /holds archive\/data\/0 compressed \(zip method 8\).*zip -0/);
    assertRefused(zipOf([{ ...archive, flags: 1 }, values]), /encrypted/);
    assertRefused(zipOf([archive, values, values]), /holds two entries archive\/data\/0/);
    assertRefused(zipOf([archive, { ...values, localOffset: 0 }]), /entries that overlap/);
    assertRefused(zipOf([archive, { ...values, localOffset: 10 }]), /has no entry archive\/data\/0 where it should/);
    assertRefused(zipOf([archive, { ...values, localOffset: 0xfffffffe }]), /begins at byte 4294967294/);
    assertRefused(zipOf([archive, { ...values, size: 0x7fffffff }]), /is truncated: archive\/data\/0 ends at byte/);
    assertRefused(zipOf([archive, { ...archive, name: 'other/data.pkl' }]), /it has 2 data\.pkl/);
    assertRefused(zipOf([values]), /it has 0 data\.pkl/);
    const big = { name: 'archive/byteorder', data: Buffer.from('big') };
    assertRefused(torchArchive(data, [big]), /big-endian/);
    const whole = torchArchive(data);
    for (const length of [4, 40, 200, whole.length - 23, whole.length - 1])
      assertRefused(whole.subarray(0, length), /is truncated/);
  });

  it('refuses other files in words', () => {
    assertRefused(Buffer.alloc(0), /is no file of torch\.save/);
    assertRefused(Buffer.from('#!/bin/sh'), /is no file of torch\.save/);
    assertRefused(Buffer.concat([pickle.proto, int(5), stop]), /is a pickle, but not one of torch\.save/);
    assertRefused(Buffer.concat([pickle.proto, global('os', 'system'), stop]), /asks for os\.system/);
    assertRefused(Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:0\n`), /git lfs pull/);
  });
});

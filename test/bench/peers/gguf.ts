/**
 * Writes a GPT-2 checkpoint as llama.cpp reads it: GGUF 3, F32, Q8_0 or Q4_0, matrices all of one kind (the head too,
 * which llama.cpp's own tool keeps at 6 bits in a Q4_0 file: so the file is the smallest and fastest that it has).
 *
 *     "GGUF" 3, counts ─ facts: key, type, value ─ tensors: name, sizes, type, offset ─ values at multiples of 32
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Linear, Norm } from '../../../src/builder/checkpoint';
import { recogniseOpen, type Recognition } from '../../../src/builder/recognise';
import { bytesOf, numValues, transposed, type TensorStream } from '../../../src/builder/tensorStream';
import { blockValues, encodeQ4, encodeQ8 } from './ggufBlocks';

interface Encoding {
  ggmlType: number;
  /** llama.cpp's `general.file_type` */
  fileType: number;
  bytesPerBlock: number;
  encode(values: Float32Array): Uint8Array;
}

const encodings = {
  f32: { ggmlType: 0, fileType: 0, bytesPerBlock: 4 * blockValues, encode: bytesOf },
  q8_0: { ggmlType: 8, fileType: 7, bytesPerBlock: 2 + blockValues, encode: encodeQ8 },
  q4_0: { ggmlType: 2, fileType: 2, bytesPerBlock: 2 + blockValues / 2, encode: encodeQ4 },
} satisfies Record<string, Encoding>;

export type GgufType = keyof typeof encodings;

/** @param from folder of a checkpoint; its pieces are not written: llama.cpp is given numbers */
export function writeGguf(from: string, to: string, type: GgufType): void {
  const recognition = recogniseOpen({ from });
  const fd = openSync(`${to}.part`, 'w');
  try {
    const tensors = tensorsOf(recognition, encodings[type]);
    write(fd, headerOf(factsOf(recognition, encodings[type].fileType), tensors));
    for (const { stream, encoding } of tensors) {
      for (const block of stream.blocks()) write(fd, encoding.encode(block));
      write(fd, Buffer.alloc(padding(bytesIn(stream, encoding))));
    }
  } finally {
    closeSync(fd);
    recognition.checkpoint.close();
  }
  renameSync(`${to}.part`, to);
}

interface StoredTensor {
  name: string;
  stream: TensorStream;
  encoding: Encoding;
}

function tensorsOf({ tensors }: Recognition, matrices: Encoding): StoredTensor[] {
  const one = (name: string, stream: TensorStream, encoding: Encoding = encodings.f32) => ({ name, stream, encoding });
  const norm = (name: string, { weight, bias }: Norm) => [one(`${name}.weight`, weight), one(`${name}.bias`, bias)];
  const linear = (name: string, { weight, bias }: Linear) => [
    one(`${name}.weight`, transposed(weight), matrices),
    one(`${name}.bias`, bias),
  ];
  return [
    one('token_embd.weight', tensors.tokens, matrices),
    one('position_embd.weight', tensors.positions),
    ...tensors.layers.flatMap((layer, l) => [
      ...norm(`blk.${l}.attn_norm`, layer.inputNorm),
      ...linear(`blk.${l}.attn_qkv`, layer.qkv),
      ...linear(`blk.${l}.attn_output`, layer.attentionOut),
      ...norm(`blk.${l}.ffn_norm`, layer.mlpNorm),
      ...linear(`blk.${l}.ffn_up`, layer.mlpIn),
      ...linear(`blk.${l}.ffn_down`, layer.mlpOut),
    ]),
    ...norm('output_norm', tensors.finalNorm),
  ];
}

/** Key → type and value. */
function factsOf({ checkpoint: { config } }: Recognition, fileType: number): Record<string, Buffer> {
  const { numLayers, numHeads, hiddenSize, innerSize, vocabSize, numPositions, layerNormEpsilon } = config;
  // A SentencePiece vocabulary must hold all bytes; which ids they have is all the same here.
  const byteOf = (id: number): number | null => (id >= 3 && id < 259 ? id - 3 : null);
  const ids = Array.from({ length: vocabSize }, (_, id) => id);
  const pieces = ids.map((id) => {
    const byte = byteOf(id);
    return text(byte === null ? `t${id}` : `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  });
  const [normal, bytePiece] = [1, 6];
  const types = ids.map((id) => (byteOf(id) === null ? normal : bytePiece));
  return {
    'general.architecture': string('gpt2'),
    'general.file_type': number(fileType),
    'gpt2.context_length': number(numPositions),
    'gpt2.embedding_length': number(hiddenSize),
    'gpt2.feed_forward_length': number(innerSize),
    'gpt2.block_count': number(numLayers),
    'gpt2.attention.head_count': number(numHeads),
    'gpt2.attention.layer_norm_epsilon': Buffer.concat([u32(6), bytesOf(new Float32Array([layerNormEpsilon]))]),
    'tokenizer.ggml.model': string('llama'),
    'tokenizer.ggml.tokens': array(8, vocabSize, Buffer.concat(pieces)),
    'tokenizer.ggml.scores': array(6, vocabSize, bytesOf(new Float32Array(vocabSize))),
    'tokenizer.ggml.token_type': array(5, vocabSize, bytesOf(Int32Array.from(types))),
    'tokenizer.ggml.bos_token_id': number(1),
    'tokenizer.ggml.eos_token_id': number(2),
    'tokenizer.ggml.unknown_token_id': number(0),
  };
}

function headerOf(facts: Record<string, Buffer>, tensors: readonly StoredTensor[]): Buffer {
  let offset = 0;
  const infos = tensors.map(({ name, stream, encoding }) => {
    const sizes = [...stream.shape].reverse().map(u64); // the fastest first
    const info = [text(name), u32(sizes.length), ...sizes, u32(encoding.ggmlType), u64(offset)];
    offset += bytesIn(stream, encoding);
    offset += padding(offset);
    return Buffer.concat(info);
  });
  const pairs = Object.entries(facts).flatMap(([key, value]) => [text(key), value]);
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(pairs.length / 2),
    ...pairs,
    ...infos,
  ]);
  return Buffer.concat([header, Buffer.alloc(padding(header.length))]);
}

function bytesIn({ shape }: TensorStream, { bytesPerBlock }: Encoding): number {
  return (numValues(shape) / blockValues) * bytesPerBlock;
}

function padding(length: number): number {
  return (32 - (length % 32)) % 32;
}

function write(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function u32(value: number): Buffer {
  return Buffer.from(bytesOf(new Uint32Array([value])));
}

function u64(value: number): Buffer {
  return Buffer.from(bytesOf(new BigUint64Array([BigInt(value)])));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

const string = (value: string) => Buffer.concat([u32(8), text(value)]);
const number = (value: number) => Buffer.concat([u32(4), u32(value)]);
const array = (type: number, length: number, bytes: Uint8Array) =>
  Buffer.concat([u32(9), u32(type), u64(length), bytes]);

/** The tokenizer's file of a checkpoint: in its folder, near it, or named by somebody. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EngineError } from '../errors';
import type { TokenizerKind } from '../manifest';
import { fileIn } from './checkpointFolder';

export interface TokenizerSource {
  /** Where it was found. */
  path: string;
  /** Its name in a model folder. */
  file: string;
  /** `sentencepiece-unigram` for CPM's too: its pieces tell. */
  kind: TokenizerKind;
  /** Whether it came with the checkpoint. */
  isOwn: boolean;
  read(): Uint8Array;
}

const sentencePieceFiles = ['tokenizer.model', 'spiece.model', 'chinese_vocab.model'];

/** Where the public code of CPM keeps its vocabulary, seen from a checkpoint's folder or the two above it. */
const vocabularyFolders = ['.', 'vocab', 'bpe_3w_new'];

/** @throws EngineError 'tokenizer-missing' when there is none, 'checkpoint-invalid' when `given` is none. */
export function findTokenizer(folder: string, given: string | undefined): TokenizerSource {
  if (given !== undefined) return source(resolve(given), existsSync(join(folder, basename(given))));
  for (const name of [...sentencePieceFiles, 'vocab.txt', 'tokenizer.json', 'vocab.json'])
    if (fileIn(folder, name) !== undefined) return source(join(folder, name), true);
  for (const above of [folder, join(folder, '..'), join(folder, '..', '..')])
    for (const place of vocabularyFolders) {
      const path = join(above, place, 'chinese_vocab.model');
      if (existsSync(path)) return source(path, false);
    }
  throw new EngineError(
    'tokenizer-missing',
    `${folder} has no tokenizer; name its file, chinese_vocab.model or spiece.model: --tokenizer FILE`,
  );
}

function source(path: string, isOwn: boolean): TokenizerSource {
  if (!existsSync(path)) throw new EngineError('checkpoint-invalid', `${path} does not exist`);
  const read = () => readFileSync(path);
  switch (basename(path)) {
    case 'vocab.txt':
      return { path, file: 'vocab.txt', kind: isCased(path) ? 'bert' : 'bert-uncased', isOwn, read };
    case 'tokenizer.json':
      return { path, file: 'tokenizer.json', kind: 'byte-bpe', isOwn, read };
    case 'vocab.json':
      return { path, file: 'tokenizer.json', kind: 'byte-bpe', isOwn, read: () => joinedByteBpe(path) };
    default:
      return { path, file: 'tokenizer.model', kind: 'sentencepiece-unigram', isOwn, read };
  }
}

/** What transformers takes from the file beside `vocab.txt`; without it, it lower-cases. */
function isCased(vocabulary: string): boolean {
  const path = join(vocabulary, '..', 'tokenizer_config.json');
  if (!existsSync(path)) return false;
  return (parsed(path) as { do_lower_case?: unknown } | null)?.do_lower_case === false;
}

/** GPT-2's older pair of files as the one that replaced them. */
function joinedByteBpe(vocabulary: string): Uint8Array {
  const merges = join(vocabulary, '..', 'merges.txt');
  if (!existsSync(merges)) throw new EngineError('checkpoint-invalid', `${merges} does not exist`);
  const vocab = parsed(vocabulary);
  if (typeof vocab !== 'object' || vocab === null)
    throw new EngineError('checkpoint-invalid', `${vocabulary}: not a vocabulary of tokens and ids`);
  const lines = readFileSync(merges, 'utf8').split(/\r?\n/);
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const special = Object.entries(vocab as Record<string, unknown>).filter(([token]) => /^<.+>$/.test(token));
  const file = {
    version: '1.0',
    added_tokens: special.map(([content, id]) => ({ id, content, special: true, normalized: false })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab, merges: lines.filter((line) => line !== '' && !line.startsWith('#version')) },
  };
  return Buffer.from(JSON.stringify(file));
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new EngineError('checkpoint-invalid', `${path}: not valid JSON`, { cause });
  }
}

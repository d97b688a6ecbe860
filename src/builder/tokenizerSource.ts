/** The tokenizer's file of a checkpoint: in its folder, near it, or named by somebody. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EngineError, type CheckpointFault } from '../errors';
import type { TokenizerKind } from '../manifest';
import { readWhole } from './checkpointFile';
import { fileIn } from './checkpointFolder';
import { isUnigram, isWordPiece, lowerCases, wordPieceLines } from './tokenizerJson';

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

/** The largest of today's, of a quarter of a million tokens, have some thirty million. */
const maxBytes = 64 << 20;

const sentencePieceFiles = ['tokenizer.model', 'spiece.model', 'chinese_vocab.model'];

/** Where the public code of CPM keeps its vocabulary, seen from a checkpoint's folder or the two above it. */
const vocabularyFolders = ['.', 'vocab', 'bpe_3w_new'];

/**
 * @param folders of the checkpoint, the innermost first
 * @throws EngineError 'tokenizer-missing' when there is none, 'checkpoint-invalid' when `given` is none.
 */
export function findTokenizer(folders: readonly string[], given: string | undefined): TokenizerSource {
  const isIn = (name: string) => folders.some((folder) => existsSync(join(folder, name)));
  if (given !== undefined) return source(resolve(given), isIn(basename(given)));
  for (const folder of folders)
    for (const name of [...sentencePieceFiles, 'vocab.txt', 'tokenizer.json', 'vocab.json'])
      if (fileIn(folder, name) !== undefined && isTokenizer(folder, name)) return source(join(folder, name), true);
  const half = folders.find((folder) => fileIn(folder, 'vocab.json') !== undefined);
  if (half !== undefined && !isCpmList(join(half, 'vocab.json')))
    fail(join(half, 'merges.txt'), 'does not exist', 'missing-part');
  for (const above of folders.flatMap((folder) => [folder, join(folder, '..'), join(folder, '..', '..')]))
    for (const place of vocabularyFolders) {
      const path = join(above, place, 'chinese_vocab.model');
      if (existsSync(path)) return source(path, false);
    }
  throw noTokenizer(folders.at(-1) ?? '');
}

/** Two names tell of themselves too little. */
function isTokenizer(folder: string, name: string): boolean {
  if (name === 'vocab.json') return fileIn(folder, 'merges.txt') !== undefined;
  return name !== 'tokenizer.json' || !isUnigram(parsed(join(folder, name)));
}

/** Tsinghua's code keeps a list of CPM's tokens as vocab.json beside chinese_vocab.model: one alone is no tokenizer. */
function isCpmList(path: string): boolean {
  const tokens = parsed(path);
  return typeof tokens === 'object' && tokens !== null && '▂' in tokens;
}

export function noTokenizer(folder: string): EngineError {
  return new EngineError(
    'tokenizer-missing',
    `${folder} has no tokenizer; name its file, for CPM chinese_vocab.model or spiece.model, for others vocab.txt or ` +
      'tokenizer.json: --tokenizer FILE',
  );
}

function source(path: string, isOwn: boolean): TokenizerSource {
  if (!existsSync(path)) fail(path, 'does not exist', 'missing-part');
  const read = () => readWhole(path, maxBytes);
  switch (basename(path)) {
    case 'vocab.txt':
      return { path, file: 'vocab.txt', kind: saysLowerCase(path) === false ? 'bert' : 'bert-uncased', isOwn, read };
    case 'tokenizer.json': {
      const json = parsed(path);
      if (isWordPiece(json)) return wordPieceSource(path, json, isOwn);
      return { path, file: 'tokenizer.json', kind: 'byte-bpe', isOwn, read };
    }
    case 'vocab.json':
      return { path, file: 'tokenizer.json', kind: 'byte-bpe', isOwn, read: () => joinedByteBpe(path) };
    default:
      return { path, file: 'tokenizer.model', kind: 'sentencepiece-unigram', isOwn, read };
  }
}

function wordPieceSource(path: string, json: unknown, isOwn: boolean): TokenizerSource {
  const lowerCase = saysLowerCase(path) ?? lowerCases(json);
  const read = () => Buffer.from(wordPieceLines(json) ?? fail(path, 'not a vocabulary of tokens and ids'));
  return { path, file: 'vocab.txt', kind: lowerCase ? 'bert-uncased' : 'bert', isOwn, read };
}

/** What transformers takes from the file beside a BERT vocabulary; where it says nothing, `vocab.txt` is lower-cased. */
function saysLowerCase(vocabulary: string): boolean | undefined {
  const path = join(vocabulary, '..', 'tokenizer_config.json');
  const said = existsSync(path) ? (parsed(path) as { do_lower_case?: unknown } | null)?.do_lower_case : undefined;
  return typeof said === 'boolean' ? said : undefined;
}

/** GPT-2's older pair of files as the one that replaced them. */
function joinedByteBpe(vocabulary: string): Uint8Array {
  const merges = join(vocabulary, '..', 'merges.txt');
  if (!existsSync(merges)) fail(merges, 'does not exist', 'missing-part');
  const vocab = parsed(vocabulary);
  if (typeof vocab !== 'object' || vocab === null) return fail(vocabulary, 'not a vocabulary of tokens and ids');
  const lines = readWhole(merges, maxBytes).toString('utf8').split(/\r?\n/);
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
  const json = readWhole(path, maxBytes).toString('utf8');
  try {
    return JSON.parse(json);
  } catch {
    return fail(path, 'not valid JSON');
  }
}

function fail(path: string, what: string, fault: CheckpointFault = 'tokenizer'): never {
  throw new EngineError('checkpoint-invalid', `${path}: ${what}`, { fault, subject: basename(path) });
}

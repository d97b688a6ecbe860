/** Where the weights are in what somebody has chosen: in the folder, or in one that an archive or a download has made in it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { otherProgramsFile, packedFile } from '../conversion';
import { EngineError, type CheckpointFault } from '../errors';
import { visibleFolders } from '../visibleFolders';
import { fileIn, fileNames } from './checkpointFolder';
import { rankFile } from './megatron';

/** Of a checkpoint in one file; with `.index.json` behind it, of one in several. The first is read rather than the next. */
export const weightFiles = ['model.safetensors', 'pytorch_model.bin'] as const;

const shardFile = /^(model|pytorch_model)-\d+-of-\d+\.(safetensors|bin)$/;

/** Folders in folders, and how many of them are looked into at all: somebody may have chosen a whole disk. */
const maxDepth = 2;
const maxFolders = 300;

/**
 * @returns `folder` where it holds weights, or where no folder below does
 * @throws EngineError 'checkpoint-invalid' when several do
 */
export function placeOfWeights(folder: string): string {
  if (holdsWeights(folder, fileNames(folder))) return folder;
  const found = placesBelow(folder);
  if (found.length > 1)
    fail(`${folder} holds several models: ${found.join(', ')}; choose the folder of one`, 'several', basename(folder));
  return found[0] ?? folder;
}

/** From where the weights are up to what was chosen, for what belongs to them: the innermost first. */
export function placesAround(folder: string, chosen: string): string[] {
  const places = [folder];
  for (let place = folder; place !== chosen && place !== dirname(place);) places.push((place = dirname(place)));
  return places;
}

/**
 * What the folder above and the folder itself are called; the author and the model where it lies in the cache of Hugging
 * Face, whose folders are `models--<author>--<model>/snapshots/<revision>`.
 */
export function namesOf(folder: string): [above: string, own: string] {
  const [third = '', above = '', own = ''] = ['', '', ...folder.split(/[\\/]/)].slice(-3);
  const cached = /^models--(.+?)--(.+)$/.exec(above === 'snapshots' ? third : own);
  return cached ? [cached[1] ?? '', cached[2] ?? ''] : [above, own];
}

/** Links are not followed. */
function placesBelow(folder: string): string[] {
  const found: string[] = [];
  let left = maxFolders;
  let level = [folder];
  for (let depth = 0; depth < maxDepth && found.length === 0; depth++) {
    const below = level.flatMap(visibleFolders).slice(0, left);
    left -= below.length;
    found.push(...below.filter((place) => holdsWeights(place, namesIn(place))));
    level = below;
  }
  return found;
}

function holdsWeights(folder: string, names: readonly string[]): boolean {
  return names.some((name) => rankFile.test(name) || isWeights(name)) || ranksIn(folder) !== undefined;
}

function isWeights(name: string): boolean {
  return weightFiles.some((file) => name === file || name === `${file}.index.json`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Megatron's files lie in a folder named by the training step, which a file beside that folder names. */
export function ranksIn(folder: string): { folder: string; files: string[] } | undefined {
  const names = namesIn(folder);
  const files = names.filter((name) => rankFile.test(name));
  if (files.length > 0) return { folder, files };
  for (const name of ['latest_checkpointed_iteration.txt', 'latest']) {
    if (!names.includes(name)) continue;
    const path = fileIn(folder, name);
    if (path === undefined || statSync(path).size > 100) continue;
    const step = readFileSync(path, 'utf8').trim();
    if (!/^\w+$/.test(step) || !names.includes(step)) continue;
    const below = join(folder, step);
    const found = namesIn(below).filter((file) => rankFile.test(file));
    if (found.length > 0) return { folder: below, files: found };
  }
  return undefined;
}

/** Why a folder has no weights that can be read, as well as its names tell. */
export function noWeights(folder: string, names: readonly string[]): EngineError {
  const refused = (what: string, fault: CheckpointFault, subject: string): EngineError =>
    new EngineError('checkpoint-invalid', what, { fault, subject });
  const unfinished = names.find((name) =>
    /\.(?:crdownload|part|partial|download|downloading|incomplete|aria2|tmp|xltd|td)$/i.test(name),
  );
  if (unfinished !== undefined)
    return refused(`${folder}: ${unfinished} has not been downloaded to its end`, 'downloading', unfinished);
  if (isBeingDownloaded(folder))
    return refused(`${folder} has not been downloaded to its end`, 'downloading', namesOf(folder)[1]);
  // Named and not to be had: what is left of a link whose file was not copied with it.
  const link = names.find(isWeights);
  if (link !== undefined)
    return refused(`${folder}: ${link} is a link to a file that is not there; copy the file itself`, 'link', link);
  const shard = names.find((name) => shardFile.test(name));
  const [, stem, ending] = shardFile.exec(shard ?? '') ?? [];
  const index = `${stem ?? ''}.${ending ?? ''}.index.json`;
  if (shard !== undefined)
    return refused(
      `${folder} holds ${shard}, but not the index that belongs to it (${index}); copy it too`,
      'missing-part',
      index,
    );
  const archive = names.find((name) => packedFile.test(name));
  if (archive !== undefined)
    return refused(
      `${folder}: ${archive} is packed; unpack it, and choose the folder that comes out`,
      'packed',
      archive,
    );
  const adapter = names.find((name) => /^adapter_(?:config\.json|model\.(?:safetensors|bin))$/.test(name));
  if (adapter !== undefined)
    return refused(
      `${folder}: ${adapter} belongs to an adapter (LoRA), which changes another model; merge the two, or choose that model`,
      'adapter',
      adapter,
    );
  const foreign = names.find((name) => otherProgramsFile.test(name));
  const isOllamas = names.includes('blobs') && names.includes('manifests');
  if (foreign !== undefined || isOllamas)
    return refused(
      `${folder}: ${foreign ?? 'what Ollama keeps'} is in a format of another program, which cannot be read; ` +
        `download the original model, with ${weightFiles.join(' or ')}`,
      'other-format',
      foreign ?? basename(folder),
    );
  const known = [...weightFiles, 'mp_rank_00_model_states.pt'].join(', ');
  return refused(
    `${folder} holds no checkpoint that can be read: none of ${known}; choose the folder that holds one`,
    'no-weights',
    basename(folder),
  );
}

/**
 * Where Hugging Face's and ModelScope's programs keep what they have not finished: beside the files, or with the blobs that
 * the files of the cache are links to.
 */
function isBeingDownloaded(folder: string): boolean {
  const beside = namesIn(join(folder, '.cache', 'huggingface', 'download'));
  const above = dirname(folder);
  const cache = basename(above) === 'snapshots' ? dirname(above) : folder;
  return (
    [...beside, ...namesIn(join(cache, 'blobs'))].some((name) => name.endsWith('.incomplete')) ||
    namesIn(join(folder, '._____temp')).length > 0
  );
}

function fail(what: string, fault: CheckpointFault, subject: string): never {
  throw new EngineError('checkpoint-invalid', what, { fault, subject });
}

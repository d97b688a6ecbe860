/** Models in the writer's words. */
import * as vscode from 'vscode';
import type { ConversionProgress, Recognised } from '../../conversion';
import { EngineError } from '../../errors';
import type { Family, Manifest, PromptLayout, Quantization, TokenizerKind } from '../../manifest';
import { deviceName } from '../deviceWords';
import type { ListedModel } from './modelLibrary';
import type { SavedSpeed } from './savedSpeeds';

export function familyInWords(family: Family): string {
  const { l10n } = vscode;
  switch (family) {
    case 'cpm':
      return l10n.t('CPM (Tsinghua)');
    case 'cpm-essay':
      return l10n.t('CPM, from a title to an essay');
    case 'cpm-shopping':
      return l10n.t('CPM, from a title to a shopping article');
    case 'gpt2-bert':
      return l10n.t('GPT-2 with a BERT vocabulary');
    case 'gpt2-byte-bpe':
      return l10n.t('GPT-2 with byte-level BPE');
    case 'gpt2-sentencepiece':
      return l10n.t('GPT-2 with SentencePiece');
  }
}

export function layoutInWords(layout: PromptLayout): string {
  switch (layout) {
    case 'title-separator-text':
      return vscode.l10n.t('Title, separator, text');
    case 'title-text':
      return vscode.l10n.t('Title as the first line');
    case 'text':
      return vscode.l10n.t('Text alone, without the title');
  }
}

export function tokenizerInWords(kind: TokenizerKind): string {
  switch (kind) {
    case 'cpm-thu':
      return vscode.l10n.t('CPM as Tsinghua cuts it (thu)');
    case 'cpm-hf46':
      return vscode.l10n.t('CPM as transformers 4.6 cuts it (hf46)');
    case 'sentencepiece-unigram':
      return 'SentencePiece';
    case 'bert':
      return vscode.l10n.t('BERT, upper case kept');
    case 'bert-uncased':
      return vscode.l10n.t('BERT, all in lower case');
    case 'byte-bpe':
      return vscode.l10n.t('Byte-level BPE');
  }
}

export function quantizationInWords(quantization: Quantization): string {
  switch (quantization) {
    case 'none':
      return vscode.l10n.t('32 bits: exact, large and slow');
    case 'int8':
      return vscode.l10n.t('8 bits: recommended');
    case 'int4':
      return vscode.l10n.t('4 bits: smallest, a little less precise');
  }
}

export function weightsInWords(quantization: Quantization): string {
  switch (quantization) {
    case 'none':
      return vscode.l10n.t('32-bit');
    case 'int8':
      return vscode.l10n.t('8-bit');
    case 'int4':
      return vscode.l10n.t('4-bit');
  }
}

export function sizeInWords(bytes: number, round: (value: number) => number = Math.round): string {
  if (bytes >= 1e9) return `${(round(bytes / 1e8) / 10).toFixed(1)} GB`;
  return bytes >= 1e7 ? `${round(bytes / 1e6)} MB` : `${(round(bytes / 1e5) / 10).toFixed(1)} MB`;
}

/** Chinese counts in 万 and 亿. */
export function parametersInWords(count: number): string {
  const about = (value: number, digits: number): number => Number(value.toPrecision(digits));
  if (vscode.env.language.startsWith('zh'))
    return count >= 1e8
      ? vscode.l10n.t('{0} × 100,000,000', about(count / 1e8, 3))
      : vscode.l10n.t('{0} × 10,000', about(count / 1e4, 4));
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)}B` : `${(count / 1e6).toFixed(count >= 1e7 ? 0 : 1)}M`;
}

export function recognisedInWords({ numLayers, hiddenSize, numParameters }: Recognised): string {
  return vscode.l10n.t('{0} parameters, {1} layers of {2}', parametersInWords(numParameters), numLayers, hiddenSize);
}

export function bytesOf({ files }: Manifest): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

export function nameOf({ manifest, origin, dir }: ListedModel): string {
  if (manifest instanceof EngineError) return nameInWords(dir.split(/[\\/]/).at(-1) ?? dir);
  return origin === 'builtin' ? vscode.l10n.t('Built-in trial model') : nameInWords(manifest.name);
}

const longestName = 60;

/**
 * A model's name can be anyone's: VS Code would make a link of `[…](…)`, which may run a command, and an icon of `$(…)`;
 * and one of a thousand characters would hide everything beside it.
 */
export function nameInWords(name: string): string {
  const characters = Array.from(plain(name));
  return characters.length > longestName ? `${characters.slice(0, longestName - 1).join('')}…` : characters.join('');
}

/** So is a folder's; of a long path its end tells more. */
export function folderInWords(path: string): string {
  const characters = Array.from(plain(path));
  return characters.length > longestName ? `…${characters.slice(1 - longestName).join('')}` : characters.join('');
}

const plain = (name: string): string =>
  name.replaceAll('[', '［').replaceAll(']', '］').replaceAll('$(', '＄(').replace(/\s+/g, ' ').trim();

/** Who writes with another model must not take it for the built-in one. @returns null when nothing is wrong */
export function nameFault(name: string): string | null {
  return name.trim() === vscode.l10n.t('Built-in trial model')
    ? vscode.l10n.t('That is what the built-in model is called; choose another name.')
    : null;
}

/** As short as the other facts are. */
function unusableInWords({ code }: EngineError): string {
  return code === 'model-invalid'
    ? vscode.l10n.t('Cannot be used: made by another version, or not a Moxu model')
    : vscode.l10n.t('Cannot be used: files are missing or damaged');
}

/** What fits beside a model's name. */
export function sizeOf({ manifest }: ListedModel): string[] {
  return manifest instanceof EngineError
    ? []
    : [sizeInWords(bytesOf(manifest)), weightsInWords(manifest.quantization)];
}

/** What fits below it: a list cuts off what is too long for it, and two lines show all. */
export function factsOf({ manifest }: ListedModel, speed: SavedSpeed | null): string[] {
  if (manifest instanceof EngineError) return [unusableInWords(manifest)];
  const { numParameters, contextLength, licence } = manifest;
  const { l10n } = vscode;
  return [
    l10n.t('{0} parameters', parametersInWords(numParameters)),
    speed === null
      ? l10n.t('not measured here yet')
      : l10n.t('tokens/s here: {0} ({1})', Math.round(speed.tokensPerSecond), deviceName(speed.device)),
    l10n.t('window of {0} tokens', contextLength),
    licence === 'unknown' ? l10n.t('licence unknown') : l10n.t('licence {0}', licence),
  ];
}

export function progressInWords({ writtenBytes, totalBytes, msLeft }: ConversionProgress): string {
  const done = vscode.l10n.t('{0} of {1}', sizeInWords(writtenBytes), sizeInWords(totalBytes));
  if (msLeft === null) return done;
  const seconds = Math.ceil(msLeft / 1000);
  const left =
    seconds < 90 ? vscode.l10n.t('{0} s left', seconds) : vscode.l10n.t('{0} min left', Math.ceil(seconds / 60));
  return `${done} · ${left}`;
}

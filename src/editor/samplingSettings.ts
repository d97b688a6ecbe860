/** What a writer has a say in beyond the preset: words that are not to be written, and how the next word is drawn. */
import * as vscode from 'vscode';
import { EngineError } from '../errors';
import { resolveOptions } from '../options';
import type { GenerateOptions } from '../options';
import { bannedWords, settingKeys } from './settings';

/** Of the options those that are about drawing words. The others say where a text ends, and belong to who asks for it. */
const names = [
  ...['temperature', 'topK', 'topP', 'newlineTopP', 'minP', 'typicalP', 'samplerOrder', 'logitBias'],
  ...['repetitionPenalty', 'presencePenalty', 'frequencyPenalty', 'repetitionWindow', 'noRepeatNgram'],
  ...['dryMultiplier', 'dryBase', 'dryAllowedLength', 'titleGuidance'],
];

/**
 * For 续写 and articles: to be laid over what the preset says.
 * @throws EngineError 'setting-invalid' with what is wrong as the subject: the setting, or the option in it
 */
export function samplingSettings(scope?: vscode.TextDocument): Partial<GenerateOptions> {
  const given = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(settingKeys.sampling) ?? {};
  return { ...checked(given), bannedWords: bannedWords(scope) };
}

function checked(given: unknown): Partial<GenerateOptions> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw invalid('no object');
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalid(`${unknown}: no such option`, unknown);
  try {
    resolveOptions(given);
  } catch (error) {
    // It begins with the option's name; the rest is in English, and for the log.
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(why, /^\w+/.exec(why)?.[0]);
  }
  return given;
}

function invalid(why: string, option?: string): EngineError {
  const subject = [settingKeys.sampling, option].filter(Boolean).join('.');
  return new EngineError('setting-invalid', `${settingKeys.sampling}: ${why}`, { subject });
}

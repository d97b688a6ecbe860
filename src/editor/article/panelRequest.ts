/** What the page says, looked at value by value: whatever it became, nothing unbounded or of another type gets through. */
import { toModelText } from '../../context/modelText';
import { presetNames } from '../../presets';
import type { PresetName } from '../../presets';
import type { ArticleDraft, PanelRequest } from '../../pages';
import { articleLimits } from './articleLimits';

const maxIdLength = 64;
/** Of a field for a number or a choice. */
const maxFieldLength = 32;

/** @returns null for anything that the page of this version does not send. */
export function parsePanelRequest(message: unknown): PanelRequest | null {
  if (!isRecord(message)) return null;
  const { type } = message;
  switch (type) {
    case 'ready':
    case 'stop':
    case 'eraseAll':
    case 'dismiss':
    case 'openLog':
    case 'openSettings':
    case 'openSampling':
    case 'chooseModel':
    case 'openDownload':
    case 'importModel':
    case 'showFamilies':
      return { type };
    case 'retry':
    case 'show':
    case 'insert':
    case 'openAsDocument':
    case 'copy':
    case 'erase':
      return isText(message['id'], maxIdLength) ? { type, id: message['id'] } : null;
    case 'draft':
      return isDraft(message['draft']) ? { type, draft: message['draft'] } : null;
    case 'generate':
      return parseGenerate(message['request']);
    default:
      return null;
  }
}

function parseGenerate(request: unknown): PanelRequest | null {
  if (!isRecord(request)) return null;
  const { title, opening, length, preset, seed } = request;
  const { titleLength, openingLength, minLength, maxLength, maxSeed } = articleLimits;
  if (!isText(title, titleLength) || !isText(opening, openingLength) || !isPreset(preset)) return null;
  if (!isIntegerIn(length, minLength, maxLength) || !(seed === null || isIntegerIn(seed, 0, maxSeed))) return null;
  const oneLine = title.replace(/\s+/g, ' ').trim();
  if (oneLine === '') return null;
  return { type: 'generate', request: { title: oneLine, opening: tidyOpening(opening), length, preset, seed } };
}

/** A last line break stays, since it says that a new paragraph is to follow; spaces at the end would only mislead. */
function tidyOpening(opening: string): string {
  return opening.trim() === '' ? '' : toModelText(opening).replace(/[ \t\u3000]+$/, '');
}

export function isDraft(value: unknown): value is ArticleDraft {
  return (
    isRecord(value) &&
    isText(value['title'], articleLimits.titleLength) &&
    isText(value['opening'], articleLimits.openingLength) &&
    ['length', 'preset', 'seed'].every((name) => isText(value[name], maxFieldLength)) &&
    typeof value['isMoreOpen'] === 'boolean' &&
    Number.isFinite(value['editedAt'])
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength;
}

export function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

export function isPreset(value: unknown): value is PresetName {
  return presetNames.some((name) => name === value);
}

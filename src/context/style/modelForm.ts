/** A document's text → the form in which the models were trained: 简体, “”, full-width marks, nothing between 中文 and Latin. */
import { toModelText } from '../modelText';
import type { DocumentStyle } from './documentStyle';
import { withoutMarkup } from './markdown';
import { fullMarks, halfMarks, wideOffset } from './styleCounts';

/** @param simplified from the document's script; not asked where the document is simplified */
export function toModelForm(
  text: string,
  style: DocumentStyle,
  isMarkdown: boolean,
  simplified: (text: string) => string,
): string {
  let form = withNarrowLetters(toModelText(isMarkdown ? withoutMarkup(text) : text));
  if (style.script === 'traditional') form = simplified(form);
  form = withModelQuotes(form, style.quotes);
  if (style.halfWidth !== '') form = fullWidth(form, style);
  if (style.spaced) form = form.replace(spaceAtWord(), '');
  return withoutLooseBlanks(style.digitsSpaced ? form.replace(spaceAtNumber(), '') : form);
}

const wideMark = /[—…、-〟！-～]/;

/**
 * A Tab that came when no ghost was there leaves blanks at the end. Behind a blank the models expect a Latin word or a number,
 * and would write one. A single one may be where the writer begins such a word, but not behind a mark that is wide itself.
 */
function withoutLooseBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\u3000'.includes(text.charAt(end - 1))) end--;
  if (end === text.length) return text;
  const last = text.charAt(end - 1);
  const isLoose = wideMark.test(last) || (last > '~' && text.slice(end) !== ' ');
  return isLoose ? text.slice(0, end) : text;
}

/** No vocabulary has ＡＢＣ and １２３: byte by byte they would be, and nothing sensible follows such bytes. */
function withNarrowLetters(text: string): string {
  return text.replace(/[０-９Ａ-Ｚａ-ｚ]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - wideOffset));
}

// In functions, as all patterns with Unicode's tables: whoever opens a window should not wait for them.
const spaceAtWord = (): RegExp =>
  /(?<=[\p{Script=Han}，。？！：；（）“”]) (?=[A-Za-z])|(?<=[A-Za-z]) (?=\p{Script=Han})|(?<=\p{Script=Han}) $/gu;
const spaceAtNumber = (): RegExp =>
  /(?<=[\p{Script=Han}，。？！：；（）“”]) (?=[0-9])|(?<=[0-9]) (?=\p{Script=Han})|(?<=\p{Script=Han}) $/gu;

/** @param quotes those of the text */
export function withModelQuotes(text: string, quotes: DocumentStyle['quotes']): string {
  const form = quotes === 'straight' ? curly(text) : text;
  return form.replace(/[「」『』]/g, (quote) => '“”‘’'.charAt('「」『』'.indexOf(quote)));
}

/** The first " of a paragraph opens, the second closes. */
function curly(text: string): string {
  let isOpen = false;
  return text.replace(/["\n]/g, (found) => {
    isOpen = found === '"' && !isOpen;
    return found === '\n' ? found : isOpen ? '“' : '”';
  });
}

function fullWidth(text: string, { halfWidth, halfGap }: DocumentStyle): string {
  const full = (mark: string) => fullMarks.charAt(halfMarks.indexOf(mark));
  return text
    .replace(/\((?=\p{Script=Han})/gu, (mark) => (halfWidth.includes(full(mark)) ? full(mark) : mark))
    .replace(chineseMark(), (found: string) => {
      const mark = full(found.charAt(0));
      if (!halfWidth.includes(mark)) return found;
      return mark + (halfGap === ' ' ? '' : found.slice(1));
    });
}

/** Marks that hang on Chinese, and the spaces that the document puts behind them. */
function chineseMark(): RegExp {
  return /(?<=[\p{Script=Han}”’])([,?!:;()]|\.(?![\w.]))( ?)|([,?!:;])( ?)(?=\p{Script=Han})/gu;
}

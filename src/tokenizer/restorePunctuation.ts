/**
 * Full-width punctuation back into Chinese text. CPM's normaliser (NFKC) made `，！？：；（）` half-width and `…` three
 * dots, so a CPM model writes those; a Chinese reader expects the full-width ones. English and numbers keep theirs.
 *
 * A mark is Chinese when what it hangs on is: the nearest letter or digit before it, else the one after it. Between a
 * Latin letter or digit and one of the same it is not (3,000, 10:30, Hello, world); after a Latin word at the end, the
 * line decides. A closing parenthesis follows its opening one.
 */

const fullWidth: Readonly<Record<string, string>> = {
  ',': '，',
  '!': '！',
  '?': '？',
  ':': '：',
  ';': '；',
  '(': '（',
  ')': '）',
};

/** Marks that may change. Runs of two hyphens or three dots and more are dash and ellipsis. */
const mark = /[,!?:;()]|\.{3,}|-{2,}/g;
/** Where such a mark may begin, also one of which only the first characters are there yet. */
const possibleMark = /[,!?:;().-]/;
const chinese =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}，。！？：；（）、《》〈〉「」『』【】]/u;
/** What settles the side of a mark that it stands on; a line's end does too. */
const decisive = /[\p{Letter}\p{Number}，。！？：；（）、《》〈〉「」『』【】]/u;
/** How far back the text before is looked at, in UTF-16 units: about a paragraph. */
const maxBefore = 400;

/**
 * @param text what was generated
 * @param before what stands before it; only read, never changed
 */
export function restorePunctuation(text: string, before = ''): string {
  const context = before.slice(-maxBefore);
  const whole = context + text;
  const openings: boolean[] = []; // whether each parenthesis still open is full-width
  let previous = ''; // the decisive character before the mark
  let lineIsChinese = false; // up to the mark
  let next = -1; // index of the decisive character after the mark, found once for a run of marks
  let output = '';
  let end = 0;
  for (const match of whole.matchAll(mark)) {
    const at = match.index;
    const found = match[0];
    const gap = whole.slice(end, at);
    for (const character of gap) {
      if (!isDecisive(character)) continue;
      previous = character;
      lineIsChinese = character !== '\n' && (lineIsChinese || chinese.test(character));
    }
    end = at + found.length;
    if (next < end) next = nextDecisive(whole, end);
    let isChinese = found === ')' ? openings.pop() : undefined;
    isChinese ??= !isMarkup(whole, at, found) && hangsOnChinese(previous, characterAt(whole, next), lineIsChinese);
    if (found === '(') openings.push(isChinese);
    output += gap + (isChinese && at >= context.length ? restored(found) : found);
  }
  return (output + whole.slice(end)).slice(context.length);
}

/** The same for a text that comes in pieces; a mark is held back until what follows it has come. */
export class PunctuationRestorer {
  private pending = '';

  constructor(private before = '') {}

  /** Returns what is settled. */
  push(delta: string): string {
    const text = this.pending + delta;
    let settled = text.length;
    while (settled > 0 && !isDecisive(characterAt(text, settled - 1))) settled--;
    const held = text.slice(settled).search(possibleMark);
    return this.emit(text, held < 0 ? text.length : settled + held);
  }

  /** What `end` would return: how the text stands if nothing follows. */
  get held(): string {
    return restorePunctuation(this.pending, this.before);
  }

  /** Returns the rest. */
  end(): string {
    return this.emit(this.pending, this.pending.length);
  }

  private emit(text: string, length: number): string {
    const raw = text.slice(0, length);
    // Marks in `raw` look at what follows them within `raw`: what is held back begins with a mark of its own.
    const output = restorePunctuation(raw, this.before);
    this.before = (this.before + raw).slice(-maxBefore);
    this.pending = text.slice(length);
    return output;
  }
}

function restored(found: string): string {
  if (found.startsWith('.')) return '……'.repeat(Math.ceil(found.length / 6));
  if (found.startsWith('-')) return '——';
  return fullWidth[found] ?? found;
}

/** Markdown's [text](address) and ![picture], and a command's --option. */
function isMarkup(text: string, at: number, found: string): boolean {
  const following = text.charAt(at + found.length);
  if (found === '(') return text.charAt(at - 1) === ']';
  if (found === '!') return following === '[';
  return found.startsWith('-') && /[a-z]/i.test(following);
}

/** @param previous, next the decisive characters around a mark; a newline or '' where the line has none */
function hangsOnChinese(previous: string, next: string, lineIsChinese: boolean): boolean {
  if (chinese.test(previous) || chinese.test(next)) return true;
  // Latin or digits on both sides: an English sentence, or a number.
  return decisive.test(previous) && decisive.test(next) ? false : lineIsChinese;
}

/** Index of the first decisive character at or after `from`; the text's length when there is none. */
function nextDecisive(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isDecisive(characterAt(text, at))) at++;
  return at;
}

function isDecisive(character: string): boolean {
  return character === '\n' || decisive.test(character);
}

/** The whole character to which the unit at `index` belongs; '' past the end. */
function characterAt(text: string, index: number): string {
  const isSecondHalf = (text.charCodeAt(index) & 0xfc00) === 0xdc00 && index > 0;
  const codePoint = text.codePointAt(isSecondHalf ? index - 1 : index);
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
}

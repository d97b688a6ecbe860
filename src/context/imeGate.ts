/**
 * Tells from a document's edits whether an input method is composing. VS Code hides ghost text meanwhile but asks for it
 * at each keystroke, with prefixes such as …t, ti, tian'qi: requests for them would be wasted, and their answers wrong.
 * There is no API for it, but edits give it away (recorded in VS Code 1.139 with Chromium's simulated input method):
 *
 *     composing   insert "h" · replace "h" by "he" · replace "he" by "hen'hao" · replace "hen'hao" by "很好" (commit)
 *     typing      insert "h" · insert "e" behind it · insert "l" behind it
 *     with Han    insert "天" · replace "天" by "天气" · replace "天气" by "天气" (commit)
 *     radicals    insert "人" · replace "人" by "人弓火" · replace "人弓火" by "你" (commit)
 *     again       replace "hen" by "hen", where the writer turns to other candidates, and where Latin is committed as it is
 *
 * (VS Code 1.90 does not tell of that last commit, which changes nothing, nor does it ask then: a ghost is there at the next
 * key.)
 *
 * What it cannot tell at once is held until the next edit, which tells: one letter that was typed (a is 啊, or English); Latin
 * that is committed otherwise than it was shown (hen'hao as henhao); and, until it is known what they are with this writer
 * (`WriterHabit`), one character that comes by itself, a commit or the beginning of a composition that shows Han, and
 * characters in place of others, which may be committed without another edit. It ends as well when the cursor goes
 * elsewhere, and 400 ms after the edit for a writer who asks: while an input method composes, keys are its own.
 *
 * What it cannot tell at all, and gets wrong: several characters that begin a composition at its first key, for a commit; one
 * character that does, where it goes along a ghost, or where one that came by itself was a commit before, and that writer
 * has changed the input method; a composition in Han that rests for two seconds, where they are committed without another
 * edit; other candidates for pinyin that are looked at for so long, for Latin that was committed; characters that are shown
 * again, for their commit; and, where the writer has just typed Latin and goes on behind it, one letter that rests for 400 ms.
 */
import { typedLength } from './brackets';
import type { TextChange } from './trackedRange';
import { restBehind } from './typedAlong';

export type Hold =
  | { kind: 'none' }
  /** Perhaps Latin text: clear if nothing happens until then (milliseconds, the clock of `edit`). */
  | { kind: 'until'; timeMs: number }
  /** A composition is open, or one letter may be the beginning of one: nothing until there is a sign that it is over. */
  | { kind: 'composing' };

/** What was seen of the writer's input method, in whichever document. */
export class WriterHabit {
  /** It shows characters while it composes and repeats them when it commits; null: not seen yet. */
  repeats: boolean | null = null;
  /** Such compositions begin with a character; null: no character has come by itself yet. */
  beginsWithHan: boolean | null = null;
}

/** Latin that is typed in earnest gets its ghost text when the writer rests for so long. */
const latinHoldMs = 400;
/** What may be a composition, in characters or shown again, is one. Where nothing else tells that it is over, this ends it. */
const restMs = 2000;

const none: Hold = { kind: 'none' };
const composing: Hold = { kind: 'composing' };

/** No preedit is so long: a text that was pasted is not read through. */
const longestPreedit = 200;
/**
 * What pinyin, 五笔 and 双拼 show while they compose: letters, with tones or ü, and the digits and marks that are keys of
 * theirs: nü, nǐ, xi’an, w3, x; are preedits. There is a letter in each.
 */
const keys = /^[\u0300-\u036f -~\u2019\u00c0-\u024f\u1e00-\u1eff]+$/;
const letter = /[A-Za-z\u00c0-\u024f\u1e00-\u1eff]/;
const isLatin = (text: string): boolean => keys.test(text) && letter.test(text);
/** A character, a radical or a stroke. */
const han = /[\u2e80-\u2fdf\u31c0-\u31ef\u3400-\u4dbf\u4e00-\u9fff]/;
const bopomofo = /[\u02c7\u02ca\u02cb\u02d9\u3105-\u312f\u31a0-\u31bf]/;

/** What 倉頡, 速成 and 笔画 show: several of these stand for one character. */
const radicals = /^[日月金木水火土竹戈十大中一弓人心手口尸廿山女田難难卜重丨丿丶乛乙\u2e80-\u2fdf\u31c0-\u31ef]{2,}$/;

/** After a choice for a part of it: 小shi'hou. */
function isPartlyChosen(text: string): boolean {
  let end = text.length;
  while (end > 0 && keys.test(text.charAt(end - 1))) end--;
  return end < text.length && han.test(text.charAt(end - 1)) && isLatin(text.slice(end));
}

/** Fewer characters, and not as many taken back: 人弓火 is 你. */
function isInsteadOfRadicals(before: string, text: string): boolean {
  return radicals.test(before) && text.length < before.length && !before.startsWith(text);
}

/** What is left of a ghost where this was typed; none where it was not along it. */
function leftOf(ghost: string, { rangeLength, text }: TextChange): string[] {
  const rest = rangeLength === 0 && text !== '' ? restBehind(text.slice(0, typedLength(text)), ghost) : null;
  return rest === null ? [] : [rest];
}

interface Preedit {
  offset: number;
  text: string;
  began: 'latin' | 'bopomofo' | 'other';
  /** Characters took the place of Latin: the commit, as far as one can tell. */
  isCommitted: boolean;
  /** How much speaks for characters that are shown before the commit; two are proof. */
  evidence: number;
  /** One character that may begin a composition. */
  isHeld: boolean;
  /** Latin that was typed key by key, or pasted. */
  isTyped: boolean;
}

/**
 * An edit at each of the cursors is one for an input method, which composes at all of them: the first in the document, the
 * others do not move it. @returns all changes where they are not what was typed at the cursors
 */
export function atCursors(changes: readonly TextChange[], numCursors: number): readonly TextChange[] {
  const [one] = changes;
  if (!one || changes.length !== numCursors || changes.some(({ text }) => text !== one.text)) return changes;
  return [changes.reduce((first, change) => (change.rangeOffset < first.rangeOffset ? change : first), one)];
}

export class ImeGate {
  private hold: Hold = none;
  /** The latest insertion, which the next edit may turn out to replace. */
  private latest: Preedit | null = null;
  private expected: string | null = null;
  /** What is left of the ghosts that were offered where the writer is. */
  private offered: readonly string[] = [];
  private editedMs = 0;
  /** Pinyin was shown again: until then it is taken for a composition. */
  private shownAgainUntilMs = 0;

  constructor(private readonly habit = new WriterHabit()) {}

  /** The next edit inserts this text, and no input method does. */
  expect(text: string): void {
    this.expected = text;
  }

  /** These ghosts are shown: one that is accepted whole comes as an edit, as a composition does. */
  offer(ghosts: readonly string[]): void {
    this.offered = ghosts;
  }

  /** Whether no input method brings this, as far as one can tell: it is expected, or a ghost that is accepted whole. */
  isKnown({ rangeLength, text }: TextChange): boolean {
    return text === this.expected || (rangeLength === 0 && this.offered.includes(text));
  }

  /** Follows one edit event. @param nowMs any steady clock */
  edit(changes: readonly TextChange[], nowMs: number): void {
    const [change] = changes;
    if (!change) return;
    const isExpected = change.text === this.expected;
    this.expected = null;
    this.editedMs = nowMs;
    this.shownAgainUntilMs = 0;
    // Several changes are no input method's.
    const isOurs = changes.length > 1 || isExpected || change.text.length > longestPreedit;
    this.hold = isOurs ? this.end() : this.next(change, nowMs);
    this.offered = this.offered.flatMap((ghost) => leftOf(ghost, change));
  }

  /** The cursor is there now. Outside of it there is no composition: a click elsewhere ends it. */
  moved(offset: number): void {
    const { latest } = this;
    if (latest && (offset < latest.offset || offset > latest.offset + latest.text.length)) this.hold = this.end();
  }

  /** Whether ghost text has to wait now. */
  at(nowMs: number): Hold {
    return this.hold.kind === 'until' && nowMs >= this.hold.timeMs ? none : this.hold;
  }

  /** Whether what stands there is an input method's rather than the writer's. */
  isOpen(nowMs: number): boolean {
    return this.hold.kind === 'composing' || nowMs < this.shownAgainUntilMs;
  }

  /** Whether somebody has to wait who asks for a suggestion. What can be text by itself is, if nothing happens for a moment. */
  asked(nowMs: number): Hold {
    const { hold, latest } = this;
    if (hold.kind !== 'composing') return none;
    if (!latest || bopomofo.test(latest.text) || isPartlyChosen(latest.text)) return hold;
    this.hold = { kind: 'until', timeMs: this.editedMs + latinHoldMs };
    return this.at(nowMs);
  }

  private next({ rangeOffset, rangeLength, text }: TextChange, nowMs: number): Hold {
    const before = this.latest;
    if (text === '') return this.end();
    if (before && rangeOffset === before.offset && rangeLength === before.text.length)
      return this.replaced(before, text, nowMs);
    if (before) this.wentOnBehind(before);
    return this.began(rangeOffset, text, before, nowMs);
  }

  /** @param before what this does not replace */
  private began(offset: number, text: string, before: Preedit | null, nowMs: number): Hold {
    const began = bopomofo.test(text) ? 'bopomofo' : isLatin(text) ? 'latin' : 'other';
    const isHeld = began === 'other' && this.mayBegin(text);
    const behind = before !== null && isLatin(before.text) && offset === before.offset + before.text.length;
    // One letter by itself: the next edit tells what it was. More of them, one by one or pasted, are no composition.
    const isTyped = began === 'latin' && (text.length > 1 || behind);
    const evidence = began === 'bopomofo' ? 1 : 0;
    this.latest = { offset, text, began, isCommitted: false, evidence, isHeld, isTyped };
    if (began === 'other') return isHeld ? composing : none;
    return isTyped ? { kind: 'until', timeMs: nowMs + latinHoldMs } : composing;
  }

  /** Whether this may be the first key of a composition in Han. A commit is longer as a rule, a composition begins with one. */
  private mayBegin(text: string): boolean {
    const { beginsWithHan } = this.habit;
    if (beginsWithHan === false || text.length !== 1 || !han.test(text)) return false;
    const rests = this.offered.map((ghost) => restBehind(text, ghost));
    // One that is accepted whole. Whoever is not known to compose so, and types along a ghost, is not to lose it.
    return !rests.some((rest) => (beginsWithHan === null ? rest !== null : rest === ''));
  }

  private replaced(before: Preedit, text: string, nowMs: number): Hold {
    if (text === before.text) return this.again(before, nowMs);
    const { offset } = before;
    if (isLatin(text)) {
      this.latest = { offset, text, began: 'latin', isCommitted: false, evidence: 0, isHeld: false, isTyped: false };
      return composing;
    }
    const wasHan = han.test(before.text) && (before.began !== 'latin' || before.isCommitted);
    const evidence = before.evidence + (wasHan ? 1 : 0);
    if (bopomofo.test(text) || isPartlyChosen(text)) {
      // A commit that goes on in keys was none: here pinyin shows characters, as 注音 does.
      const began = before.isCommitted ? 'bopomofo' : before.began;
      this.latest = { ...before, text, began, isCommitted: false, evidence };
      return composing;
    }
    if (before.began === 'latin') {
      // Characters in place of Latin are the commit. What comes in place of a commit is another.
      this.latest = { ...before, text, isCommitted: true, evidence: 0 };
      return none;
    }
    if (wasHan && isInsteadOfRadicals(before.text, text)) {
      this.latest = { ...before, text, isCommitted: true, evidence: 0, isHeld: false };
      this.habit.beginsWithHan = true;
      return none;
    }
    this.latest = { ...before, text, evidence };
    return this.shown(text, before.began, evidence, nowMs);
  }

  /** The same as before: characters and marks are committed. Latin may be, or is shown again with other candidates. */
  private again(before: Preedit, nowMs: number): Hold {
    const { text, began, evidence, isTyped } = before;
    if (bopomofo.test(text) || isPartlyChosen(text)) return composing;
    if (!isLatin(text)) {
      if (evidence > 0) this.repeated(began);
      this.latest = { ...before, isCommitted: true, evidence: 0, isHeld: false };
      return none;
    }
    // Nobody composes in capitals.
    const isText = isTyped || text === text.toUpperCase();
    if (isText) return { kind: 'until', timeMs: nowMs + latinHoldMs };
    this.shownAgainUntilMs = nowMs + restMs;
    return { kind: 'until', timeMs: this.shownAgainUntilMs };
  }

  /** Characters are shown where bopomofo or other characters were. */
  private shown(text: string, began: Preedit['began'], evidence: number, nowMs: number): Hold {
    const { habit } = this;
    if (habit.repeats === null && evidence > 1) this.repeated(began);
    if ((habit.repeats !== false && han.test(text)) || radicals.test(text)) return composing;
    // This writer's 注音 commits at once.
    if (habit.repeats === false && evidence === 1 && began === 'bopomofo') return none;
    return { kind: 'until', timeMs: nowMs + restMs };
  }

  private repeated(began: Preedit['began']): void {
    this.habit.repeats = true;
    if (began === 'other') this.habit.beginsWithHan = true;
  }

  /** The writer goes on elsewhere: characters that were shown last were committed, without a repetition. */
  private wentOnBehind({ text, began, evidence, isHeld }: Preedit): void {
    if (!han.test(text) || bopomofo.test(text) || isPartlyChosen(text)) return;
    if (evidence === 0 && !isHeld) return;
    // One character by itself was no composition, unless it is one with this writer.
    if (evidence > 0 || this.habit.beginsWithHan) this.habit.repeats = false;
    if (began === 'other') this.habit.beginsWithHan = false;
  }

  private end(): Hold {
    this.latest = null;
    this.shownAgainUntilMs = 0;
    return none;
  }
}

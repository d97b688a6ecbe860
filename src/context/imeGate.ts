/**
 * Tells from a document's edits whether an input method is composing. VS Code hides ghost text meanwhile but asks for it
 * at each keystroke, with prefixes such as …t, ti, tian'qi: requests for them would be wasted, and their answers wrong.
 * There is no API for it, but edits give it away (recorded in VS Code 1.139 with Chromium's simulated input method):
 *
 *     composing   insert "h" · replace "h" by "he" · replace "he" by "hen'hao" · replace "hen'hao" by "很好" (commit)
 *     typing      insert "h" · insert "e" behind it · insert "l" behind it
 */
import type { TextChange } from './trackedRange';

export type Hold =
  | { kind: 'none' }
  /** Perhaps Latin text: clear if nothing happens until then (milliseconds, the clock of `edit`). */
  | { kind: 'until'; timeMs: number }
  /** A composition is open, or one letter may be the beginning of one: nothing until the next edit. */
  | { kind: 'composing' };

/** Latin that is typed in earnest gets its ghost text when the writer rests for so long. */
const latinHoldMs = 400;
/** Characters in place of characters are a composition. Where an input method ends it without another edit, this does. */
const hanHoldMs = 2000;

const none: Hold = { kind: 'none' };
const composing: Hold = { kind: 'composing' };

/** What pinyin, 五笔 and 双拼 show while they compose. */
const latin = /^[A-Za-z' ]+$/;
/** After a choice for a part of it: 小shi'hou. */
const partlyChosen = (text: string): boolean => /\p{Script=Han}[A-Za-z' ]*[A-Za-z']$/u.test(text);
const bopomofo = /[\u02c7\u02ca\u02cb\u02d9\u3105-\u312f\u31a0-\u31bf]/;

interface Preedit {
  offset: number;
  text: string;
  /** Shows characters while it is open still, as 注音 does: only a repetition tells that it was committed. */
  showsHan: boolean;
}

export class ImeGate {
  private hold: Hold = none;
  /** The latest insertion, which the next edit may turn out to replace. */
  private latest: Preedit | null = null;

  /** Follows one edit event. @param nowMs any steady clock */
  edit(changes: readonly TextChange[], nowMs: number): void {
    const [change] = changes;
    if (!change) return;
    // Several cursors: no input method composes at all of them.
    this.hold = changes.length > 1 ? this.end() : this.next(change, nowMs);
  }

  /** Whether ghost text has to wait now. */
  at(nowMs: number): Hold {
    return this.hold.kind === 'until' && nowMs >= this.hold.timeMs ? none : this.hold;
  }

  private next({ rangeOffset, rangeLength, text }: TextChange, nowMs: number): Hold {
    const before = this.latest;
    if (text === '') return this.end();
    if (before && rangeOffset === before.offset && rangeLength === before.text.length)
      return this.replaced(before, text, nowMs);
    this.latest = { offset: rangeOffset, text, showsHan: bopomofo.test(text) || !latin.test(text) };
    if (bopomofo.test(text)) return composing;
    if (!latin.test(text) || text.trim() === '') return none;
    const behind = before !== null && latin.test(before.text) && rangeOffset === before.offset + before.text.length;
    // One letter by itself: the next edit tells what it was. More of them, one by one or pasted, are no composition.
    return text.length === 1 && !behind ? composing : { kind: 'until', timeMs: nowMs + latinHoldMs };
  }

  private replaced(before: Preedit, text: string, nowMs: number): Hold {
    this.latest = { ...before, text };
    if (latin.test(text)) return text === before.text ? this.end() : composing;
    if (bopomofo.test(text) || partlyChosen(text)) return composing;
    // Characters in place of Latin are the commit. Where characters are shown before it, their repetition is.
    if (!before.showsHan || text === before.text) return this.end();
    return { kind: 'until', timeMs: nowMs + hanHoldMs };
  }

  private end(): Hold {
    this.latest = null;
    return none;
  }
}

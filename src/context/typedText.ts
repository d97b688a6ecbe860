/** What was typed since, where the cursor was; up to where it is now, which VS Code's own closing brackets may stand behind. */
import { typedLength, withoutClosers } from './brackets';
import { TextMirror } from './textMirror';
import type { TextChange } from './trackedRange';

export class TypedText {
  text = '';
  /** With what stands behind the cursor. */
  private readonly mirror: TextMirror;

  /** @param offset UTF-16, of the cursor */
  constructor(offset: number) {
    this.mirror = new TextMirror(offset, '');
  }

  /** Where the cursor is, as long as it went along. */
  get end(): number {
    return this.mirror.start + this.text.length;
  }

  /** Whether a change there belongs to it. */
  touches({ rangeOffset }: TextChange): boolean {
    return rangeOffset >= this.mirror.start && rangeOffset <= this.mirror.end;
  }

  /** Follows one edit event. @returns false where it cannot, as `TextMirror` */
  follow(changes: readonly TextChange[]): boolean {
    const { mirror } = this;
    const { text: before } = mirror;
    if (!mirror.follow(changes)) return false;
    const [change] = changes;
    if (mirror.text === before || !change) return true;
    const end = change.rangeOffset - mirror.start + typedLength(change.text);
    this.text = changes.length > 1 ? mirror.text : withoutClosers(mirror.text, end);
    return true;
  }
}

/** Says so where a field takes only the beginning of what is put into it: by itself the browser cuts in silence. */
import { showMessage } from './message';
import { format, strings } from './page';

export function sayWhereCut(field: HTMLInputElement | HTMLTextAreaElement): void {
  // Behind the event by which the form takes back what was said before.
  const say = () => {
    const text = format(strings.cut, field.maxLength);
    setTimeout(() => showMessage({ kind: 'problem', text, actions: [] }));
  };
  const events: HTMLElement = field;
  events.addEventListener('beforeinput', ({ data, isComposing }) => {
    // An input method shows more than fits, until it commits.
    if (isComposing || data === null) return;
    const selected = (field.selectionEnd ?? 0) - (field.selectionStart ?? 0);
    const added = data.replace(/\r\n/g, '\n').length;
    if (field.value.length - selected + added > field.maxLength) say();
  });
  events.addEventListener('compositionend', ({ data }) => {
    setTimeout(() => {
      if (!field.value.includes(data)) say();
    });
  });
}

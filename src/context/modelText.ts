/**
 * The document's text → the form that the models were trained on: one "\n" between paragraphs and none before the first, no
 * indent, no CR. A text that begins with "\n", as below a heading, would be one with empty lines to a model: at the beginning
 * of a paragraph it would write another rather than words.
 */
export function toModelText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?:\n[ \t\u3000]*)+/g, '\n')
    .replace(/^[\n \t\u3000]+/, '');
}

/** Whether there is anything of Chinese in it: one character is enough. */
export function hasHan(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}

/** Whether a text is Chinese, or is going to be: one that is empty has its title's language, or that of the interface. */
export function isChinese(title: string, text: string, locale: string): boolean {
  return hasHan(title + text) || (text.trim() === '' && /^zh\b/i.test(locale));
}

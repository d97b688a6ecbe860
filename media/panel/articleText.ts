/** The text on the page. It grows a picture at a time, as text nodes only: what a model writes is never read as HTML. */
import { element } from './page';

const box = element('text', HTMLElement);

/** Pixels from the end of the page within which it is taken to be what the reader looks at. */
const nearEnd = 48;

let shown = '';
let pending = '';
let paragraph: Text | null = null;

/** Shows `text`; if it only goes on, what is there stays as it is, and with it a selection in it. */
export function showText(text: string): void {
  const present = shown + pending;
  if (text.startsWith(present)) {
    appendText(text.slice(present.length));
    return;
  }
  box.replaceChildren();
  shown = pending = '';
  paragraph = null;
  appendText(text);
}

export function appendText(text: string): void {
  if (text === '') return;
  if (pending === '') requestAnimationFrame(draw);
  pending += text;
}

function draw(): void {
  const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
  const follows = document.body.classList.contains('writing') && scrollHeight - clientHeight - scrollTop < nearEnd;
  const [first = '', ...paragraphs] = pending.split('\n');
  write(first);
  for (const text of paragraphs) {
    paragraph = null;
    write(text);
  }
  shown += pending;
  pending = '';
  if (follows) window.scrollTo({ top: document.documentElement.scrollHeight });
}

function write(text: string): void {
  if (text === '') return;
  if (!paragraph) {
    paragraph = document.createTextNode('');
    const block = document.createElement('p');
    block.append(paragraph);
    box.append(block);
  }
  paragraph.appendData(text);
}

/** The text on the page. It grows a picture at a time, as text nodes only: what a model writes is never read as HTML. */
import { element } from './page';

const box = element('text', HTMLElement);
const title = element('article-title', HTMLElement);
const bar = element('bar', HTMLElement);

/** Pixels below the window within which the end of the text is still what the reader looks at. */
const nearEnd = 48;
/** Pixels kept free below a growing text, and above the title of one that is brought into view. */
const margin = 12;

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

/** For an article that was asked for from far below, or above: it would change where nobody sees it. */
export function bringTitleIntoView(): void {
  // Once its text is drawn, and the page as long as it is to be.
  requestAnimationFrame(() => {
    const { top, bottom } = title.getBoundingClientRect();
    const barHeight = bar.offsetHeight;
    if (top < barHeight || bottom > window.innerHeight) window.scrollBy({ top: top - barHeight - margin });
  });
}

/** How far the end of the text is below the window, in pixels. */
function overhang(): number {
  return box.getBoundingClientRect().bottom - window.innerHeight;
}

function draw(): void {
  const follows = document.body.classList.contains('writing') && overhang() < nearEnd;
  const [first = '', ...paragraphs] = pending.split('\n');
  write(first);
  for (const text of paragraphs) {
    paragraph = null;
    write(text);
  }
  shown += pending;
  pending = '';
  if (follows && overhang() > -margin) window.scrollBy({ top: overhang() + margin });
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

/** The page of the writer's figures: sums up the days of the period that is chosen. All text goes in as text. */
import { shown, sum } from '../../src/context/figures';
import { fates } from '../../src/context/ghostFate';
import type { FiguresStrings } from '../../src/editor/figures/figuresStrings';
import type { Figures, FiguresReply, FiguresRequest } from '../../src/pages';
import { button, connect, element, format, wordsOfPage } from '../page';

const vscode = connect<FiguresRequest>();
const strings = wordsOfPage() as FiguresStrings;

const period = element('period', HTMLSelectElement);
const summary = element('summary', HTMLElement);
const state = element('state', HTMLElement);

let figures: FiguresReply | null = null;
let wasEmpty = true;

const digits = (count: number): string => count.toLocaleString('en');
const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)}%`);
const used = ({ accepted, partlyAccepted, typedThrough }: Figures): number => accepted + partlyAccepted + typedThrough;

/** A cell for each text, the first a heading; and one with a bar, which says nothing that the texts do not. */
function row(texts: string[], share: number): HTMLElement {
  const cells = texts.map((text, index) => {
    const cell = document.createElement(index === 0 ? 'th' : 'td');
    if (index === 0) cell.setAttribute('scope', 'row');
    cell.textContent = text;
    return cell;
  });
  const bar = document.createElement('div');
  bar.className = 'bar';
  bar.style.inlineSize = `${100 * share}%`;
  // Its border alone would look like a little.
  bar.hidden = share === 0;
  const barCell = document.createElement('td');
  barCell.className = 'bars';
  barCell.setAttribute('aria-hidden', 'true');
  barCell.append(bar);
  const line = document.createElement('tr');
  line.append(...cells, barCell);
  return line;
}

function pair(name: string, value: string): HTMLElement {
  const [term, definition] = [document.createElement('dt'), document.createElement('dd')];
  term.textContent = name;
  definition.textContent = value;
  const both = document.createElement('div');
  both.append(term, definition);
  return both;
}

function show({ byDay, today, isOn }: FiguresReply): void {
  const first = dayBefore(today, Number(period.value) - 1);
  const days = Object.entries(byDay)
    .filter(([day, counts]) => day >= first && shown(counts) > 0)
    .reverse();
  const total = sum(days.map(([, counts]) => counts));
  const all = shown(total);
  const isEmpty = Object.keys(byDay).length === 0;
  element('figures', HTMLElement).hidden = all === 0;
  const line = format(strings.summary, digits(all), digits(used(total)), percent(used(total), all));
  summary.textContent = all > 0 ? line : isEmpty && !wasEmpty ? strings.erased : strings.nothing;
  wasEmpty = isEmpty;
  element('fates', HTMLElement).replaceChildren(
    ...fates.map((fate) => row([strings[fate], digits(total[fate]), percent(total[fate], all)], total[fate] / all)),
  );
  showCharacters(total);
  element('days', HTMLElement).replaceChildren(
    ...days.map(([day, counts]) => {
      const [ofAll, ofUsed] = [shown(counts), used(counts)];
      return row([day, digits(ofAll), digits(ofUsed), percent(ofUsed, ofAll)], ofUsed / ofAll);
    }),
  );
  state.textContent = isOn ? strings.isOn : strings.isOff;
  switchButton.textContent = isOn ? strings.turnOff : strings.turnOn;
  eraseButton.disabled = isEmpty;
}

function showCharacters(total: Figures): void {
  const { charactersShown, charactersAccepted, charactersTyped, checked, kept, charactersChecked, charactersKept } =
    total;
  const ofShown = (part: number): string => format(strings.charactersOf, digits(part), percent(part, charactersShown));
  element('characters', HTMLElement).replaceChildren(
    pair(strings.charactersShown, digits(charactersShown)),
    pair(strings.charactersAccepted, ofShown(charactersAccepted)),
    pair(strings.charactersTyped, ofShown(charactersTyped)),
  );
  const outOf = (part: number, whole: number): string =>
    format(strings.keptOf, digits(part), digits(whole), percent(part, whole));
  element('later', HTMLElement).hidden = checked === 0;
  element('not-yet', HTMLElement).hidden = checked > 0;
  element('later', HTMLElement).replaceChildren(
    pair(strings.kept, outOf(kept, checked)),
    pair(strings.charactersKept, outOf(charactersKept, charactersChecked)),
  );
}

/** @param day as 2026-11-28 */
function dayBefore(day: string, numDays: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - numDays);
  return date.toISOString().slice(0, 10);
}

const eraseButton = button('erase', () => vscode.postMessage({ type: 'erase' }));
const switchButton = button('switch', () => {
  if (figures) vscode.postMessage({ type: 'setEnabled', enabled: !figures.isOn });
});

const kept = vscode.getState();
if (typeof kept === 'string') period.value = kept;
period.addEventListener('change', () => {
  vscode.setState(period.value);
  if (figures) show(figures);
});
window.addEventListener('message', ({ data }: MessageEvent<FiguresReply>) => {
  figures = data;
  show(data);
});
vscode.postMessage({ type: 'ready' });

/** What is kept of the suggestions a writer saw: how many and how much on each day, and not a word of them. */
import type { Figures, FiguresByDay } from '../pages';
import { fates } from './ghostFate';
import type { Ending } from './ghostFate';

const none: Figures = {
  accepted: 0,
  partlyAccepted: 0,
  typedThrough: 0,
  passedOver: 0,
  charactersShown: 0,
  charactersAccepted: 0,
  charactersTyped: 0,
  checked: 0,
  kept: 0,
  charactersChecked: 0,
  charactersKept: 0,
};
const names = Object.keys(none) as (keyof Figures)[];

/** How many days are kept: what is older is forgotten. */
export const keptDays = 90;

export function ofEnding({ fate, characters, accepted, typed }: Ending): Partial<Figures> {
  return {
    [fate]: 1,
    charactersShown: characters,
    charactersAccepted: accepted,
    charactersTyped: fate === 'typedThrough' ? typed : 0,
  };
}

export const shown = (figures: Figures): number => fates.reduce((sum, fate) => sum + figures[fate], 0);

export function sum(parts: readonly Partial<Figures>[]): Figures {
  const total = { ...none };
  for (const part of parts) for (const name of names) total[name] += part[name] ?? 0;
  return total;
}

/** What was kept, with more of it; only the latest days. */
export function addFigures(kept: FiguresByDay, more: FiguresByDay): FiguresByDay {
  const days = [...new Set([...Object.keys(kept), ...Object.keys(more)])].sort().slice(-keptDays);
  return Object.fromEntries(days.map((day) => [day, sum([kept[day] ?? {}, more[day] ?? {}])]));
}

/** What was read from storage, where anything may stand. */
export function parseFigures(value: unknown): FiguresByDay {
  const days = Object.entries(isRecord(value) ? value : {}).filter(([day]) => /^\d{4}-\d\d-\d\d$/.test(day));
  return Object.fromEntries(
    days.map(([day, found]) => {
      const counts = isRecord(found) ? found : {};
      const figures = { ...none };
      for (const name of names) figures[name] = isCount(counts[name]) ? counts[name] : 0;
      return [day, figures];
    }),
  );
}

/** The day's name, in the writer's time. */
export function dayOf(time: Date): string {
  const [month, date] = [time.getMonth() + 1, time.getDate()].map((part) => String(part).padStart(2, '0'));
  return [time.getFullYear(), month, date].join('-');
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

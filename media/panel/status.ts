/** How far an article is, in a few words. */
import { characterCount } from '../../src/context/characterCount';
import type { Article } from '../../src/pages';
import { charactersInWords, format, strings } from './page';

export function statusOf({ state, opening, text, length, writingMs }: Article, isLoading: boolean): string[] {
  const count = characterCount(opening + text).all;
  const characters = charactersInWords(count);
  const speed = speedOf(count - characterCount(opening).all, writingMs);
  switch (state) {
    case 'writing':
      if (text === '') return [isLoading ? strings.loading : strings.preparing];
      return [format(strings.progress, count, length), ...speed];
    case 'finished':
      return [format(strings.finished, characters), ...speed];
    case 'stopped':
      return [text === '' ? strings.stoppedEmpty : format(strings.stopped, characters)];
    case 'failed':
      return text === '' ? [] : [format(strings.failed, characters)];
  }
}

/** Nothing where the time is too short to tell. */
function speedOf(characters: number, writingMs: number): string[] {
  return writingMs < 200 ? [] : [format(strings.speed, Math.round((characters / writingMs) * 1000))];
}

/** Side by side with a dot between them, or one below the other where they have no room: a number stays with what it counts. */
export function showFacts(line: HTMLElement, facts: readonly string[]): void {
  line.replaceChildren(
    ...facts.map((fact) => {
      const item = document.createElement('span');
      item.textContent = fact;
      return item;
    }),
  );
}

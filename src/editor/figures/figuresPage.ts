/** The page of the writer's figures: headings and tables to be filled. What is in them is figures.ts's, in media/figures. */
import { webviewPage } from '../webviewPage';
import type { PageResources } from '../webviewPage';
import type { FiguresStrings } from './figuresStrings';

export function figuresPage(strings: FiguresStrings, resources: PageResources): string {
  return webviewPage(
    'title',
    strings,
    resources,
    (s) => `<main>
    <h1>${s.title}</h1>
    <p class="hint">${s.promise}</p>
    <p>
      <label for="period">${s.period}</label>
      <select id="period">
        <option value="1">${s.today}</option>
        <option value="7" selected>${s.week}</option>
        <option value="30">${s.month}</option>
        <option value="90">${s.all}</option>
      </select>
    </p>
    <p id="summary" role="status"></p>
    <div id="figures" hidden>
      <h2 id="fates-title">${s.fates}</h2>
      <table aria-labelledby="fates-title">
        <thead><tr><th scope="col">${s.fate}</th><th scope="col">${s.suggestions}</th><th scope="col" colspan="2">${s.share}</th></tr></thead>
        <tbody id="fates"></tbody>
      </table>
      <h2>${s.characters}</h2>
      <dl id="characters"></dl>
      <h2>${s.later}</h2>
      <dl id="later"></dl>
      <p id="not-yet" class="hint" hidden>${s.notYet}</p>
      <h2 id="days-title">${s.days}</h2>
      <table aria-labelledby="days-title">
        <thead><tr><th scope="col">${s.day}</th><th scope="col">${s.shown}</th><th scope="col">${s.used}</th><th scope="col" colspan="2">${s.usedShare}</th></tr></thead>
        <tbody id="days"></tbody>
      </table>
    </div>
    <footer>
      <p id="state" role="status"></p>
      <div class="buttons">
        <button id="switch" type="button" class="secondary"></button>
        <button id="erase" type="button" class="secondary">${s.erase}</button>
      </div>
    </footer>
  </main>`,
  );
}

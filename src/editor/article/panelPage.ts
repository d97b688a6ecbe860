/** The panel's page: fields and buttons, no text of the model's. Everything that moves is panel.ts's, in media/panel. */
import { presetNames } from '../../presets';
import { articleLimits } from './articleLimits';
import { webviewPage } from '../webviewPage';
import type { PageResources } from '../webviewPage';
import type { PanelStrings } from './panelStrings';

export function panelPage(strings: PanelStrings, resources: PageResources): string {
  const { titleLength, openingLength, minLength, maxLength, defaultLength, maxSeed } = articleLimits;
  return webviewPage('article', strings, resources, (s) => {
    const presetOptions = presetNames.map((name) => {
      return `<option value="${name}"${name === 'balanced' ? ' selected' : ''}>${s[name]}</option>`;
    });
    return `<form id="form" novalidate>
    <label for="title">${s.title}</label>
    <input id="title" lang="zh" maxlength="${titleLength}" placeholder="${s.titleExample}" autocomplete="off" required>
    <label for="opening">${s.opening}</label>
    <textarea id="opening" lang="zh" rows="3" maxlength="${openingLength}" placeholder="${s.openingExample}"></textarea>
    <div class="fields">
      <div>
        <label for="length">${s.length}</label>
        <input id="length" type="number" min="${minLength}" max="${maxLength}" step="20" value="${defaultLength}">
      </div>
      <div>
        <label for="preset">${s.preset}</label>
        <select id="preset">${presetOptions.join('')}</select>
      </div>
    </div>
    <details id="more">
      <summary>${s.more}</summary>
      <label for="seed">${s.seed}</label>
      <input id="seed" type="number" min="0" max="${maxSeed}" step="1" placeholder="${s.seedRandom}" aria-describedby="seed-hint">
      <p id="seed-hint" class="hint">${s.seedHint}</p>
    </details>
  </form>
  <div id="bar">
    <div class="buttons">
      <button id="generate" type="submit" form="form" title="Ctrl+Enter">${s.generate}</button>
      <button id="stop" type="button" title="Esc" hidden>${s.stop}</button>
      <button id="retry" type="button" class="secondary" title="${s.retryHint}" hidden>${s.retry}</button>
    </div>
    <progress id="progress" aria-label="${s.writing}" hidden></progress>
    <div id="status"></div>
    <div id="message" role="alert" hidden></div>
  </div>
  <div id="announcer" class="unseen" role="status" aria-live="polite"></div>
  <section id="result" hidden>
    <h2 id="article-title" lang="zh"></h2>
    <div id="text" lang="zh" role="region" aria-label="${s.article}" tabindex="0"></div>
    <div class="buttons">
      <button id="insert" type="button">${s.insert}</button>
      <button id="open-as-document" type="button" class="secondary">${s.openAsDocument}</button>
      <button id="copy" type="button" class="secondary">${s.copy}</button>
    </div>
    <p class="hint"><span id="settings"></span> <button id="reuse" type="button" class="link">${s.reuse}</button></p>
  </section>
  <details id="history" open hidden>
    <summary>${s.history}</summary>
    <ul id="entries"></ul>
    <button id="erase-all" type="button" class="link">${s.eraseAll}</button>
  </details>
  <p id="trial" class="hint" hidden>
    ${s.trialNote} <button id="import-model" type="button" class="link">${s.importModel}</button>
    <button id="show-families" type="button" class="link">${s.showFamilies}</button>
  </p>`;
  });
}

/** 题目成文 in a workbench: its page, and what a writer does with it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLocator, Locator } from 'playwright-core';
import titles from '../../package.nls.json';
import type { Workbench } from './workbench';

/** A selector, and what a screen reader calls it; a summary has no role that browsers agree on. */
export type Control = readonly [
  selector: string,
  role: 'button' | 'combobox' | 'region' | 'spinbutton' | 'textbox' | null,
  name: string | RegExp,
];

/** The panel's page, in the frame within the frame that VS Code gives it. */
export class Panel {
  constructor(readonly workbench: Workbench) {}

  get frame(): FrameLocator {
    return this.workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  find(selector: string): Locator {
    return this.frame.locator(selector);
  }

  async expectNamed(...[selector, role, name]: Control): Promise<void> {
    const named = role
      ? this.frame.getByRole(role, { name, exact: true })
      : this.frame.getByText(name, { exact: true });
    assert.equal(
      await this.find(selector).and(named).count(),
      1,
      `${selector} is no ${role ?? 'text'} ${String(name)}`,
    );
  }

  async expectFocus(...control: Control): Promise<void> {
    await this.find(`${control[0]}:focus`).waitFor({ timeout: 20_000 });
    await this.expectNamed(...control);
  }

  async open(command = titles['view.article']): Promise<void> {
    await this.workbench.runCommand(command);
    await this.find('#title').waitFor();
  }

  async reload(): Promise<void> {
    await this.workbench.page.reload();
    await this.workbench.statusBar.waitFor();
  }

  async hide(): Promise<void> {
    await this.workbench.page.keyboard.press('Control+Shift+E');
    await this.workbench.page.locator('.explorer-viewlet').waitFor();
  }

  /** Opens the page of models that can be imported, and closes it. */
  async expectFamilies(file: string, words: string): Promise<void> {
    const { workbench } = this;
    await this.find('#show-families').click();
    const preview = workbench.page.locator('.tab', { hasText: `Preview ${file}` });
    await preview.waitFor();
    await workbench.frameWith(words);
    // By the mouse: a page that has just been loaded may take the keyboard.
    await preview.click({ button: 'middle' });
    await preview.waitFor({ state: 'detached' });
    await workbench.showFile();
  }

  async text(): Promise<string> {
    return (await this.find('#text p').allTextContents()).join('\n');
  }

  async generate(title: string, length: number): Promise<void> {
    await this.find('#title').fill(title);
    await this.find('#length').fill(String(length));
    await this.begin(() => this.find('#generate').click());
  }

  /** Resolves when what was done has begun an article, which may be finished by then. */
  async begin(act: () => Promise<void>): Promise<void> {
    const newest = async () =>
      (await this.find('.entry').count()) > 0 ? this.find('.entry').first().getAttribute('id') : '';
    const before = await newest();
    await act();
    for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
      if ((await newest()) !== before) return;
      await sleep(20);
    }
    throw new Error('no article was begun');
  }

  /** Resolves when there is more text than `length`. @returns it */
  async textBeyond(length: number, timeoutMs = 60_000): Promise<string> {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline;) {
      const text = await this.text();
      if (text.length > length) return text;
      await sleep(20);
    }
    throw new Error(`the text did not grow beyond ${length} characters`);
  }

  async finished(): Promise<string> {
    await this.find('#retry').waitFor();
    return this.text();
  }

  /** Resolves when no part of it is outside the window, nor behind anything. */
  async seen(selector: string): Promise<void> {
    const isSeen = `(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      if (!element) return false;
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const at = (y) => document.elementFromPoint((left + right) / 2, y);
      return [top + 2, (top + bottom) / 2, bottom - 2].every((y) => element.contains(at(y)));
    })()`;
    for (const deadline = Date.now() + 20_000; (await this.evaluate(isSeen)) !== true;) {
      if (Date.now() > deadline) throw new Error(`${selector} is not seen`);
      await sleep(20);
    }
  }

  /** By a click. Resolves when the page has it. */
  async giveKeyboardTo(selector: string): Promise<void> {
    await this.find(selector).click();
    for (const deadline = Date.now() + 20_000; (await this.evaluate('document.hasFocus()')) !== true;) {
      if (Date.now() > deadline) throw new Error('the page does not get the keyboard');
      await sleep(20);
    }
  }

  /** In the page. */
  evaluate(expression: string): Promise<unknown> {
    return this.find('html').evaluate(expression);
  }

  /** Drags the side bar's edge until it is so wide. */
  async resize(pixels: number): Promise<void> {
    const { mouse } = this.workbench.page;
    const bar = await this.workbench.page.locator('.part.sidebar').boundingBox();
    assert.ok(bar);
    await mouse.move(bar.x + bar.width, 400);
    await mouse.down();
    await mouse.move(bar.x + pixels, 400, { steps: 5 });
    await mouse.up();
  }

  async answerDialog(answer: 'Delete' | 'Cancel' = 'Delete'): Promise<void> {
    const dialog = this.workbench.page.locator('.monaco-dialog-box');
    await dialog.getByRole('button', { name: answer, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /**
   * Waits until the keyboard is there.
   * @returns false where the page does not have it at all: now and then VS Code does not give it back behind a dialog
   */
  async hasKeyboardAt(selector: string): Promise<boolean> {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
      if ((await this.find(`${selector}:focus`).count()) > 0) return true;
      await sleep(20);
    }
    const holder = await this.evaluate('document.hasFocus() && document.activeElement.outerHTML');
    assert.equal(holder, false, `the keyboard is not at ${selector}`);
    return false;
  }
}

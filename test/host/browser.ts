/** Debian's Chromium, without a window, in a profile that is thrown away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

export interface Browser {
  page: Page;
  close(): Promise<void>;
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['MOXU_CHROMIUM'];
  if (!executablePath) throw new Error('MOXU_CHROMIUM is not set; start this through npm test');
  const profile = mkdtempSync(join(tmpdir(), 'moxu-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    locale: 'zh-CN',
    // Chromium refuses its sandbox to root, which is who runs in containers.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
  // A page of its own would be asked; VS Code's desktop has the clipboard.
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = context.pages()[0] ?? (await context.newPage());
  // For what never comes; on a busy machine much comes late.
  page.setDefaultTimeout(90_000);
  page.setDefaultNavigationTimeout(120_000);
  return {
    page,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

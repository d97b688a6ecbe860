/**
 * Where nobody looks, VS Code lays out and does all that it does, and the browser paints nothing of it: that is a third of
 * its work without a graphics card.
 */
import type { Page } from 'playwright-core';

const id = 'moxu-unpainted';

const unpaint = `{
  const style = document.createElement('style');
  style.id = '${id}';
  style.textContent = 'html { opacity: 0 }';
  document.head.append(style);
}`;

const paint = `document.getElementById('${id}')?.remove()`;

/** From the next page on. What is in frames is painted with it, or is not. */
export async function leaveUnpainted(page: Page): Promise<void> {
  await page.addInitScript(
    `if (window === window.top) document.addEventListener('DOMContentLoaded', () => ${unpaint})`,
  );
}

/** @param path where the picture is written to */
export async function paintedPicture(page: Page, path: string): Promise<void> {
  const wasUnpainted = (await page.locator(`#${id}`).count()) > 0;
  if (wasUnpainted) await page.evaluate(paint);
  try {
    await page.screenshot({ path });
  } finally {
    if (wasUnpainted) await page.evaluate(unpaint);
  }
}

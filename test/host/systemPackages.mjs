// The browser that shows VS Code in tests, a font without which Chinese screenshots are empty boxes, and a GPU played by
// the browser's software.
import { existsSync } from 'node:fs';
import { findProgram, run, step } from './steps.mjs';

export const findChromium = () => findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');

/** Chromium without the parts that make windows starts sooner and leaves more of a small machine to VS Code. */
const headless = 'chromium-headless-shell';
const findTestBrowser = () => process.env.MOXU_CHROMIUM ?? findProgram(headless) ?? findChromium();

async function hasChineseFont() {
  if (!findProgram('fc-list')) return false;
  return (await run('fc-list', [':lang=zh-cn', 'family'])).trim() !== '';
}

/** @param {string[]} missing @throws Error that names the command to run where we may not. */
export async function install(missing) {
  if (missing.length === 0) return;
  const byHand = `Please install ${missing.join(' and ')}: sudo apt-get install -y ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) throw new Error(byHand);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  await step(`apt-get install ${missing.join(' ')}`, async () => {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wait, ...missing], { env });
  });
}

const vulkanLoader = '/usr/lib/x86_64-linux-gnu/libvulkan.so.1';
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * SwiftShader, a GPU in software, on which WebGPU can be tested anywhere: Debian's chromium brings it.
 *
 * @returns {Promise<NodeJS.ProcessEnv>} what a process needs to find it, or MOXU_NO_WEBGPU: why there is none
 */
export async function installSwiftShader() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { MOXU_NO_WEBGPU: 'a GPU in software is installed on Linux x64 only' };
  try {
    await install([
      ...(existsSync(swiftShader) ? [] : ['chromium-common']),
      ...(existsSync(vulkanLoader) ? [] : ['libvulkan1']),
    ]);
  } catch (error) {
    return { MOXU_NO_WEBGPU: error instanceof Error ? error.message : String(error) };
  }
  return { VK_ICD_FILENAMES: swiftShader };
}

/** @returns {Promise<string>} the browser's path. @throws Error that names the command to run where we may not. */
export async function installBrowser() {
  /** @type {string[]} */
  const missing = [];
  if (!findTestBrowser()) missing.push(headless);
  if (!(await hasChineseFont())) missing.push('fonts-noto-cjk');
  await install(missing);
  const browser = findTestBrowser();
  if (!browser) throw new Error(`${headless} was installed but is not on the PATH; set MOXU_CHROMIUM to its path`);
  return browser;
}

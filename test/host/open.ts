/** `npm start` without a desktop VS Code: serves VS Code with the extension of this checkout to a browser. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { extensionsFolder, startServer, workbenchUrl, type Host, type Server } from './server';

/** Where people look for it again; another port is taken when it is in use. */
const port = 8390;

/**
 * Puts the checkout itself into the profile, as a link: each start runs what was built last and installs nothing.
 * VS Code lists the folder anew when its list of extensions is missing.
 */
function linkExtension(profile: string, root: string): void {
  const extensions = extensionsFolder(profile);
  mkdirSync(extensions, { recursive: true });
  const link = join(extensions, 'moxu.moxu');
  rmSync(link, { force: true });
  symlinkSync(root, link, 'dir');
  rmSync(join(extensions, 'extensions.json'), { force: true });
}

export { copyEssay, essayName } from './essay';

export interface Place {
  folder: string;
  file: string;
}

/** The end of a file, where a person goes on writing. */
export function endOf(file: string): { line: number; column: number } {
  const lines = readFileSync(file, 'utf8').split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

export async function serve(
  host: Host,
  profile: string,
  root: string,
  place: Place,
): Promise<{ server: Server; url: string }> {
  linkExtension(profile, root);
  const server = await startServer(host, { profile, preferredPort: port });
  return { server, url: workbenchUrl({ port: server.port, ...place, ...endOf(place.file) }) };
}

/** @returns whether there was a program to show it with. */
export function openBrowser(url: string, programs: (string | undefined)[]): boolean {
  const program = programs.find((path) => path !== undefined && existsSync(path));
  if (program === undefined) return false;
  const asRoot = process.getuid?.() === 0 && /chrom/.test(program) ? ['--no-sandbox'] : [];
  spawn(program, [...asRoot, url], { stdio: 'ignore', detached: true }).unref();
  return true;
}

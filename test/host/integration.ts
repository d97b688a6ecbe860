/** What VS Code loads as `extensionTestsPath`: runs out/test/integration in the extension host with mocha. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import { outputMark } from './outputMark';

export async function run(): Promise<void> {
  markOutput();
  const folder = join(__dirname, '..', 'test', 'integration');
  const grep = process.env['MOXU_GREP'];
  const mocha = new Mocha({
    timeout: 120_000,
    reporter: join(__dirname, 'reporter.js'),
    color: process.env['FORCE_COLOR'] === '1',
    // As in stages.mjs.
    ...(grep ? { grep } : { forbidOnly: true, retries: 1 }),
  });
  for (const name of readdirSync(folder, { recursive: true }).map(String))
    if (name.endsWith('.test.js')) mocha.addFile(join(folder, name));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}

/** What mocha prints is told from what VS Code prints. (The console itself cannot be changed in its extension host.) */
function markOutput(): void {
  Mocha.reporters.Base.consoleLog = (...values: unknown[]) => console.log(outputMark + format(...values));
}

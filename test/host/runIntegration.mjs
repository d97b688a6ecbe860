// Runs test/integration inside VS Code: desktop VS Code where VSCODE_EXECUTABLE names one, else shim.ts.
import { runTests } from '@vscode/test-electron';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './steps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'moxu-workspace-'));
const desktop = process.env.VSCODE_EXECUTABLE;
try {
  process.exitCode = await runTests({
    vscodeExecutablePath: desktop ?? process.execPath,
    launchArgs: desktop ? [folder, '--disable-extensions'] : [join(root, 'out', 'host', 'shim.js'), folder],
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, 'out', 'host', 'integration.js'),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

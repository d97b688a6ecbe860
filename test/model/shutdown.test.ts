/**
 * What VS Code does when a window is closed in the middle of a text: it calls `deactivate`, which disposes the engine,
 * waits for it and ends the process. Were a run of ONNX Runtime still going on then, the process would abort.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** A process of its own, since what is looked at is how it ends. @param shutDown begins the engine's end, and waits for it */
const program = (engine: string, untilWhen: string, shutDown: string): string => `
  import { readFileSync } from 'node:fs';
  import { WorkerEngine } from './src/engine/workerEngine';

  async function main() {
    ${engine}
    const text = '我们沿着河边走了很久，谁也不说话。'.repeat(20);
    const prompt = { title: '春天', text, fromStart: true };
    const stream = engine.generate(prompt, { maxNewTokens: 100_000, minCharacters: 1_000_000 }, new AbortController().signal);
    let numPieces = 0;
    let answer = 'none';
    void (async () => {
      try {
        let next;
        while (!(next = await stream.next()).done) numPieces++;
        answer = next.value.finishReason;
      } catch ({ code }) {
        answer = code;
      }
    })();
    while (answer === 'none' && !(${untilWhen})) await new Promise((go) => setTimeout(go, 1));
    await ${shutDown};
    // What the answer sets off is done; nothing else has had the time.
    setImmediate(() => {
      console.log(answer);
      process.exit();
    });
  }

  void main();
`;

const engineAlone = `const engine = new WorkerEngine(${JSON.stringify(resolve('dist', 'worker.js'))}, 'models/builtin');`;

/** The extension as VS Code loads it. */
const extension = `
  const extension = require(${JSON.stringify(resolve('dist', 'extension.js'))});
  const kept = (_, otherwise) => otherwise;
  const { engine } = extension.activate({
    subscriptions: [],
    extension: { packageJSON: JSON.parse(readFileSync('package.json', 'utf8')) },
    asAbsolutePath: (file) => ${JSON.stringify(resolve('.'))} + '/' + file,
    ...{ globalState: { get: kept, update() {} }, workspaceState: { get: kept, update() {} } },
  });
`;

/**
 * What there is of VS Code without VS Code: whatever the extension takes of it, asks it, or makes with it, is this same
 * nothing, which is called, constructed, looked through and compared without complaint.
 */
const noVscode = (names: readonly string[]): string => `
  const known = { then: undefined, length: 0, get: (_, otherwise) => otherwise };
  const symbols = { [Symbol.iterator]: () => [].values(), [Symbol.toPrimitive]: () => '' };
  const nothing = new Proxy(function () {}, {
    get: (_, name) => (typeof name === 'symbol' ? symbols[name] : name in known ? known[name] : nothing),
    ...{ set: () => true, apply: () => nothing, construct: () => nothing },
  });
  for (const name of ${JSON.stringify(names)}) exports[name] = nothing;
`;

describe('shutting down', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-shutdown-'));
  after(() => rmSync(folder, { recursive: true }));

  async function assertEnds(contents: string, answer: string): Promise<void> {
    const outfile = join(folder, 'program.js');
    await build({
      stdin: { contents, resolveDir: resolve('.'), loader: 'ts' },
      ...{ bundle: true, platform: 'node', outfile, logLevel: 'warning', external: ['*/extension.js'] },
    });
    const options = { encoding: 'utf8', timeout: 120_000, env: { ...process.env, NODE_PATH: folder } } as const;
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [outfile], options);
    assert.deepEqual({ status, signal, stdout }, { status: 0, signal: null, stdout: `${answer}\n` }, stderr);
  }

  const moments = [
    ['while the model is loaded', `engine.state.kind === 'loading'`, 'disposed'],
    ['while the prompt is read', `engine.state.kind === 'ready'`, 'aborted'],
    ['in the middle of a text', `numPieces > 20`, 'aborted'],
  ] as const;
  for (const [when, untilWhen, answer] of moments)
    it(`${when} waits for what is being computed: the text is answered, and the process ends as it wants to`, () =>
      assertEnds(program(engineAlone, untilWhen, 'engine.dispose()'), answer));

  for (const [when, untilWhen, answer] of moments)
    it(`${when} the extension’s deactivate waits for it too`, () => {
      const used = readFileSync(join('dist', 'extension.js'), 'utf8').matchAll(/\bvscode_exports\.(\w+)/g);
      const names = new Set(Array.from(used, ([, name = '']) => name));
      assert.ok(names.has('workspace'), 'what it takes of VS Code is found in it');
      writeFileSync(join(folder, 'vscode.js'), noVscode([...names]));
      return assertEnds(program(extension, untilWhen, 'extension.deactivate()'), answer);
    });
});

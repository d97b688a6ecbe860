/**
 * What VS Code does when a window is closed in the middle of a text: it calls `deactivate`, which disposes the engine,
 * waits for it and ends the process. Were a run of ONNX Runtime still going on then, the process would abort.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** A process of its own, since what is looked at is how it ends. */
const program = (untilWhen: string): string => `
  import { WorkerEngine } from './src/engine/workerEngine';

  async function main() {
    const engine = new WorkerEngine(${JSON.stringify(resolve('dist', 'worker.js'))}, 'models/builtin');
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
    await engine.dispose();
    // What the answer sets off is done; nothing else has had the time.
    setImmediate(() => {
      console.log(answer);
      process.exit();
    });
  }

  void main();
`;

describe('shutting down', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moxu-shutdown-'));
  after(() => rmSync(folder, { recursive: true }));

  for (const [when, untilWhen, answer] of [
    ['while the model is loaded', `engine.state.kind === 'loading'`, 'disposed'],
    ['while the prompt is read', `engine.state.kind === 'ready'`, 'aborted'],
    ['in the middle of a text', `numPieces > 20`, 'aborted'],
  ] as const)
    it(`${when} waits for what is being computed: the text is answered, and the process ends as it wants to`, async () => {
      const outfile = join(folder, 'program.js');
      await build({
        stdin: { contents: program(untilWhen), resolveDir: resolve('.'), loader: 'ts' },
        ...{ bundle: true, platform: 'node', outfile, logLevel: 'warning' },
      });
      const options = { encoding: 'utf8', timeout: 120_000 } as const;
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, [outfile], options);
      assert.deepEqual({ status, signal, stdout }, { status: 0, signal: null, stdout: `${answer}\n` }, stderr);
    });
});

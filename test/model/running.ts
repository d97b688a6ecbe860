/** What the tests of the engine share: the built-in model in its thread, and a text to its end. */
import { resolve } from 'node:path';
import { WorkerEngine } from '../../src/engine/workerEngine';
import type { GenerateOptions } from '../../src/options';
import type { GenerateResult, Prompt } from '../../src/protocol';

export const modelDir = 'models/builtin';
export const newEngine = (dir = modelDir) => new WorkerEngine(resolve('dist/worker.js'), dir);
export const spring: Prompt = { title: '春天', text: '春天来了，', fromStart: true };
export const noSignal = new AbortController().signal;

interface Streamed {
  result: GenerateResult;
  deltas: string[];
}

export async function run(
  engine: WorkerEngine,
  options: Partial<GenerateOptions>,
  { prompt = spring, signal = noSignal, onDelta = (_: string): void => undefined } = {},
): Promise<Streamed> {
  const stream = engine.generate(prompt, options, signal);
  const deltas: string[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done) return { result: next.value, deltas };
    deltas.push(next.value.text);
    onDelta(next.value.text);
  }
}

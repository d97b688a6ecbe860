/**
 * The worker thread: a switch over requests and a queue that runs them one after the other. ONNX Runtime blocks its
 * thread while it runs, which is why it lives here, and ending the thread during a run would abort the whole process,
 * which is why nothing here or outside does: `dispose` lets the run in hand end first.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { firstWord } from '../context/acceptUnits';
import { EngineError, assertNever } from '../errors';
import { fillGap } from '../generation/fillGap';
import { generate, prefill } from '../generation/generate';
import { generateBatch } from '../generation/generateBatch';
import { encodePrompt } from '../generation/promptWindow';
import { identityOf } from '../manifest';
import type { EngineReply, EngineRequest, GenerateResult, TextDelta } from '../protocol';
import { contestants, findThreads, needsCalibration } from './calibrate';
import { openModel } from './modelFolder';
import type { OpenModel } from './modelFolder';
import { Session } from './session';

if (!parentPort) throw new EngineError('internal', 'worker.ts runs in a worker thread only');
const port = parentPort;

let model: OpenModel | null = null;
let queue = Promise.resolve();
const running = new Map<number, AbortController>();

port.on('message', (request: EngineRequest) => {
  switch (request.type) {
    case 'load':
      enqueue(request.requestId, () => load(request));
      break;
    case 'calibrate':
      enqueueAbortable(request.requestId, (signal) => calibrate(request.requestId, signal));
      break;
    case 'generate':
      enqueueAbortable(request.requestId, (signal) => stream(request, signal));
      break;
    case 'generateCandidates':
      enqueueAbortable(request.requestId, (signal) => writeCandidates(request, signal));
      break;
    case 'fillGap':
      enqueueAbortable(request.requestId, (signal) => fill(request, signal));
      break;
    case 'warm':
      enqueueAbortable(request.requestId, (signal) => warm(request, signal));
      break;
    case 'learn':
      enqueue(request.requestId, () => learn(request));
      break;
    case 'forget':
      enqueue(request.requestId, () => forget(request));
      break;
    case 'abort':
      running.get(request.requestId)?.abort();
      break;
    case 'dispose':
      for (const abort of running.values()) abort.abort();
      queue = queue.then(dispose);
      break;
    default:
      assertNever(request);
  }
});

function reply(message: EngineReply): void {
  port.postMessage(message);
}

function enqueue(requestId: number, job: () => Promise<void> | void): void {
  queue = queue
    .then(job)
    .catch((error: unknown) => {
      const { code, message } = EngineError.from(error);
      reply({ type: 'failed', requestId, code, message });
    })
    .finally(() => running.delete(requestId));
}

function enqueueAbortable(requestId: number, job: (signal: AbortSignal) => Promise<void>): void {
  const abort = new AbortController();
  running.set(requestId, abort);
  enqueue(requestId, () => job(abort.signal));
}

async function load({ requestId, modelDir, threads, device }: EngineRequest & { type: 'load' }): Promise<void> {
  const start = performance.now();
  await release();
  model = await openModel(modelDir, join(__dirname, 'dictionary.bin.br'), threads, device);
  const { name, numParameters, contextLength, quantization, vocabSize, licence, sampling } = model.manifest;
  reply({
    type: 'loaded',
    requestId,
    model: {
      ...{ name, numParameters, contextLength, quantization, vocabSize, licence, sampling },
      identity: identityOf(model.manifest),
      ...{ device: model.device, refusal: model.refusal },
      threads: model.threads,
      needsCalibration:
        threads === null && model.device === 'cpu' && needsCalibration(model.manifest, availableParallelism()),
      loadMs: performance.now() - start,
    },
  });
  // The first time in a process this takes 20 ms. From now on it does not, on the extension host either.
  firstWord('院子');
  model.healer?.prepare();
}

/** Loads the graph anew on the threads that turn out best; the tokenizer stays. */
async function calibrate(requestId: number, signal: AbortSignal): Promise<void> {
  const current = loadedModel();
  const { graphFile, manifest } = current;
  const threads = await findThreads(contestants(graphFile, manifest), availableParallelism(), signal);
  if (threads && !signal.aborted && !isDeepStrictEqual(threads, current.threads)) {
    const network = await Session.load(graphFile, manifest, threads);
    model = { ...current, network, threads };
    await current.network.release();
  }
  reply({ type: 'calibrated', requestId, threads: signal.aborted ? null : threads });
}

async function stream(
  { requestId, prompt, options }: EngineRequest & { type: 'generate' },
  signal: AbortSignal,
): Promise<void> {
  const model = loadedModel();
  const deltas = generate(model, encodePrompt(prompt, model), options, signal);
  let next: IteratorResult<TextDelta, GenerateResult>;
  while (!(next = await deltas.next()).done) reply({ type: 'delta', requestId, delta: next.value });
  reply({ type: 'finished', requestId, result: next.value });
}

async function writeCandidates(
  { requestId, prompt, options, seeds }: EngineRequest & { type: 'generateCandidates' },
  signal: AbortSignal,
): Promise<void> {
  const model = loadedModel();
  const candidates = await generateBatch(model, encodePrompt(prompt, model), options, seeds, signal);
  reply({ type: 'candidates', requestId, candidates });
}

async function fill(
  { requestId, prompt, suffix, options, seeds }: EngineRequest & { type: 'fillGap' },
  signal: AbortSignal,
): Promise<void> {
  const model = loadedModel();
  const gap = { before: prompt.text, prompt: encodePrompt(prompt, model), behind: suffix };
  reply({ type: 'filled', requestId, filling: await fillGap(model, gap, options, seeds, signal) });
}

async function warm({ requestId, prompt }: EngineRequest & { type: 'warm' }, signal: AbortSignal): Promise<void> {
  const model = loadedModel();
  if (!signal.aborted) await prefill(model, encodePrompt(prompt, model), signal);
  reply({ type: 'warmed', requestId });
}

/** Without a model there is nothing to learn with: the texts come again when there is one. */
function learn({ requestId, part }: EngineRequest & { type: 'learn' }): void {
  model?.learnt.learn(part);
  reply({ type: 'learnt', requestId });
}

function forget({ requestId, name }: EngineRequest & { type: 'forget' }): void {
  model?.learnt.forget(name);
  reply({ type: 'learnt', requestId });
}

function loadedModel(): OpenModel {
  if (!model) throw new EngineError('internal', 'generate before load');
  return model;
}

async function release(): Promise<void> {
  const old = model;
  model = null;
  await old?.network.release();
}

async function dispose(): Promise<void> {
  await release();
  reply({ type: 'disposed' });
  port.close();
}

/** The thread that converts, copies and verifies models: a switch over requests (`../conversion.ts`). */
import { parentPort } from 'node:worker_threads';
import type { ConversionProgress, ConversionReply, ConversionRequest } from '../conversion';
import { EngineError, assertNever } from '../errors';
import { buildModel } from './buildModel';
import { copyModel, verifyModel } from './copyModel';
import type { WriteOptions } from './onnx/writeModel';
import { recognise } from './recognise';

if (!parentPort) throw new EngineError('internal', 'thread.ts runs in a worker thread only');
const port = parentPort;

/** A notification is looked at, not read along. */
const progressIntervalMs = 100;

const running = new Map<number, AbortController>();

port.on('message', (request: ConversionRequest) => {
  const { requestId } = request;
  switch (request.type) {
    case 'recognise':
      void answer(requestId, () => ({ type: 'recognised', requestId, recognised: recognise(request.choice) }));
      break;
    case 'convert':
      void answer(requestId, async (options) => {
        await buildModel({ ...request.choice, ...options });
        return { type: 'written', requestId };
      });
      break;
    case 'copy':
      void answer(requestId, async (options) => {
        await copyModel(request.from, request.to, options);
        return { type: 'written', requestId };
      });
      break;
    case 'verify':
      void answer(requestId, async (options) => ({
        type: 'verified',
        requestId,
        damaged: await verifyModel(request.modelDir, options),
      }));
      break;
    case 'cancel':
      running.get(requestId)?.abort();
      break;
    default:
      assertNever(request);
  }
});

function reply(message: ConversionReply): void {
  port.postMessage(message);
}

async function answer(
  requestId: number,
  work: (options: WriteOptions) => ConversionReply | Promise<ConversionReply>,
): Promise<void> {
  const abort = new AbortController();
  running.set(requestId, abort);
  let postedAt = 0;
  const onProgress = (progress: ConversionProgress): void => {
    if (performance.now() - postedAt < progressIntervalMs && progress.writtenBytes < progress.totalBytes) return;
    postedAt = performance.now();
    reply({ type: 'progress', requestId, progress });
  };
  try {
    reply(await work({ onProgress, signal: abort.signal }));
  } catch (error) {
    const { code, message, subject, space, fault } = EngineError.from(error);
    const facts = { subject, space, fault };
    reply(
      abort.signal.aborted ? { type: 'cancelled', requestId } : { type: 'failed', requestId, code, message, facts },
    );
  } finally {
    running.delete(requestId);
  }
}

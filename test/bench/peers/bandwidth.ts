/**
 * How fast this machine reads memory: what no engine that reads all weights for each token can beat. Buffer.compare is
 * the C library's memcmp, with the processor's widest instructions; two equal buffers are read to their ends.
 */
import { Worker } from 'node:worker_threads';

const megabytes = 128;

const program = `
  const { parentPort } = require('node:worker_threads');
  const [a, b] = [1, 1].map((value) => Buffer.alloc(${megabytes} * 2 ** 20, value));
  parentPort.on('message', () => {
    const start = performance.now();
    a.compare(b);
    parentPort.postMessage((performance.now() - start) / 1000);
  });
  parentPort.postMessage(0);
`;

/** @returns bytes per second that so many threads read together; the best of some tries */
export async function readBandwidth(numThreads: number): Promise<number> {
  const workers = Array.from({ length: numThreads }, () => new Worker(program, { eval: true }));
  const answers = () =>
    Promise.all(workers.map((worker) => new Promise<number>((resolve) => worker.once('message', resolve))));
  await answers();
  let best = 0;
  for (let round = 0; round < 8; round++) {
    const seconds = answers();
    for (const worker of workers) worker.postMessage(null);
    best = Math.max(best, (numThreads * 2 * megabytes * 2 ** 20) / Math.max(...(await seconds)));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return best;
}

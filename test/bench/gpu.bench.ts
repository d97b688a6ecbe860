/**
 * Tokens per second on each provider there is, against the CPU, on models of CPM's shapes with random weights:
 * `npm run bench -- gpu [tiny|cpm-small|cpm-medium|cpm-large]… [--quantize int4] [--devices webgpu,cuda] [--software]`
 *
 * Each is measured as `auto` measures it (src/engine/deviceTrial.ts), in a process of its own: a step behind 96 tokens,
 * and how far the logits are from the CPU's. `--software` measures where only a program plays a GPU, too: it says that
 * the bench works, and nothing about GPUs.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildModel } from '../../src/builder/buildModel';
import { oneThread } from '../../src/engine/calibrate';
import type { Gpu } from '../../src/engine/deviceAdvice';
import { candidateDevices } from '../../src/engine/devices';
import { tryDevice } from '../../src/engine/deviceTrials';
import { manifestFile, type Quantization } from '../../src/manifest';
import { devices } from '../../src/protocol';
import type { Sizes } from '../unit/builder/tinyCheckpoint';
import { describeMachine } from './machine';
import { cpmSmall, randomCheckpoint } from './randomCheckpoint';

const folder = join('.cache', 'bench', 'gpu');

const shapes: Record<string, Sizes> = {
  tiny: { vocabSize: 1000, numPositions: 128, hiddenSize: 128, numLayers: 2, numHeads: 2 },
  'cpm-small': cpmSmall,
  'cpm-medium': { ...cpmSmall, hiddenSize: 1024, numLayers: 24, numHeads: 16 },
  'cpm-large': { ...cpmSmall, hiddenSize: 2560, numLayers: 32, numHeads: 32 },
};

async function measure(name: string, quantization: Quantization, gpus: readonly Gpu[], software: boolean) {
  const modelDir = resolve(folder, `${name}-${quantization}`);
  if (!existsSync(join(modelDir, manifestFile))) {
    const from = randomCheckpoint(folder, name, shapes[name] as Sizes);
    await buildModel({ from, to: modelDir, quantization });
  }
  for (const device of gpus) {
    const request = { modelDir, device, threads: oneThread };
    const signal = new AbortController().signal;
    const verdict = await tryDevice(resolve('dist/deviceTrial.js'), request, software ? 'tried' : 'refused', signal);
    const { refusal, figures, adapters } = verdict;
    const perSecond = (ms: number) => (1000 / ms).toFixed(1);
    const cells = figures
      ? [
          figures.float,
          perSecond(figures.msPerToken),
          perSecond(figures.cpuMsPerToken),
          figures.distance.toExponential(1),
        ]
      : [`not run: ${refusal?.why} ${refusal?.detail.split('\n')[0] ?? ''}`, '', '', ''];
    console.log(`| ${[name, quantization, device, adapters.join(', '), ...cells].join(' | ')} |`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      quantize: { type: 'string', default: 'int4' },
      devices: { type: 'string', default: candidateDevices(process.platform, process.arch).join(',') },
      software: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const names = positionals.length > 0 ? positionals : ['cpm-small', 'cpm-medium', 'cpm-large'];
  const unknown = names.find((name) => !Object.hasOwn(shapes, name));
  if (unknown !== undefined) throw new RangeError(`${unknown} is none of ${Object.keys(shapes).join(', ')}`);
  const gpus = values.devices
    .split(',')
    .filter((name): name is Gpu => name !== 'cpu' && devices.some((d) => d === name));
  mkdirSync(folder, { recursive: true });
  console.log(describeMachine());
  console.log('\n| shape | weights | device | adapters | float | tokens/s | CPU, one thread: tokens/s | distance |');
  console.log(`|${' --- |'.repeat(8)}`);
  for (const name of names) await measure(name, values.quantize as Quantization, gpus, values.software);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/** `npm run build:model`: a Hugging Face GPT-2 folder → a Moxu model folder. Nothing is written to stdout. */
import { parseArgs } from 'node:util';
import { buildModel, weightFormats, type BuildOptions } from '../builder/buildModel';
import { cacheFormats } from '../builder/cacheFormat';
import type { KvCacheType, Quantization } from '../manifest';

const quantizations = Object.keys(weightFormats) as Quantization[];
const caches = Object.keys(cacheFormats) as KvCacheType[];

const usage = `Usage: npm run build:model -- --from DIR --to DIR [--quantize ${quantizations.join('|')}] [--kv-cache ${caches.join('|')}] [--name NAME]

  --from      Hugging Face GPT-2 folder: config.json, model.safetensors, tokenizer.model
  --to        model folder to write; an existing one is replaced once the new one is complete
  --quantize  ${quantizations.join(', ')}; int8 by default, a quarter of the size of none
  --kv-cache  ${caches.join(' or ')}; by default what is faster for the model's size
  --name      the model's name; by default the folder's
`;

class UsageError extends Error {}

function options(args: string[]): BuildOptions | undefined {
  const text = { type: 'string' } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        from: text,
        to: text,
        quantize: text,
        'kv-cache': text,
        name: text,
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return undefined;
  const { from, to, quantize = 'int8', name } = values;
  if (from === undefined) throw new UsageError('--from is missing');
  if (to === undefined) throw new UsageError('--to is missing');
  const quantization = quantizations.find((known) => known === quantize);
  if (!quantization) throw new UsageError(`--quantize ${quantize} is not known`);
  const kvCache = caches.find((known) => known === values['kv-cache']);
  if (values['kv-cache'] !== undefined && !kvCache)
    throw new UsageError(`--kv-cache ${values['kv-cache']} is not known`);
  return { from, to, quantization, ...(kvCache && { kvCache }), ...(name !== undefined && { name }) };
}

async function main(): Promise<void> {
  const parsed = options(process.argv.slice(2));
  if (!parsed) {
    process.stderr.write(usage);
    return;
  }
  // Ctrl+C stops between two blocks of a tensor, so that the unfinished folder is removed.
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  const manifest = await buildModel({ ...parsed, onProgress: showProgress, signal: stop.signal });
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  process.stderr.write(`${parsed.to}: ${manifest.quantization}, ${(bytes / 1e6).toFixed(1)} MB\n`);
}

/** One line rewritten on a terminal; elsewhere silence, as logs are not made for that. */
function showProgress(written: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${written}/${total} tensors${written === total ? '\n' : ''}`);
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}`);
  else process.stderr.write(`Cannot build the model: ${error instanceof Error ? error.message : String(error)}\n`);
});

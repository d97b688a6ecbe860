/** `npm run build:model`: a checkpoint → a Moxu model folder. Nothing is written to stdout. */
import { parseArgs } from 'node:util';
import { buildModel } from '../builder/buildModel';
import { cacheFormats } from '../builder/cacheFormat';
import { recognise, weightFormats } from '../builder/recognise';
import type { CheckpointChoice, ConversionChoice, ConversionProgress, ModelSettings, Recognised } from '../conversion';
import { families, promptLayouts, tokenizerKinds } from '../manifest';
import type { KvCacheType, Quantization } from '../manifest';

const quantizations = Object.keys(weightFormats) as Quantization[];
const caches = Object.keys(cacheFormats) as KvCacheType[];

const usage = `Usage: npm run build:model -- --from DIR --to DIR [--quantize ${quantizations.join('|')}] [options]

  --from       folder of the checkpoint: config.json, model.safetensors or pytorch_model.bin (or shards with
               their index), or Megatron's mp_rank_NN_model_states.pt; the tokenizer's file
  --to         model folder to write; an existing one is replaced once the new one is complete
  --quantize   ${quantizations.join(', ')}; int8 by default, a quarter of the size of none
  --kv-cache   ${caches.join(', ')}; by default what is faster for the model's size; float32 with --quantize none
  --name       the model's name; by default the folder's
  --tokenizer  the tokenizer's file, where the folder has none: chinese_vocab.model or spiece.model

What the folder is recognised as is shown, and can be changed:
  --family     ${families.join(', ')}
  --variant    ${tokenizerKinds.join(', ')}
  --layout     ${promptLayouts.join(', ')}
  --context    usable window in tokens
  --end        ids of the tokens that end a text, with commas between; '' for none
  --show       only show it, convert nothing
`;

class UsageError extends Error {}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const given = { from: text, to: text, quantize: text, 'kv-cache': text, name: text, tokenizer: text };
const changes = { family: text, variant: text, layout: text, context: text, end: text };

type Arguments = Partial<Record<keyof typeof given | keyof typeof changes, string>> & {
  help?: boolean;
  show?: boolean;
};

function readArguments(args: string[]): Arguments {
  try {
    return parseArgs({ args, options: { ...given, ...changes, show: flag, help: { ...flag, short: 'h' } } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<T extends string>(name: string, known: readonly T[], value: string | undefined): T | undefined {
  const found = known.find((one) => one === value);
  if (value !== undefined && found === undefined) throw new UsageError(`--${name} ${value} is not known`);
  return found;
}

function count(name: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number))
    throw new UsageError(`--${name} ${value} is no whole number`);
  return number;
}

/** None in an empty list. */
const ids = (name: string, value: string): number[] =>
  value === '' ? [] : value.split(',').map((part) => count(name, part.trim()));

function checkpointChoice(values: Arguments): CheckpointChoice {
  const { from, tokenizer, context, end } = values;
  if (from === undefined) throw new UsageError('--from is missing');
  const family = oneOf('family', families, values.family);
  const variant = oneOf('variant', tokenizerKinds, values.variant);
  const promptLayout = oneOf('layout', promptLayouts, values.layout);
  const contextLength = context === undefined ? undefined : count('context', context);
  const settings: Partial<ModelSettings> = {
    ...(family && { family }),
    ...(variant && { tokenizer: variant }),
    ...(promptLayout && { promptLayout }),
    ...(contextLength !== undefined && { contextLength }),
    ...(end !== undefined && { endOfText: ids('end', end) }),
  };
  return { from, settings, ...(tokenizer !== undefined && { tokenizer }) };
}

function conversionChoice(values: Arguments): ConversionChoice {
  const { to, quantize = 'int8', name } = values;
  const choice = checkpointChoice(values);
  if (to === undefined) throw new UsageError('--to is missing');
  const quantization = oneOf('quantize', quantizations, quantize) ?? 'int8';
  const kvCache = oneOf('kv-cache', caches, values['kv-cache']);
  return { ...choice, to, quantization, ...(kvCache && { kvCache }), ...(name !== undefined && { name }) };
}

function shown({ settings, tokenizerFile, numParameters, numLayers, hiddenSize, bytes }: Recognised): string {
  const { family, tokenizer, promptLayout, contextLength, endOfText } = settings;
  const size = quantizations.map((name) => `${name} ${(bytes[name] / 1e6).toFixed(1)} MB`).join(', ');
  return [
    `${family}: ${numLayers} × ${hiddenSize}, ${(numParameters / 1e6).toFixed(1)}M parameters (${size})`,
    `tokenizer ${tokenizer} from ${tokenizerFile}`,
    `layout ${promptLayout}, window ${contextLength} tokens, text ends with ${endOfText.join(', ') || 'no token'}`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const values = readArguments(process.argv.slice(2));
  if (values.help) {
    process.stderr.write(usage);
    return;
  }
  const choice = values.show ? null : conversionChoice(values);
  process.stderr.write(shown(recognise(choice ?? checkpointChoice(values))));
  if (choice === null) return;
  // Ctrl+C stops between two blocks of a tensor, so that the unfinished folder is removed.
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  const manifest = await buildModel({ ...choice, onProgress: showProgress, signal: stop.signal });
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  process.stderr.write(`${choice.to}: ${manifest.quantization}, ${(bytes / 1e6).toFixed(1)} MB\n`);
}

/** One line rewritten on a terminal; elsewhere silence, as logs are not made for that. */
function showProgress({ writtenBytes, totalBytes, msLeft }: ConversionProgress): void {
  if (!process.stderr.isTTY) return;
  const done = `${(writtenBytes / 1e6).toFixed(0)} of ${(totalBytes / 1e6).toFixed(0)} MB`;
  const left = msLeft === null ? '' : `, ${Math.ceil(msLeft / 1000)} s left`;
  process.stderr.write(`\r\x1b[K${done}${left}${writtenBytes === totalBytes ? '\n' : ''}`);
}

main().catch((error: unknown) => {
  process.exitCode = 1;
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}`);
  else process.stderr.write(`Cannot build the model: ${error instanceof Error ? error.message : String(error)}\n`);
});

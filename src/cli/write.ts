/**
 * `npm run -s write -- --title 春天 [--prompt 开头] [--seed 1] [--max 200] [--model DIR]`: the engine in a terminal.
 * Nothing but the text goes to stdout, so that scripts can use it. Without -s npm puts two lines of its own before it;
 * a loglevel in .npmrc could keep them back, but with them what goes wrong in `npm ci`.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toModelText } from '../context/modelText';
import { WorkerEngine } from '../engine/workerEngine';
import type { GenerateOptions } from '../options';

const usage = `Usage: npm run -s write -- [options]
  --title TEXT        what the text is about
  --prompt TEXT       how it begins
  --max N             tokens at most (200)
  --seed N            same seed, same text (random)
  --temperature N     0 takes the likeliest token (1)
  --top-k N, --typical-p N, --top-p N, --min-p N, --repetition-penalty N
  --sampler-order LIST  order of these five (top-k,typical-p,top-p,min-p,temperature); what adjusts the logits,
                      bias, bans, penalties, DRY, no-repeat, is always before them: they measure what it leaves
  --model DIR         a model folder (the built-in one)`;

const root = join(__dirname, '..', '..');

function readArguments() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ title: text, prompt: text, model: text, max: text, seed: text, temperature: text },
      ...{ 'top-k': text, 'top-p': text, 'min-p': text, 'typical-p': text, 'repetition-penalty': text },
      'sampler-order': text,
      help: { type: 'boolean' },
    },
  });
  return values;
}

type Arguments = ReturnType<typeof readArguments>;

function optionsFrom(given: Arguments): Partial<GenerateOptions> {
  const numbers = {
    maxNewTokens: given.max,
    seed: given.seed ?? String(randomInt(2 ** 32)),
    temperature: given.temperature,
    topK: given['top-k'],
    typicalP: given['typical-p'],
    topP: given['top-p'],
    minP: given['min-p'],
    repetitionPenalty: given['repetition-penalty'],
  };
  const options: Partial<GenerateOptions> = {};
  for (const [name, value] of Object.entries(numbers))
    if (value !== undefined) options[name as keyof typeof numbers] = numberFrom(value);
  const order = given['sampler-order']?.split(',').map((name) => camelCase(name.trim()));
  // Names that are none are refused with the other options.
  return order === undefined ? options : { ...options, samplerOrder: order as GenerateOptions['samplerOrder'] };
}

/** What is no number stays as it is, so that the error can show it. */
function numberFrom(value: string): number {
  const number = value.trim() === '' ? NaN : Number(value);
  return Number.isNaN(number) ? (value as unknown as number) : number;
}

/** An option's name as its flag spells it → as `GenerateOptions` does. */
function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** npm has written to the file or pipe already; who reads it is to know how to be spared that. */
function warnOfBanner(): void {
  const { npm_lifecycle_event: script, npm_config_loglevel: level } = process.env;
  if (script !== 'write' || level === 'silent' || process.stdout.isTTY) return;
  process.stderr.write('npm’s own lines are on stdout too; without them: npm run -s write -- …\n');
}

async function write(given: Arguments): Promise<void> {
  const { title = '', prompt = '', model = join(root, 'models', 'builtin') } = given;
  const engine = new WorkerEngine(join(root, 'dist', 'worker.js'), model);
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  const faults: Error[] = [];
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe (`| head`) has had enough; that is no error. A full disk is one.
    if (error.code !== 'EPIPE') faults.push(error);
    abort.abort();
  });
  try {
    // Only with what follows it: what is wrong with an option or the model is to leave stdout empty.
    let unwritten = prompt;
    for await (const { text } of engine.generate(
      { title, text: toModelText(prompt), fromStart: true },
      optionsFrom(given),
      abort.signal,
    )) {
      process.stdout.write(unwritten + text);
      unwritten = '';
    }
    process.stdout.write(`${unwritten}\n`);
  } finally {
    await engine.dispose();
  }
  const [fault] = faults;
  if (fault) throw fault;
}

async function main(): Promise<void> {
  try {
    const given = readArguments();
    if (given.help) process.stderr.write(`${usage}\n`);
    else {
      warnOfBanner();
      await write(given);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    process.exitCode = 1;
  }
}

void main();

/**
 * Bits per character of a model folder on documents, by the definition of `models/recipe/evaluate.py`: the title and
 * the separator stay in front of every window, the text slides through the rest of it in steps of half.
 *
 *     npx esbuild test/model/builderBitsPerCharacter.ts --bundle --platform=node --external:onnxruntime-node \
 *       --outfile=out/bitsPerCharacter.js
 *     node out/bitsPerCharacter.js --model models/builtin --data FILE.jsonl [--chunk 64] [--documents 20]
 *
 * `--chunk`: tokens in one run, as the engine prefills; a quantised graph has one activation scale for each run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Graph } from '../../src/engine/graph';
import { KvCache } from '../../src/engine/kvCache';
import { manifestFile, parseManifest, type Manifest } from '../../src/manifest';
import { createTokenizer } from '../../src/tokenizer/createTokenizer';

const maxTitleTokens = 48;

/** Every token of `body` is a counted target exactly once; the last id of a window is a target only. */
function* windows(head: number[], body: number[], size: number): Generator<{ tokenIds: number[]; skip: number }> {
  const room = size + 1 - head.length;
  const half = Math.floor(room / 2);
  for (let done = 0; done < body.length;) {
    const start = done ? Math.max(0, done - (room - half)) : 0;
    const end = Math.min(body.length, start + room);
    yield { tokenIds: [...head, ...body.slice(start, end)], skip: head.length - 1 + done - start };
    done = end;
  }
}

/** −ln of the probability of `target` */
function surprise(logits: Float32Array, target: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
  return Math.log(sum) + max - (logits[target] as number);
}

interface Model {
  graph: Graph;
  manifest: Manifest;
}

async function nats({ graph, manifest }: Model, tokenIds: number[], skip: number, chunk: number): Promise<number> {
  const { vocabSize } = manifest;
  const cache = new KvCache(manifest);
  let sum = 0;
  for (let start = 0; start < tokenIds.length - 1; start += chunk) {
    const ids = tokenIds.slice(start, Math.min(start + chunk, tokenIds.length - 1));
    const logits = await graph.run(cache, ids, start, 0);
    for (let i = Math.max(0, skip - start); i < ids.length; i++)
      sum += surprise(logits.subarray(i * vocabSize, (i + 1) * vocabSize), tokenIds[start + i + 1] as number);
  }
  return sum;
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { model: text, data: text, chunk: text, documents: text } });
  const { model, data, chunk = '64', documents = 'Infinity' } = values;
  if (!model || !data) throw new Error('--model and --data are needed');
  const manifest = parseManifest(readFileSync(join(model, manifestFile), 'utf8'));
  const graph = await Graph.load(join(model, 'model.onnx'), { numThreads: 1, spinning: false });
  const { tokenizer: kind, specialTokens, contextLength } = manifest;
  const tokenizer = await createTokenizer(kind.kind, readFileSync(join(model, kind.file)));
  const lines = readFileSync(data, 'utf8').trim().split('\n').slice(0, Number(documents));
  const started = performance.now();
  const total = { nats: 0, characters: 0, tokens: 0 };
  for (const line of lines) {
    const document = JSON.parse(line) as { title?: string; text: string };
    const head = tokenizer.encode(document.title ?? '').slice(0, maxTitleTokens);
    if (specialTokens.separator !== null) head.push(specialTokens.separator);
    const body = tokenizer.encode(document.text);
    for (const { tokenIds, skip } of windows(head, body, contextLength))
      total.nats += await nats({ graph, manifest }, tokenIds, skip, Number(chunk));
    total.characters += Array.from(document.text).length;
    total.tokens += body.length;
  }
  const bits = total.nats / Math.LN2 / total.characters;
  console.log(
    `${bits.toFixed(4)} bits/char  ${total.characters} characters, ${total.tokens} tokens, ${lines.length} documents,`,
    `window ${contextLength}, chunk ${chunk}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/** What is needed of a byte-level BPE `tokenizer.json`; the rest of it is the library's business. */
import { EngineError } from '../errors';

export interface ByteBpeFile {
  model: { type: 'BPE'; vocab: Record<string, number>; merges: (string | string[])[] };
  added_tokens: { id: number; content: string; special: boolean }[];
}

/** Far beyond any vocabulary; what is indexed by ids must fit into memory. */
const largestId = 1 << 24;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** @throws EngineError 'model-invalid' when it is of another kind or damaged. */
export function parseByteBpeFile(bytes: Uint8Array): ByteBpeFile {
  type File = Partial<ByteBpeFile> & { decoder?: { type?: unknown; decoders?: { type?: unknown }[] } | null };
  let file: File | null;
  try {
    file = JSON.parse(new TextDecoder().decode(bytes)) as File | null;
  } catch (cause) {
    throw new EngineError('model-invalid', 'tokenizer.json: not valid JSON', { cause });
  }
  const { model, decoder, added_tokens = [] } = file ?? {};
  const decoders = [decoder, ...(decoder?.decoders ?? [])].map((one) => one?.type);
  // The oldest files, as GPT-2's own, do not say what they are: only BPE has merges.
  const isBpe = isObject(model?.vocab) && Array.isArray(model?.merges) && [undefined, 'BPE'].includes(model.type);
  if (!isBpe || !decoders.includes('ByteLevel') || !Array.isArray(added_tokens))
    throw new EngineError('model-invalid', 'tokenizer.json: only byte-level BPE is supported');
  const ids: unknown[] = [
    ...Object.values(model.vocab),
    ...added_tokens.map((token: { id?: unknown } | null) => token?.id),
  ];
  const wrong = ids.findIndex((id) => !Number.isSafeInteger(id) || (id as number) < 0 || (id as number) > largestId);
  if (wrong >= 0) throw new EngineError('model-invalid', `tokenizer.json: ${String(ids[wrong])} is not a token id`);
  return { ...file, model: { ...model, type: 'BPE' }, added_tokens };
}

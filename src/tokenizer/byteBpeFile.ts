/** What is needed of a byte-level BPE `tokenizer.json`; the rest of it is the library's business. */
import { EngineError } from '../errors';

export interface ByteBpeFile {
  model: { type: 'BPE'; vocab: Record<string, number>; merges: (string | string[])[] };
  added_tokens: { id: number; content: string; special: boolean }[];
}

/** @throws EngineError 'model-invalid' when it is of another kind or damaged. */
export function parseByteBpeFile(bytes: Uint8Array): ByteBpeFile {
  let file: Partial<ByteBpeFile> & { decoder?: { type?: unknown; decoders?: { type?: unknown }[] } | null };
  try {
    file = JSON.parse(new TextDecoder().decode(bytes)) as typeof file;
  } catch (cause) {
    throw new EngineError('model-invalid', 'tokenizer.json: not valid JSON', { cause });
  }
  const { model, decoder, added_tokens = [] } = file;
  const decoders = [decoder, ...(decoder?.decoders ?? [])].map((one) => one?.type);
  const isByteBpe = model?.type === 'BPE' && decoders.includes('ByteLevel');
  if (!isByteBpe || typeof model.vocab !== 'object' || !Array.isArray(model.merges) || !Array.isArray(added_tokens))
    throw new EngineError('model-invalid', 'tokenizer.json: only byte-level BPE is supported');
  return { ...file, model, added_tokens };
}

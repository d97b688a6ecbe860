/** What a `tokenizer.json` holds: every kind of tokenizer is saved under this name, and transformers 5 saves nothing else. */
interface TokenizerJson {
  model?: { type?: unknown; vocab?: unknown; merges?: unknown; continuing_subword_prefix?: unknown } | null;
  normalizer?: { lowercase?: unknown } | null;
}

/** SentencePiece's Unigram without its normaliser's tables cuts text otherwise: such a file is no tokenizer to us. */
export function isUnigram(json: unknown): boolean {
  const { model } = asFile(json);
  return model?.type === 'Unigram' || Array.isArray(model?.vocab);
}

/** BERT's, by type or, in old files, by its lack of merges. */
export function isWordPiece(json: unknown): boolean {
  const { model } = asFile(json);
  return (
    model?.type === 'WordPiece' ||
    (model?.type === undefined && model?.continuing_subword_prefix === '##' && !model.merges)
  );
}

/**
 * The `vocab.txt` that a BERT vocabulary is saved as elsewhere.
 * @returns undefined where ids do not follow each other, or a token cannot stand on a line
 */
export function wordPieceLines(json: unknown): string | undefined {
  const { vocab } = asFile(json).model ?? {};
  if (typeof vocab !== 'object' || vocab === null) return undefined;
  const tokens: string[] = [];
  const entries = Object.entries(vocab);
  for (const [token, id] of entries) {
    if (!Number.isSafeInteger(id) || id < 0 || id >= entries.length || /[\r\n]/.test(token)) return undefined;
    tokens[id as number] = token;
  }
  return Object.keys(tokens).length === entries.length ? `${tokens.join('\n')}\n` : undefined;
}

export function lowerCases(json: unknown): boolean {
  return asFile(json).normalizer?.lowercase !== false;
}

function asFile(json: unknown): TokenizerJson {
  return typeof json === 'object' && json !== null ? json : {};
}

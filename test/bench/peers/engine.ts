/** What the bench asks of each engine: the same ids, the same number back. */

/** A text in an engine's cache. */
export interface PeerText {
  /** Takes a token in. @returns the most probable next one */
  step(id: number): Promise<number>;
  /** Forgets what `step` took in. */
  rewind(): Promise<void>;
}

export interface PeerEngine {
  /** @param ids whose first no earlier call began with, so that nothing is cached @returns the most probable next token */
  prefill(ids: readonly number[]): Promise<number>;
  open(ids: readonly number[]): Promise<PeerText>;
}

/** An engine's code is loaded. */
export interface PeerLibrary {
  /** Loads a model until it can compute. */
  load(model: string, numThreads: number): Promise<PeerEngine>;
}

export function indexOfLargest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[best] as number)) best = i;
  return best;
}

/** The loop for several continuations of one prompt at once: the weights are read once for all of them. */
import { setImmediate } from 'node:timers/promises';
import type { GenerateOptions } from '../options';
import type { CandidateResult, CandidateSeed, TextDelta } from '../protocol';
import { Continuation } from './continuation';
import type { LanguageModel, LoadedModel } from './generate';
import type { EncodedPrompt } from './promptWindow';

export type BatchLanguageModel = LanguageModel & Required<Pick<LanguageModel, 'logitsAfterEach'>>;

/**
 * Continues `prompt` once for each seed; results are in the order of the seeds. Each is what `generate` gives for that
 * seed, as far as the network gives the same logits for a row alone and among others: a float32 graph does to rounding,
 * while DynamicQuantizeMatMul has one activation scale for all rows of a run, so that with int8 weights logits differ by
 * a few thousandths and a token now and then. What is typed is spelt as it is drawn, without going back (respelling.ts), so
 * that the rows stay of one length. Aborting ends all of them early, without an error.
 */
export async function generateBatch(
  model: LoadedModel & { network: BatchLanguageModel },
  prompt: EncodedPrompt,
  options: Omit<GenerateOptions, 'seed'>,
  seeds: readonly CandidateSeed[],
  signal: AbortSignal,
): Promise<CandidateResult[]> {
  const candidates = seeds.map((seed) => {
    const drawn = seed === null ? { ...options, temperature: 0, seed: 0 } : { ...options, seed };
    const deltas: TextDelta[] = [];
    return { seed, continuation: new Continuation(model, prompt, drawn), deltas };
  });
  for (;;) {
    const running = candidates.filter(({ continuation }) => continuation.finishReason === null);
    if (running.length === 0) break;
    await setImmediate(); // lets an abort arrive, see generate.ts
    // All have come equally far, so their windows hop together and are of one length.
    const windows = running.map(({ continuation }) => continuation.window());
    const logits = signal.aborted ? null : await model.network.logitsAfterEach(windows, signal);
    if (logits === null) break;
    running.forEach(({ continuation, deltas }, row) => {
      const delta = continuation.step(logits[row] as Float32Array);
      if (delta) deltas.push(delta);
    });
  }
  return candidates.map(({ seed, continuation, deltas }) => {
    const rest = continuation.end();
    if (rest) deltas.push(rest);
    const logProb = deltas.reduce((sum, delta) => sum + delta.logProb, 0);
    return { seed, deltas, logProb, ...continuation.result() };
  });
}

/**
 * jieba's hidden Markov model (`jieba/finalseg`): each character of a run begins a word (B), is inside (M), ends one (E)
 * or is one (S); Viterbi finds the most probable sequence. A tie goes to the state whose letter is later in the alphabet,
 * as Python's `max` over (probability, letter) decides: characters the model never saw make ties common.
 */
import type { JiebaDictionary } from './jiebaDictionary';

const B = 0;
const M = 1;
const E = 2;
const S = 3;

/** The two states that can come before each, the one with the later letter first. */
const before = [
  [S, E], // B
  [M, B], // M
  [M, B], // E
  [S, E], // S
] as const;

/** Appends the words of `run`, Han characters only, to `words`. */
export function tagWords(run: string, hmm: JiebaDictionary['hmm'], words: string[]): void {
  const { start, transition, row, emission } = hmm;
  const size = run.length;
  const previous = new Uint8Array(size * 4); // [position, state] → state before
  let scores = new Float64Array(4); // [state], of the best sequence up to here
  let next = new Float64Array(4);
  for (let at = 0; at < size; at++) {
    const emissions = (row[run.charCodeAt(at)] as number) * 4;
    for (let state = 0; state < 4; state++) {
      const emitted = emission[emissions + state] as number;
      if (at === 0) {
        next[state] = (start[state] as number) + emitted;
        continue;
      }
      const [later, earlier] = before[state] as (typeof before)[number];
      const laterScore = (scores[later] as number) + (transition[later * 4 + state] as number) + emitted;
      const earlierScore = (scores[earlier] as number) + (transition[earlier * 4 + state] as number) + emitted;
      const laterWins = laterScore >= earlierScore;
      next[state] = laterWins ? laterScore : earlierScore;
      previous[at * 4 + state] = laterWins ? later : earlier;
    }
    [scores, next] = [next, scores];
  }

  const states = new Uint8Array(size);
  let state = (scores[S] as number) >= (scores[E] as number) ? S : E;
  for (let at = size - 1; at >= 0; at--) {
    states[at] = state;
    state = previous[at * 4 + state] as number;
  }
  let begin = 0;
  let done = 0;
  for (let at = 0; at < size; at++) {
    if (states[at] === B) begin = at;
    else if (states[at] === E) words.push(run.slice(begin, (done = at + 1)));
    else if (states[at] === S) words.push(run.slice(at, (done = at + 1)));
  }
  if (done < size) words.push(run.slice(done));
}

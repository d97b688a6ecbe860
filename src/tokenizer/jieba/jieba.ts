/**
 * `jieba.cut(text, cut_all=False, HMM=True)` of Python's jieba 0.42.1, word for word.
 *
 * 1. The text is cut into blocks of Han, Latin letters, digits and `+#&._%-`; everything else stands alone.
 * 2. In a block, the most probable path through the dictionary's words, from right to left; ties go to the longer word.
 * 3. Runs of single characters on that path go to the hidden Markov model, which finds words the dictionary lacks.
 *
 * Ours rather than a package: those in npm follow another regular expression in step 3 ("500-100" comes out whole) and
 * lack a word, so that a CPM model would get other ids than it was trained with; and they are native or 4 MB of wasm.
 */
import { tagWords } from './hiddenMarkov';
import type { JiebaDictionary } from './jiebaDictionary';
import { WordSearch } from './sortedWords';

const block = /[\u4E00-\u9FD5a-zA-Z0-9+#&._%-]+/g;
const aloneInOther = /\r\n|[^]/gu;
const hanRun = /[\u4E00-\u9FD5]+|[^\u4E00-\u9FD5]+/g;
const isHan = /^[\u4E00-\u9FD5]/;
/** English words, numbers, percentages; what lies between them is kept as it is. */
const latinOrNumber = /[a-zA-Z0-9]+(?:\.\d+)?%?/g;

export class JiebaSegmenter {
  private readonly search: WordSearch;

  constructor(private readonly dictionary: JiebaDictionary) {
    this.search = new WordSearch(dictionary.words);
  }

  /** Words whose concatenation is `text`. */
  cut(text: string): string[] {
    const words: string[] = [];
    let end = 0;
    for (const match of text.matchAll(block)) {
      this.cutOther(text.slice(end, match.index), words);
      this.cutBlock(match[0], words);
      end = match.index + match[0].length;
    }
    this.cutOther(text.slice(end), words);
    return words;
  }

  private cutOther(text: string, words: string[]): void {
    for (const [alone] of text.matchAll(aloneInOther)) words.push(alone);
  }

  private cutBlock(text: string, words: string[]): void {
    const ends = this.bestPath(text);
    let singles = 0; // where the current run of single characters began
    let at = 0;
    while (at < text.length) {
      const end = ends[at] as number;
      if (end - at > 1) {
        this.cutSingles(text.slice(singles, at), words);
        words.push(text.slice(at, end));
        singles = end;
      }
      at = end;
    }
    this.cutSingles(text.slice(singles), words);
  }

  /** [start] → end of the best word that begins there. */
  private bestPath(text: string): Int32Array {
    const { frequencies, logFrequencies, logTotal } = this.dictionary;
    const { search } = this;
    const size = text.length;
    const best = new Float64Array(size + 1); // log probability of text[start, size)
    const ends = new Int32Array(size);
    for (let start = size - 1; start >= 0; start--) {
      let found = false;
      let bestHere = -Infinity;
      search.restart();
      for (let end = start + 1; end <= size && search.step(text.charCodeAt(end - 1)); end++) {
        const { word } = search;
        if (word < 0) continue;
        found = true;
        const score = (logFrequencies[frequencies[word] as number] as number) - logTotal + (best[end] as number);
        if (score >= bestHere) {
          bestHere = score;
          ends[start] = end;
        }
      }
      if (!found) {
        bestHere = -logTotal + (best[start + 1] as number);
        ends[start] = start + 1;
      }
      best[start] = bestHere;
    }
    return ends;
  }

  /** Characters that the dictionary left alone; a run that is itself a word stays cut into characters. */
  private cutSingles(run: string, words: string[]): void {
    if (run.length === 0) return;
    if (run.length === 1) {
      words.push(run);
    } else if (this.isWord(run)) {
      words.push(...run.split(''));
    } else {
      for (const [part] of run.matchAll(hanRun)) {
        if (isHan.test(part)) tagWords(part, this.dictionary.hmm, words);
        else cutLatin(part, words);
      }
    }
  }

  private isWord(text: string): boolean {
    const { search } = this;
    search.restart();
    for (let at = 0; at < text.length; at++) if (!search.step(text.charCodeAt(at))) return false;
    return search.word >= 0;
  }
}

function cutLatin(text: string, words: string[]): void {
  let end = 0;
  for (const match of text.matchAll(latinOrNumber)) {
    if (match.index > end) words.push(text.slice(end, match.index));
    words.push(match[0]);
    end = match.index + match[0].length;
  }
  if (end < text.length) words.push(text.slice(end));
}

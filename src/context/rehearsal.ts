/**
 * What a key sets going, done beforehand with a text that nobody sees. What is done for the first time takes ten times as
 * long: functions and regular expressions are compiled, tables of Unicode and a dictionary of words are looked for. At the
 * first key all of that would come at once; here it comes piece by piece, while nobody writes.
 */
import { resolveOptions } from '../options';
import { unitEnds } from './acceptUnits';
import { characterCount } from './characterCount';
import { copyLimit } from './copiedText';
import { gapSuffix } from './gapChoice';
import { defaultGhostSettings, GhostBuilder, ghostOptions } from './ghost';
import { GhostFate } from './ghostFate';
import { atClauseEnd } from './ghostFilters';
import { ImeGate } from './imeGate';
import { isChinese } from './modelText';
import { BlockIndex } from './style/blockIndex';
import { documentStyle } from './style/documentStyle';
import { beginsBlock, isProse } from './style/markdown';
import { toModelForm } from './style/modelForm';
import { paragraphStyle } from './style/paragraphs';
import { sameScript } from './style/script';
import { addCounts, countStyle } from './style/styleCounts';
import { StyleStream, inStyle } from './style/styleWriter';
import { SuggestionTrie } from './suggestionTrie';
import { TextMirror } from './textMirror';
import { titleAndBody } from './title';
import { goesAlong } from './typedAlong';

interface Words {
  title: string;
  indent: string;
  line: string;
  /** Goes on with the line. */
  suggestion: string;
  /** Two pieces of a word, which a ghost is cut within, so that words are told apart. */
  word: readonly [string, string];
}

/** V8 compiles a pattern once for texts in Latin letters alone, of which its strings have a form of their own, and once for others. */
const texts: readonly Words[] = [
  {
    title: '雨后',
    indent: '\u3000\u3000',
    line: '雨停了，他用 VS Code 写下：“院子里的石榴(3 棵)开了。”',
    suggestion: '起 GPT-2，“也许……明天”。',
    word: ['院', '子'],
  },
  {
    title: 'Rain',
    indent: '  ',
    line: 'After the rain he wrote in VS Code: "In the yard (it has 3 trees), a #1 opened."',
    suggestion: ' that GPT-2, "perhaps... tomorrow".',
    word: [' yar', 'ds'],
  },
];

/** As many as V8 needs to hold a function for one worth compiling. */
export const rehearsalRounds = 10;

/** It gives way at each yield. */
export function* rehearsal(): Generator<void, void> {
  for (let round = 0; round < rehearsalRounds; round++)
    for (const words of texts)
      for (const step of steps(words)) {
        step();
        yield;
      }
}

function steps({ title, indent, line, suggestion, word }: Words): (() => void)[] {
  const before = `${line}\n\n- ${line}\n\n${indent}${line}`;
  const blocks = [line, '', `- ${line}`, `> ${line}`, '```', line, '```', '$$', line, '$$', `<!-- ${line} -->`];
  const style = { ...documentStyle(countStyle(''), ''), spaced: true, digitsSpaced: true };
  const document = { document: 'rehearsal', title, prefix: before, suffix: '' };
  const trie = new SuggestionTrie();
  const gate = new ImeGate();
  const place = { style, script: sameScript, before, modelBefore: before, modelBehind: '' };
  const stream = new StyleStream(place);
  const builder = new GhostBuilder('', { confidenceFloor: 0.4, maxTokens: 24 }, before);
  const fate = new GhostFate([suggestion], -Infinity);
  const above = { block: 'text', text: line, endsParagraph: true, isInList: false } as const;
  return [
    () => titleAndBody([`# ${title}`, line], `${title}.md`, true),
    () => titleAndBody(['---', `title: ${title}`, '---', line], '', true),
    () => titleAndBody([line, '', line], `${title}.md`, true),
    () => countStyle(before),
    () => documentStyle(addCounts(countStyle(line), countStyle(title)), ''),
    () => toModelForm(before, style, true, String),
    () => toModelForm(before, { ...style, halfWidth: '，', quotes: 'straight' }, true, String),
    () => isChinese(title, before, ''),
    () => new BlockIndex().read(0, blocks),
    () => isProse(line, line.length, above),
    () => isProse(`- ${line}`, line.length, above),
    () => gate.edit([{ rangeOffset: 1, rangeLength: 0, text: '雨' }], 0),
    () => gate.edit([{ rangeOffset: 2, rangeLength: 0, text: 'y' }], 0),
    () => gate.edit([{ rangeOffset: 2, rangeLength: 1, text: "yu'hou" }], 0),
    () => new TextMirror(0, before).follow([{ rangeOffset: 1, rangeLength: 0, text: '雨' }]),
    () => trie.find(document),
    () => gapSuffix(line),
    () => resolveOptions(ghostOptions(defaultGhostSettings)),
    () => copyLimit(before, line, 0),
    ...Array.from(suggestion, (text) => () => {
      builder.push({ text, logProb: -0.1, numTokens: 1 });
      stream.push(text);
    }),
    () => builder.push({ text: word[0], logProb: -0.1, numTokens: 1 }),
    () => builder.push({ text: word[1], logProb: -100, numTokens: 1 }),
    // Of what makes the result the longest: patterns that are compiled.
    () => atClauseEnd(line),
    () => unitEnds('', line),
    () => unitEnds(suggestion, line),
    () => builder.result(),
    () => stream.end(true),
    () => inStyle(suggestion, place),
    () => beginsBlock(suggestion),
    () => trie.add(document, suggestion),
    () => trie.find({ ...document, prefix: before + suggestion.slice(0, 2) }),
    () => goesAlong(suggestion.charAt(0), suggestion, false),
    () => fate.isStillSaid(suggestion),
    () => fate.follow(suggestion.charAt(0)),
    () => fate.end(0),
    () => characterCount(before),
    () => paragraphStyle(before, true, '\n'),
  ];
}

/**
 * What 字数 costs the extension host: counting a document that was opened, an edit in it, and everything selected.
 * The document is a string, as VS Code's own work is not ours. `npm run bench -- characters`
 */
import { CharacterTally } from '../../src/context/characterTally';
import { describeMachine, percentile } from './machine';

const sentence = '院子里有一棵老槐树，夏天的傍晚，一家人搬了竹椅坐在树下乘凉，我用 VS Code 写这些事。';
const edits = 500;

const shapes = { 'many lines': '\n', 'one line': '' };

console.log(describeMachine());
console.log(
  '\n| document | first count, in all | its longest step | an edit: p50 | p99 | longest | all selected: p99 |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const length of [1000, 100_000, 1_000_000])
  for (const [shape, end] of Object.entries(shapes)) measure(length, shape, end);

function measure(length: number, shape: string, end: string): void {
  let text = (sentence + end).repeat(length / sentence.length).slice(0, length);
  const tally = new CharacterTally(text.length, (from, to) => text.slice(from, to));
  const steps: number[] = [];
  const time = (work: () => unknown): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  while (tally.total() === null) steps.push(time(() => tally.countBlock()));
  const [edited, selected]: [number[], number[]] = [[], []];
  for (let i = 0; i < edits; i++) {
    const at = Math.floor((text.length * ((i * 0.618) % 1)) % text.length);
    // One piece again: joining pieces is the document's work.
    text = Buffer.from(`${text.slice(0, at)}雨${text.slice(at)}`, 'utf16le').toString('utf16le');
    edited.push(
      time(() => {
        tally.edit([{ rangeOffset: at, rangeLength: 0, text: '雨' }]);
        while (tally.countBlock());
        tally.total();
      }),
    );
    selected.push(time(() => tally.between(1, text.length - 1)));
  }
  const ms = (value: number): string => `${value.toFixed(3)} ms`;
  const row = [
    `${length.toLocaleString('en')} characters, ${shape}`,
    ms(steps.reduce((sum, step) => sum + step, 0)),
    ms(Math.max(...steps)),
    ms(percentile(edited, 0.5)),
    ms(percentile(edited, 0.99)),
    ms(Math.max(...edited)),
    ms(percentile(selected, 0.99)),
  ];
  console.log(`| ${row.join(' | ')} |`);
}

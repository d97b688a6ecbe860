/**
 * A text streams into a document, and another in its place, while the writer types, moves, deletes, undoes and saves as
 * chance has it. The characters
 * tell who wrote them, so that each edit can be looked at: the document has to become what the writer's own edits make of
 * it, plus ours.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { seededRandom } from '../../src/generation/random';
import { openFile } from './editing';
import { scripted } from './scripted';

const runs = 30;
const edits = 9;
const text = '甲乙丙丁\n戊己庚辛\n\n壬癸子丑';
const pieces = ['雨', '落在瓦上', '天', '亮了', '山水有光', '雨', '落在瓦上'];
/** What 换一个 puts in its place. */
const otherPieces = ['山水', '天', '有光', '落在山', '瓦上'];
const anyOfOurs = /[雨落在瓦上天亮了山水有光]/g;
const ours = (from: string): string => from.match(anyOfOurs)?.join('') ?? '';
const writers = (from: string): string => from.replace(anyOfOurs, '');
/** The writer types each of these once in a run. */
const mark = (index: number): string => String.fromCodePoint(0x2460 + index);

/** Follows the edits of a document, one by one. */
class Witness {
  /** What the writer's own edits make of the text. */
  own = text;
  /** Ours was undone, deleted, or edited where it was being written. */
  isDisturbed = false;
  /** 换一个 takes ours away once, and nothing of the writer's. */
  isExchange = false;
  readonly faults: string[] = [];
  private whole = text;

  /** @param place where ours begins */
  constructor(private place: number) {}

  follow({ contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    let taken = '';
    for (const { rangeOffset, rangeLength, text: inserted } of contentChanges) {
      const before = this.whole.slice(0, rangeOffset);
      const removed = this.whole.slice(rangeOffset, rangeOffset + rangeLength);
      const behind = this.whole.slice(rangeOffset + rangeLength);
      taken += removed;
      const isOurs = reason === undefined && ours(inserted) !== '';
      const mayTake = this.isExchange && writers(removed) === '';
      if (isOurs && ((removed !== '' && !mayTake) || writers(inserted) !== ''))
        this.faults.push(`“${inserted}” took “${removed}”`);
      if (isOurs) this.isExchange = false;
      if (!isOurs && (ours(removed) !== '' || this.touchesEnd(rangeOffset, rangeLength))) this.isDisturbed = true;
      if (rangeOffset + rangeLength <= this.place && !isOurs) this.place += inserted.length - rangeLength;
      const at = writers(before).length;
      this.own = this.own.slice(0, at) + writers(inserted) + this.own.slice(at + writers(removed).length);
      this.whole = before + inserted + behind;
    }
    if (reason === undefined) return;
    this.isDisturbed = true;
    if (ours(taken) !== '' && writers(taken) !== '') this.faults.push(`one undo took “${taken}”`);
  }

  private touchesEnd(offset: number, length: number): boolean {
    const last = [...this.whole.matchAll(anyOfOurs)].at(-1)?.index;
    const end = last === undefined ? this.place : last + 1;
    return offset <= end && offset + length >= end;
  }
}

describe('streamed text, whatever the writer does meanwhile', () => {
  const configuration = vscode.workspace.getConfiguration();
  const settings = { 'files.autoSave': 'off', 'moxu.ghostText.enabled': false };
  const set = async (isOn: boolean) => {
    for (const [key, value] of Object.entries(settings))
      await configuration.update(key, isOn ? value : undefined, vscode.ConfigurationTarget.Global);
  };
  before(() => set(true));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await set(false);
  });

  it(`${runs} times`, async () => {
    const editor = await openFile(text);
    for (let seed = 0; seed < runs; seed++) await check(editor, seed);
  });

  async function check(editor: vscode.TextEditor, seed: number): Promise<void> {
    const { document } = editor;
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const command = (name: string, argument?: unknown) => vscode.commands.executeCommand(name, argument);
    const goTo = (offset: number) => {
      const position = document.positionAt(offset);
      editor.selection = new vscode.Selection(position, position);
    };
    let typed = 0;
    const type = () => command('type', { text: mark(typed++) });
    const moves = ['cursorLeft', 'cursorRight', 'cursorUp', 'cursorDown', 'cursorTop', 'cursorBottom'];
    const acts: (() => unknown)[] = [
      ...[type, type, type, () => document.save()],
      () => command(moves[below(moves.length)] ?? ''),
      () => goTo(below(document.getText().length + 1)),
      () => command('deleteLeft'),
      () => command('undo'),
    ];
    // A third of the writers stay at the beginning and only type and save there: nothing of ours may be missing then.
    const isCalm = seed % 3 === 0;
    const start = isCalm ? text.length : below(text.length + 1);
    const witness = new Witness(start);
    const following = vscode.workspace.onDidChangeTextDocument((change) => {
      if (change.document === document) witness.follow(change);
    });
    goTo(start);
    const streamed = async (name: string, text: readonly string[]) => {
      const script = text.flatMap((piece) => [piece, () => sleep(below(15))]);
      const finished = scripted(script, () => command(name));
      if (isCalm) await command('cursorTop');
      for (let i = 0; i < edits; i++) {
        await sleep(below(30));
        await acts[below(isCalm ? 4 : acts.length)]?.();
      }
      await finished;
    };
    await streamed('moxu.continue', pieces);
    const told = `with seed ${seed}`;
    // Of each three writers one wants another text, calm or not.
    const isExchanged = seed % 6 < 2;
    if (isExchanged) {
      if (isCalm) assert.equal(ours(document.getText()), pieces.join(''), told);
      witness.isExchange = true;
      await streamed('moxu.another', otherPieces);
    }
    const result = document.getText();
    assert.deepEqual(witness.faults, [], told);
    assert.equal(writers(result), witness.own, told);
    if (isCalm) assert.ok(!witness.isDisturbed, told);
    if (isCalm) assert.equal(ours(result), (isExchanged ? otherPieces : pieces).join(''), told);
    else if (!witness.isDisturbed && !isExchanged) assert.equal(ours(result), pieces.join(''), told);
    for (let last = result; document.getText() !== text; last = document.getText()) {
      await command('undo');
      assert.notEqual(document.getText(), last, `undo ended before everything was taken back, ${told}`);
    }
    following.dispose();
    assert.deepEqual(witness.faults, [], told);
  }
});

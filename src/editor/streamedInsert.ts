/**
 * Text that streams into a document as one undo step, while the writer may type elsewhere, switch tabs or save.
 *
 * Edits go through a visible editor, which alone can join them into one undo step; while the document is hidden the text
 * waits; if it is hidden to the end, the rest becomes an undo step of its own. The latest piece is always held back, so
 * that the edit that closes the undo step has something to insert.
 *
 * The limit of the one undo step: VS Code closes it when the cursor is moved by a key or a click, and when the document is
 * saved. Each of these costs one step more, if text comes after it. Nothing that an extension can do opens a step again or
 * joins two; only undoing them and inserting the whole would, and `undo` cannot be told which version it is meant for: it
 * would take back a character that the writer has typed a moment before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { TrackedRange, withLineEnds } from '../context/trackedRange';
import type { LineEnd } from '../context/trackedRange';
import { cursorSettlesMs, cursorsIn, leaveSelections } from './cursors';
import { FollowedView } from './followedView';
import { editHidden, isReadOnlyBy } from './hiddenEdit';
import { lineEndOf } from './lineEnds';
import { isOpen } from './openDocument';
import { lengthSavedOf } from './savedDocument';

export type InsertOutcome = 'done' | 'takenOver' | 'closed' | 'refused';

/** To the eye the text flows; and each edit keeps VS Code, and the other extensions that follow the document, at work. */
const editIntervalMs = 30;

/** Edits that fail because the document changed meanwhile are tried again; one that fails for no visible reason is not. */
const maxRefusals = 3;

/** Saving trims before or after it tells of itself; other participants, as a formatter, may come between. */
const saveTellsMs = 1000;

const tabMovesMs = 200;

interface OwnEdit {
  offset: number;
  length: number;
  text: string;
  /** Told with the edit: its document is read-only. */
  isReadOnly?: boolean;
}

export class StreamedInsert implements vscode.Disposable {
  readonly range: TrackedRange;
  /** Somebody else has changed what was written already. */
  isEdited = false;
  private pending: string[] = [];
  /** Text to be replaced by the first edit, so that undo brings it back. */
  private replaced: string;
  private stepOpen = false;
  private refusals = 0;
  private ours: OwnEdit | null = null;
  /** Runs when a line break has come to stand behind ours. */
  private cursorTimer: NodeJS.Timeout | undefined;
  private isSaving = false;
  private eol: LineEnd;
  /** Our end was trimmed, or the document is clean, and it shows in a moment whether saving did that. */
  private unsaved: Promise<void> | null = null;
  /** As was last heard. */
  private isDirty = false;
  private readonly saves = new vscode.EventEmitter<void>();
  /** Through which the text was last written; of several that show the document its view alone follows the text. */
  private editor: vscode.TextEditor | undefined;
  /** A file as which the document is saved has no tab before it is saved. */
  private hasTab = true;
  /** Some of it was written while its document was visible. */
  private isInSight = false;
  private readonly view = new FollowedView(() => this.document.positionAt(this.range.end));
  private ended: InsertOutcome | null = null;
  private pumping: Promise<void> = Promise.resolve();
  private readonly stopped = new vscode.EventEmitter<InsertOutcome>();
  private readonly subscriptions: vscode.Disposable[];

  /** The writer took over, or the text can no longer be inserted: generating more is of no use. */
  readonly onDidStop = this.stopped.event;

  constructor(
    private written: vscode.TextDocument,
    offset: number,
    replaced = '',
  ) {
    this.eol = lineEndOf(written);
    this.range = new TrackedRange(offset, replaced.length);
    this.replaced = replaced;
    this.subscriptions = [
      this.stopped,
      this.saves,
      this.view,
      vscode.workspace.onDidChangeTextDocument((change) => this.follow(change)),
      vscode.workspace.onWillSaveTextDocument(({ document }) => this.hearOfSave(document, true)),
      vscode.workspace.onDidSaveTextDocument((document) => this.hearOfSave(document, false)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.pump(false)),
    ];
  }

  dispose(): void {
    clearTimeout(this.cursorTimer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Where it is written: the file as which the document is saved meanwhile, instead of it. */
  get document(): vscode.TextDocument {
    return this.written;
  }

  append(text: string): void {
    if (text !== '') this.pending.push(text);
    this.pump(false);
  }

  /** Inserts what is left and closes the undo step. */
  async finish(): Promise<InsertOutcome> {
    this.pump(true);
    await this.pumping;
    return this.ended ?? 'done';
  }

  /** What could not be inserted. */
  get rest(): string {
    return this.range.trimmed + this.pending.join('');
  }

  private pump(last: boolean): void {
    this.pumping = this.pumping.then(async () => {
      while (!this.ended && (this.pending.length > (last ? 0 : 1) || (last && this.range.trimmed !== ''))) {
        if (!(await this.write(last))) break;
        if (!last) await sleep(editIntervalMs);
      }
    });
  }

  /** @returns whether to go on; false while the document is hidden. */
  private async write(last: boolean): Promise<boolean> {
    await this.unsaved;
    if (this.ended) return false;
    const { document, replaced } = this;
    this.hasTab ||= isOpen(document);
    // An edit would open its tab again. Where it is moved to another group, it is nowhere for a moment.
    if (this.hasTab && !isOpen(document)) {
      await sleep(tabMovesMs);
      if (!isOpen(this.document)) return this.end('closed');
      return true;
    }
    if (document.isClosed) return this.end('closed');
    const editor = (this.editor = this.findEditor());
    if (!editor && !last) return false;
    const pieces = this.pending.splice(0, last ? this.pending.length : this.pending.length - 1);
    const text = withLineEnds(this.range.trimmed + pieces.join(''), this.eol);
    const { version } = document;
    const ours: OwnEdit = { offset: this.range.end, length: replaced.length, text };
    this.ours = ours;
    const place = new vscode.Range(
      document.positionAt(this.range.end),
      document.positionAt(this.range.end + replaced.length),
    );
    const applied = await (editor ? this.editVisible(editor, place, text, last) : editHidden(document, place, text));
    const isHeardOf = this.ours !== ours;
    this.ours = null;
    const hasMoved = document !== this.document;
    // VS Code says that it has edited a read-only document, and has not.
    if (hasMoved ? isHeardOf : applied && document.version !== version) {
      if (!editor && ours.isReadOnly) return this.takeBack(place, text);
      this.replaced = '';
      this.refusals = 0;
      this.stepOpen = !hasMoved;
      return true;
    }
    this.pending.unshift(...pieces);
    if (!hasMoved && document.version === version && ++this.refusals >= maxRefusals) return this.end('refused');
    return true;
  }

  /** Where the text began, while that is visible; the writer may have gone to another view of the document meanwhile. */
  private findEditor(): vscode.TextEditor | undefined {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    const editors = visibleTextEditors.filter(({ document }) => document === this.document);
    const wanted = [this.editor, activeTextEditor].find((editor) => editor && editors.includes(editor));
    return wanted ?? editors[0];
  }

  private editVisible(editor: vscode.TextEditor, place: vscode.Range, text: string, last: boolean): Thenable<boolean> {
    if (this.range.start === this.range.end) leaveSelections(this.document, place);
    const atEnd = editor.selection.isEmpty && editor.selection.active.isEqual(place.end);
    const isSeen = !this.isInSight || this.view.sees(editor, place.end);
    this.isInSight = true;
    const edited = editor.edit((builder) => builder.replace(place, text), {
      undoStopBefore: !this.stepOpen,
      undoStopAfter: last,
    });
    return edited.then(
      (applied) => {
        // Only a cursor that moves along with the text asks to be kept in view, and only while the writer looks there.
        if (applied && atEnd && isSeen) this.view.send(editor);
        return applied;
      },
      () => false, // the editor was closed meanwhile
    );
  }

  /** It would be there for the eye only, and lost with the tab. */
  private async takeBack(place: vscode.Range, text: string): Promise<false> {
    this.range.takeBack(text);
    this.end('refused');
    const { document, replaced } = this;
    const end = document.positionAt(document.offsetAt(place.start) + text.length);
    await editHidden(document, place.with({ end }), replaced);
    return false;
  }

  private follow(event: vscode.TextDocumentChangeEvent): void {
    const { document, contentChanges, reason } = event;
    if (document !== this.document) return;
    this.followDirt(document.isDirty);
    if (lineEndOf(document) !== this.eol) {
      this.changeLineEnds();
      return;
    }
    for (const change of contentChanges) {
      const { ours } = this;
      if (ours?.offset === change.rangeOffset && ours.length === change.rangeLength && ours.text === change.text) {
        this.range.grow(change.text);
        ours.isReadOnly = isReadOnlyBy(event);
        this.ours = null;
        continue;
      }
      // Somebody else's edit: it closes our undo step, so that undoing one never takes the other along.
      this.stepOpen = false;
      const touch = this.range.follow(change);
      if (touch === 'inside') this.isEdited = true;
      if (touch === 'atEnd' || (touch === 'trim' && reason !== undefined)) this.end('takenOver');
      if (touch === 'trim') this.awaitSaveFirst();
      if (touch === 'break') this.cursorTimer = setTimeout(() => this.lookForCursor(), cursorSettlesMs);
    }
  }

  /** VS Code tells of it as of a new text in place of all. */
  private changeLineEnds(): void {
    this.eol = lineEndOf(this.document);
    this.range.changeLineEnds(this.document.getText(), this.eol);
    this.replaced = withLineEnds(this.replaced, this.eol);
    this.stepOpen = false;
  }

  /** In the file as which the document is saved. What was written meanwhile is not there, and is written again. */
  private goOnIn(saved: vscode.TextDocument): void {
    const { document } = this;
    const length = lengthSavedOf(document, this.range, saved);
    if (length === null) return;
    const { start, end } = this.range;
    this.range.takeBack(document.getText().slice(start + length, end));
    this.written = saved;
    this.hasTab = false;
    this.stepOpen = false;
  }

  /**
   * Who reverts the document, or closes it without saving, throws the text away. VS Code does not say so, and takes it back
   * when an edit of ours comes in between. But the document is clean for a moment, though nobody has saved it.
   */
  private followDirt(isDirty: boolean): void {
    if (this.isDirty && !isDirty) this.awaitSaveFirst();
    this.isDirty = isDirty;
  }

  private hearOfSave(document: vscode.TextDocument, isSaving: boolean): void {
    // When its saving begins VS Code still has the old document as it was; edited after that, it would be one more to save.
    this.goOnIn(document);
    if (document !== this.document) return;
    this.isSaving = isSaving;
    if (!isSaving) this.isDirty = false;
    this.saves.fire();
  }

  private awaitSaveFirst(): void {
    this.unsaved ??= this.awaitSave().finally(() => (this.unsaved = null));
  }

  /** Text goes on behind what saving has left; who deletes or reverts takes over. */
  private async awaitSave(): Promise<void> {
    if (this.isSaving) return;
    const told = new Promise<boolean>((tell) => this.saves.event(() => tell(true)));
    if (!(await Promise.race([told, sleep(saveTellsMs, false)]))) this.end('takenOver');
  }

  /** It was Enter if the cursor went along; saving leaves the cursor where it was. */
  private lookForCursor(): void {
    const isBehind = (cursor: vscode.Position) => this.document.offsetAt(cursor) > this.range.end;
    if (cursorsIn(this.document).some(isBehind)) this.end('takenOver');
  }

  private end(outcome: InsertOutcome): false {
    if (!this.ended) {
      this.ended = outcome;
      this.stopped.fire(outcome);
    }
    return false;
  }
}

/**
 * Sees what becomes of the ghosts, with what VS Code lets an extension see: which it was given, that one was accepted
 * whole, and each edit. Whether it showed what it was given it does not say; what was not gone at once counts as shown.
 * Its own “accept word” is none of these either, and counts as typing.
 */
import * as vscode from 'vscode';
import { typedLength } from '../../context/brackets';
import { characterCount } from '../../context/characterCount';
import { ofEnding } from '../../context/figures';
import { GhostFate } from '../../context/ghostFate';
import { Survivors } from '../../context/survivors';
import { TextMirror } from '../../context/textMirror';
import type { TextChange } from '../../context/trackedRange';
import type { Compositions } from '../compositions';
import type { FiguresStore } from './figuresStore';

/** VS Code runs it after a ghost was accepted whole. */
const acceptedCommand = 'moxu.ghostAccepted';

/** How long after the edit VS Code may run it. A busy extension host can be asked for the next ghost before that. */
const acceptedWithinMs = 1000;

/** Nobody types so much at once, and a suggestion is shorter. */
const longestEdit = 500;

interface Witnessed {
  id: number;
  document: vscode.TextDocument;
  /** What stands where it begins. Read off the edits: reading a very long line of the document after each would copy it. */
  written: TextMirror;
  fate: GhostFate;
}

/** All of it stands in the document: by hand, if VS Code does not say otherwise yet. */
interface Complete {
  ghost: Witnessed;
  timer: NodeJS.Timeout;
}

/** A piece that was accepted, until it is looked at again. */
interface Accepted {
  document: vscode.TextDocument;
  survivors: Survivors;
  /** 字 */
  characters: number;
  timer: NodeJS.Timeout;
}

export class GhostWitness implements vscode.Disposable {
  /** When an accepted piece is looked at again. */
  checkAfterMs = 60_000;
  private ghost: Witnessed | null = null;
  private complete: Complete | null = null;
  private ghosts = 0;
  private readonly accepted = new Set<Accepted>();
  private readonly subscriptions: vscode.Disposable[];

  /** @param compositions must have been made before: it hears of an edit first */
  constructor(
    private readonly store: Pick<FiguresStore, 'add' | 'onErase'>,
    private readonly compositions: Compositions,
    private readonly isOn: () => boolean,
    private readonly onAccept: () => void,
  ) {
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument((change) => this.edited(change)),
      store.onErase(() => this.forget()),
      vscode.workspace.onDidCloseTextDocument((document) => this.closed(document)),
      vscode.commands.registerCommand(acceptedCommand, (id: unknown) => {
        if (id === this.ghost?.id) this.acceptedEdit();
        else if (id === this.complete?.ghost.id) this.acceptedBefore();
      }),
    ];
  }

  dispose(): void {
    this.conclude();
    this.settle();
    this.forget();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /**
   * These are given to VS Code, the first to be shown.
   * @returns the command that it is to run when it accepts one; undefined when nothing is counted
   */
  offered(
    document: vscode.TextDocument,
    position: vscode.Position,
    ghosts: readonly string[],
  ): vscode.Command | undefined {
    if (!this.isOn()) {
      this.ghost = null;
      return undefined;
    }
    const offset = document.offsetAt(position);
    if (!this.isStillShown(document, offset, ghosts[0] ?? '')) {
      this.conclude();
      const fate = new GhostFate(ghosts, performance.now());
      this.ghost = { id: ++this.ghosts, document, written: new TextMirror(offset, ''), fate };
    }
    return { command: acceptedCommand, title: '', arguments: [this.ghosts] };
  }

  /** The latest edit was made by accepting, whole or in part. */
  acceptedEdit(): void {
    if (!this.ghost) return;
    this.accept(this.ghost);
    if (this.ghost.fate.isOver) this.conclude();
  }

  /** The ghost before the one of which VS Code has asked meanwhile was accepted. */
  private acceptedBefore(): void {
    if (this.complete) this.accept(this.complete.ghost);
    this.settle();
  }

  private accept({ document, written, fate }: Witnessed): void {
    this.onAccept();
    const text = fate.accept();
    if (text !== '') this.watch(document, written.start + fate.length - text.length, text);
  }

  private isStillShown(document: vscode.TextDocument, offset: number, ghost: string): boolean {
    const { ghost: before } = this;
    if (before?.document !== document || before.written.start + before.fate.length !== offset) return false;
    return before.fate.isStillSaid(ghost);
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    for (const { document: other, survivors } of this.accepted)
      if (other === document) for (const change of contentChanges) survivors.follow(change);
    const { ghost } = this;
    const [change] = contentChanges;
    if (!change || ghost?.document !== document) return;
    const { written, fate } = ghost;
    const { start, end } = written;
    const isElsewhere = change.rangeOffset < start || change.rangeOffset > end;
    if (contentChanges.length > 1 || !follow(written, change)) {
      this.conclude();
      return;
    }
    // What is composed may become what is suggested.
    if (isElsewhere || this.compositions.isOpen(document)) return;
    const length = change.rangeOffset + typedLength(change.text) - start;
    if (length > longestEdit || !fate.follow(written.text.slice(0, length))) this.conclude();
  }

  private conclude(): void {
    const { ghost } = this;
    this.ghost = null;
    if (!ghost) return;
    this.settle();
    if (ghost.fate.isOver || !ghost.fate.isComplete) this.count(ghost);
    else this.complete = { ghost, timer: setTimeout(() => this.settle(), acceptedWithinMs) };
  }

  private settle(): void {
    const { complete } = this;
    this.complete = null;
    if (!complete) return;
    clearTimeout(complete.timer);
    this.count(complete.ghost);
  }

  private count({ fate }: Witnessed): void {
    const ending = fate.end(performance.now());
    if (ending && this.isOn()) this.store.add(ofEnding(ending));
  }

  private watch(document: vscode.TextDocument, offset: number, text: string): void {
    const survivors = new Survivors(offset, text.length);
    const timer = setTimeout(() => this.check(piece), this.checkAfterMs);
    const piece: Accepted = { document, survivors, characters: characterCount(text).all, timer };
    this.accepted.add(piece);
  }

  private check(piece: Accepted): void {
    this.accepted.delete(piece);
    if (!this.isOn()) return;
    const { document, survivors, characters } = piece;
    const at = (offset: number): vscode.Position => document.positionAt(offset);
    const left = survivors.left.map(({ start, end }) => document.getText(new vscode.Range(at(start), at(end))));
    // A word that was cut in two would count as two.
    const charactersKept = Math.min(characters, characterCount(left.join('')).all);
    this.store.add({ checked: 1, kept: survivors.isWhole ? 1 : 0, charactersChecked: characters, charactersKept });
  }

  /** What happens to its text now cannot be seen. */
  private closed(document: vscode.TextDocument): void {
    if (this.ghost?.document === document) this.conclude();
    for (const piece of this.accepted) if (piece.document === document) this.drop(piece);
  }

  private forget(): void {
    this.ghost = null;
    clearTimeout(this.complete?.timer);
    this.complete = null;
    for (const piece of this.accepted) this.drop(piece);
  }

  private drop(piece: Accepted): void {
    clearTimeout(piece.timer);
    this.accepted.delete(piece);
  }
}

/** @returns false where the edit reaches over the beginning */
function follow(written: TextMirror, change: TextChange): boolean {
  if (written.follow([change])) return true;
  const from = change.rangeOffset - written.start;
  if (from < 0) return false;
  // What stood behind it, as a bracket that is typed over.
  written.text = written.text.slice(0, from) + change.text;
  return true;
}

/**
 * Which texts the engine learns the writer's words from, and when: the open documents and the workspace's text files, a
 * small part at a time, each after the one before was taken, so that a request never waits for more than one part.
 * It is all in memory: what is learnt ends with the engine's thread, and all texts are read again when there is another.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { textParts } from '../../context/textParts';
import type { Engine } from '../../engine/engine';
import { EngineError } from '../../errors';
import type { Compositions } from '../compositions';
import type { DocumentStyles } from '../documentStyles';
import type { DocumentText } from '../documentText';
import { maxCharacters, proseDocuments } from '../ghostText';
import { ownWordsEnabled, ownWordsFromWorkspace } from '../settings';
import { documentLines } from './documentLines';
import { Erasure } from './erasure';
import { WorkspaceTexts, readText } from './workspaceTexts';

/** So long after an edit its document is learnt anew: what is just being written is in the prompt anyway. */
const editMs = 4000;
/** Characters at the beginning that tell how a text is written. */
const sampleLength = 4000;
/** Between two parts: learning is never what keeps a processor busy. */
const pauseMs = 20;

interface ReadText {
  lines: Iterable<string>;
  sample: string;
  isMarkdown: boolean;
}

export class OwnWords implements vscode.Disposable {
  /** URIs of the texts that are to be learnt, in this order. */
  private readonly due = new Set<string>();
  private readonly edited = new Map<string, NodeJS.Timeout>();
  private readonly workspace: WorkspaceTexts;
  private readonly subscriptions: vscode.Disposable[];
  private readonly erasure: Erasure;
  private active: vscode.TextDocument | undefined;
  private isLearning = false;
  /** How often files are being chosen just now. */
  private choosing = 0;
  /** How often everything was forgotten: what was begun before is not gone on with. */
  private forgotten = 0;
  private isDisposed = false;

  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly styles: DocumentStyles,
    private readonly compositions: Compositions,
    /** The workspace's. */
    state: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.erasure = new Erasure(state);
    this.workspace = new WorkspaceTexts(
      (uri) => {
        this.erasure.edited(uri);
        this.add(uri);
      },
      (uri) => this.closed(uri),
      () => void this.addWorkspace(),
    );
    this.subscriptions = [
      this.workspace,
      this.erasure,
      vscode.workspace.onDidOpenTextDocument(({ uri }) => {
        this.erasure.opened(uri);
        this.add(uri);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.closed(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0 || vscode.languages.match(proseDocuments, document) === 0) return;
        this.erasure.edited(document.uri);
        this.addLater(document.uri);
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.activated(editor?.document)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.addAll()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('moxu.ownWords')) void this.restart();
      }),
      // A model that was just loaded has learnt nothing.
      { dispose: engine.onStateChange(({ kind }) => kind === 'ready' && this.addAll()) },
    ];
    this.activated(vscode.window.activeTextEditor?.document);
    this.addAll();
  }

  /** For tests: whether nothing is left to learn. */
  get isUpToDate(): boolean {
    return this.due.size === 0 && this.edited.size === 0 && !this.isLearning && this.choosing === 0;
  }

  /** Erases all that was learnt. A text is learnt anew when it is opened or edited, not because the window is. */
  async forget(): Promise<void> {
    const erased = this.erasure.erase();
    await this.drop();
    await erased;
  }

  dispose(): void {
    this.isDisposed = true;
    for (const timer of this.edited.values()) clearTimeout(timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async restart(): Promise<void> {
    await this.drop();
    this.addAll();
  }

  private async drop(): Promise<void> {
    this.forgotten++;
    this.due.clear();
    for (const timer of this.edited.values()) clearTimeout(timer);
    this.edited.clear();
    await this.engine.forget(null).catch((error: unknown) => this.failed(error));
  }

  private addAll(): void {
    for (const { uri } of vscode.workspace.textDocuments) this.add(uri);
    void this.addWorkspace();
  }

  /** The files first that the writer has not open: what is learnt last is kept longest. */
  private async addWorkspace(): Promise<void> {
    if (this.engine.state.kind !== 'ready' || !ownWordsFromWorkspace()) return;
    const { forgotten } = this;
    this.choosing++;
    try {
      for (const uri of await this.workspace.choose()) if (forgotten === this.forgotten) this.add(uri);
    } catch (error) {
      this.failed(error);
    } finally {
      this.choosing--;
    }
  }

  private add(uri: vscode.Uri): void {
    const name = uri.toString();
    if (this.engine.state.kind !== 'ready' || this.isDisposed) return;
    this.due.add(name);
    if (!this.isLearning) void this.learnDue();
  }

  /** Edits that follow do not put it off: who writes on and on would never be learnt from. */
  private addLater(uri: vscode.Uri): void {
    const name = uri.toString();
    if (this.edited.has(name)) return;
    const learn = () => {
      this.edited.delete(name);
      if (!this.isComposed(name)) this.add(uri);
    };
    this.edited.set(name, setTimeout(learn, editMs));
  }

  /** The text around the cursor is not learnt, so the document that was left is learnt anew. */
  private activated(document: vscode.TextDocument | undefined): void {
    if (!document || document === this.active) return;
    if (this.active && !this.active.isClosed) this.addLater(this.active.uri);
    this.active = document;
    this.addLater(document.uri);
  }

  private closed(uri: vscode.Uri): void {
    const name = uri.toString();
    clearTimeout(this.edited.get(name));
    this.edited.delete(name);
    this.add(uri); // a file is read again, what is gone is forgotten
  }

  private async learnDue(): Promise<void> {
    this.isLearning = true;
    try {
      for (const name of this.due) {
        this.due.delete(name);
        await this.learn(name);
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.isLearning = false;
    }
  }

  private async learn(name: string): Promise<void> {
    const { forgotten } = this;
    const isOver = () => this.isDisposed || forgotten !== this.forgotten || this.isComposed(name);
    if (await this.erasure.covers(vscode.Uri.parse(name))) return;
    const text = await this.read(name);
    const toModel = text && (await this.styles.ofText(text.sample, text.isMarkdown));
    const parts = textParts(text?.lines ?? []);
    let next = parts.next();
    if (next.done && !isOver()) await this.engine.forget(name);
    for (let isFirst = true; !next.done && toModel; isFirst = false) {
      const part = await toModel(next.value);
      next = parts.next();
      if (isOver()) return;
      await this.engine.learn({ name, text: part, isFirst, isLast: next.done === true });
      await sleep(pauseMs);
    }
  }

  /** @returns null where there is nothing that we may learn from */
  private async read(name: string): Promise<ReadText | null> {
    const document = vscode.workspace.textDocuments.find(({ uri, isClosed }) => uri.toString() === name && !isClosed);
    if (document) {
      if (!isLearnable(document)) return null;
      const lines = documentLines(document, this.cursorIn(document));
      const sample = document.getText(new vscode.Range(new vscode.Position(0, 0), document.positionAt(sampleLength)));
      return { lines, sample, isMarkdown: document.languageId === 'markdown' };
    }
    const uri = vscode.Uri.parse(name);
    if (!this.workspace.has(uri) || !ownWordsFromWorkspace() || !ownWordsEnabled(uri)) return null;
    const text = await readText(uri);
    if (text === null) return null;
    return {
      lines: text.split(/\r\n?|\n/),
      sample: text.slice(0, sampleLength),
      isMarkdown: !uri.path.endsWith('.txt'),
    };
  }

  /** What an input method composes there is not the writer's yet; the edit that ends it has the document learnt anew. */
  private isComposed(name: string): boolean {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === name);
    return document !== undefined && this.compositions.isOpen(document);
  }

  private cursorIn(document: vscode.TextDocument): { position: vscode.Position; promptLength: number } | null {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document !== document) return null;
    const position = editor.selection.active;
    const { before } = this.documentText.at(document, position, maxCharacters(this.engine));
    return { position, promptLength: before.length };
  }

  /** The status bar shows an engine that fails, and the next one learns everything anew. */
  private failed(error: unknown): void {
    this.log.error(EngineError.from(error));
  }
}

/** Texts that a writer writes; not what git, an output or a diff shows. */
function isLearnable(document: vscode.TextDocument): boolean {
  const isOwn = document.isUntitled || vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) === true;
  return isOwn && vscode.languages.match(proseDocuments, document) > 0 && ownWordsEnabled(document.uri);
}

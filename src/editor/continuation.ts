/** 续写: the model goes on writing at the cursor. One run at a time; it can be stopped, undone and exchanged. */
import { randomInt } from 'node:crypto';
import * as vscode from 'vscode';
import { characterCount } from '../context/characterCount';
import { tokensFor } from '../context/stopIndex';
import { ParagraphWriter } from '../context/style/paragraphs';
import { StyleStream } from '../context/style/styleWriter';
import type { TrackedRange } from '../context/trackedRange';
import type { Engine } from '../engine/engine';
import type { Sampling } from '../manifest';
import type { GenerateOptions } from '../options';
import { presetOptions } from '../presets';
import type { DocumentStyles } from './documentStyles';
import type { DocumentText } from './documentText';
import { maxCharacters } from './ghostText';
import { paced } from './paced';
import { showProblem } from './problem';
import { withProgress } from './progress';
import { continuationSettings } from './settings';
import { StreamedInsert } from './streamedInsert';
import type { InsertOutcome } from './streamedInsert';

const writingContext = 'moxu.writing';

/** Each report is sent to the window and painted there. */
const reportIntervalMs = 100;

/** The engine writes one text after the other: behind an article 续写 would wait for minutes, and say that it writes. */
export interface ArticleInHand {
  readonly isWriting: boolean;
  stop(): void;
}

/** What 换一个 needs to know about the run before. */
interface Written {
  document: vscode.TextDocument;
  range: TrackedRange;
  /** null where the writer has changed it while it was being written: what is theirs must not be replaced. */
  text: string | null;
  /** What stood there before; undo brings it back. */
  replaced: string;
}

export class Continuation implements vscode.Disposable {
  private running: AbortController | null = null;
  private last: Written | null = null;
  private readonly stopButton = vscode.window.createStatusBarItem('moxu.stop', vscode.StatusBarAlignment.Right, 101);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly styles: DocumentStyles,
    private readonly articleInHand: () => ArticleInHand,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.stopButton.name = vscode.l10n.t('Stop Writing');
    this.stopButton.command = 'moxu.stop';
    this.subscriptions = [
      this.stopButton,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document === this.last?.document) for (const change of contentChanges) this.last.range.follow(change);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.last?.document) this.last = null;
      }),
    ];
  }

  dispose(): void {
    this.stop();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Ghost text keeps quiet meanwhile. */
  get isWriting(): boolean {
    return this.running !== null;
  }

  stop(): void {
    this.running?.abort();
  }

  /** Continues at the cursor, or behind the selection; with several cursors at the first that was set. */
  async start(): Promise<void> {
    if (this.articleInHand().isWriting && !(await this.stopArticle())) return;
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open a document first: the text is written at its cursor.'),
      );
      return;
    }
    await this.write(editor.document, editor.document.offsetAt(editor.selection.end), '');
  }

  /** Another continuation in place of the last one, if that still stands as it was written. */
  async another(): Promise<void> {
    if (this.articleInHand().isWriting && !(await this.stopArticle())) return;
    const { last } = this;
    if (!last || last.document !== vscode.window.activeTextEditor?.document) return this.start();
    const text = standing(last);
    if (text === null) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('You have changed the last continuation, so it stays. Use “Continue Writing” to go on.'),
      );
      return;
    }
    await this.write(last.document, last.range.start, text);
  }

  /** What is written of it stays in the panel. @returns whether the writer wants it to be stopped */
  private async stopArticle(): Promise<boolean> {
    const stop = vscode.l10n.t('Stop the Article and Continue Here');
    const message = vscode.l10n.t(
      'Moxu is writing an article in the side bar, and writes one text at a time. Wait until it is finished, or stop it.',
    );
    if ((await vscode.window.showInformationMessage(message, stop)) !== stop) return false;
    this.articleInHand().stop();
    return true;
  }

  private async write(document: vscode.TextDocument, offset: number, replaced: string): Promise<void> {
    if (this.running) {
      vscode.window.setStatusBarMessage(vscode.l10n.t('Still writing; press Esc to stop'), 3000);
      return;
    }
    const abort = new AbortController();
    this.running = abort;
    const insert = new StreamedInsert(document, offset, replaced);
    insert.onDidStop(() => abort.abort());
    try {
      await vscode.commands.executeCommand('setContext', writingContext, true);
      await withProgress(vscode.l10n.t('Moxu is writing'), async ({ report, signal }) => {
        signal.addEventListener('abort', () => abort.abort());
        const progress = paced<string>(reportIntervalMs, (message) => {
          report(message);
          this.stopButton.text = `$(debug-stop) ${vscode.l10n.t('Stop Writing')} ${message}`;
          this.stopButton.show();
        });
        await this.stream(document, insert, replaced !== '', abort.signal, progress.report).finally(progress.end);
      });
    } catch (error) {
      void showProblem(error, this.log);
    } finally {
      await this.conclude(document, insert, replaced);
    }
  }

  private async stream(
    document: vscode.TextDocument,
    insert: StreamedInsert,
    replaces: boolean,
    signal: AbortSignal,
    report: (message: string) => void,
  ): Promise<void> {
    report(this.engine.state.kind === 'ready' ? '' : vscode.l10n.t('Loading the model…'));
    // A large model takes its time, and who stops meanwhile does not wait for it.
    const model = await Promise.race([this.engine.load(), aborted(signal)]);
    if (!model) return;
    const { prompt, stream, paragraphs, lead } = await this.prepare(document, insert.range, replaces);
    const append = (piece: string) => insert.append(paragraphs.write(piece));
    if (lead !== '') append(lead);
    let text = '';
    for await (const delta of this.engine.generate(prompt, continuationOptions(document, model.sampling), signal)) {
      append(stream.push(delta.text));
      text += delta.text;
      report(vscode.l10n.t('{0} characters', characterCount(text).all));
    }
    append(stream.end(!signal.aborted));
  }

  /** @param replaces what stands to the right is the text that this one replaces */
  private async prepare(document: vscode.TextDocument, range: TrackedRange, replaces: boolean) {
    const isMarkdown = document.languageId === 'markdown';
    const place = () => document.positionAt(range.start);
    await this.documentText.loaded(document, place(), maxCharacters(this.engine));
    // From here on at once: what is typed meanwhile would move the place.
    const position = place();
    const cursor = this.documentText.at(document, position, maxCharacters(this.engine));
    const line = document.lineAt(position.line).text.slice(0, position.character);
    const onHeading = isMarkdown && /^#{1,6}\s/.test(line);
    const style = this.styles.paragraphs(document, position.line, position.character);
    // A line that has its indent already, or a list marker, is not indented again.
    const paragraphs = new ParagraphWriter(style, line === '');
    const stream = new StyleStream(replaces ? { ...cursor.style, modelBehind: '' } : cursor.style);
    return { prompt: cursor.prompt, stream, paragraphs, lead: onHeading ? '\n' : '' };
  }

  private async conclude(document: vscode.TextDocument, insert: StreamedInsert, replaced: string): Promise<void> {
    const outcome = await insert.finish();
    this.running = null;
    this.stopButton.hide();
    const { start, end } = insert.range;
    if (!document.isClosed && end > start) {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      const text = insert.isEdited ? null : document.getText(range);
      this.last = { document, range: insert.range, text, replaced };
    }
    const { rest } = insert;
    insert.dispose();
    await vscode.commands.executeCommand('setContext', writingContext, false);
    if (rest !== '' && outcome !== 'takenOver') void offerRest(rest, outcome);
  }
}

/**
 * The text of the last run that stands in the document now, or of the one before it where that was undone; '' where both
 * are gone, null where the writer has changed it. Undo and redo leave the range empty in front of what they bring back.
 */
function standing({ document, range, text, replaced }: Written): string | null {
  const from = document.positionAt(range.start);
  const found = document.getText(new vscode.Range(from, document.positionAt(range.end)));
  if (found === text) return text;
  if (found !== '') return null;
  const behind = (length: number) =>
    document.getText(new vscode.Range(from, document.positionAt(range.start + length)));
  return [text ?? '', replaced].find((candidate) => candidate !== '' && behind(candidate.length) === candidate) ?? '';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done());
  });
}

function continuationOptions(document: vscode.TextDocument, sampling: Sampling | null): Partial<GenerateOptions> {
  const { length, preset } = continuationSettings(document);
  return {
    ...presetOptions(preset, sampling),
    stopAt: 'sentence',
    minCharacters: length,
    maxNewTokens: tokensFor(length),
    seed: randomInt(2 ** 32),
    // Nobody sees the seed, and the text before the cursor is mostly known.
    repeatable: false,
  };
}

/** The text is there and its place is not: it must not be lost. */
async function offerRest(rest: string, outcome: InsertOutcome): Promise<void> {
  const copy = vscode.l10n.t('Copy');
  const open = vscode.l10n.t('Open as New Document');
  const message =
    outcome === 'closed'
      ? vscode.l10n.t(
          'The document was closed while Moxu was writing in it. Copy what was not inserted yet, or open it as a new document.',
        )
      : vscode.l10n.t(
          'This document does not accept changes; perhaps it is read-only. Copy what Moxu wrote, or open it as a new document.',
        );
  const chosen = await vscode.window.showWarningMessage(message, copy, open);
  if (chosen === copy) await vscode.env.clipboard.writeText(rest);
  if (chosen === open)
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ content: rest, language: 'markdown' }),
    );
}

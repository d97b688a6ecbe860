/** 续写: the model goes on writing at the cursor. One run at a time; it can be stopped, undone and exchanged. */
import { randomInt } from 'node:crypto';
import * as vscode from 'vscode';
import { characterCount } from '../context/characterCount';
import { tokensFor } from '../context/stopIndex';
import { ParagraphWriter, lineBefore } from '../context/style/paragraphs';
import { StyleStream } from '../context/style/styleWriter';
import { withLineEnds } from '../context/trackedRange';
import type { Engine } from '../engine/engine';
import type { Sampling } from '../manifest';
import type { GenerateOptions } from '../options';
import { presetOptions } from '../presets';
import { charactersInWords } from './characterWords';
import type { Compositions } from './compositions';
import { confirmElsewhere, confirmNoProse, offerRest } from './continuationQuestions';
import { bothForms } from './documentStyles';
import type { DocumentStyles } from './documentStyles';
import type { DocumentText } from './documentText';
import { maxCharacters } from './ghostText';
import { lineEndOf } from './lineEnds';
import { paced } from './paced';
import { showProblem } from './problem';
import { withProgress } from './progress';
import { samplingSettings } from './samplingSettings';
import { continuationSettings, proseLanguages } from './settings';
import { StreamedInsert } from './streamedInsert';
import { changeLineEnds, isWholeIn, standing } from './writtenText';
import type { WrittenText } from './writtenText';

const writingContext = 'moxu.writing';

/** Each report is sent to the window and painted there. */
const reportIntervalMs = 100;

/** The engine writes one text after the other: behind an article 续写 would wait for minutes, and say that it writes. */
export interface ArticleInHand {
  readonly isWriting: boolean;
  stop(): void;
}

export class Continuation implements vscode.Disposable {
  private running: AbortController | null = null;
  private last: WrittenText | null = null;
  private readonly stopButton = vscode.window.createStatusBarItem('moxu.stop', vscode.StatusBarAlignment.Right, 101);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly engine: Engine,
    private readonly documentText: DocumentText,
    private readonly compositions: Compositions,
    private readonly styles: DocumentStyles,
    private readonly articleInHand: () => ArticleInHand,
    private readonly log: vscode.LogOutputChannel,
  ) {
    // An extension host that died while it wrote has left it in the window: Esc would be ours for ever, and do nothing.
    void vscode.commands.executeCommand('setContext', writingContext, false);
    this.stopButton.name = vscode.l10n.t('Stop Writing');
    this.stopButton.command = 'moxu.stop';
    this.subscriptions = [
      this.stopButton,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document !== this.last?.document) return;
        if (lineEndOf(document) !== this.last.eol) changeLineEnds(this.last);
        else for (const change of contentChanges) this.last.range.follow(change);
      }),
      vscode.workspace.onDidSaveTextDocument((saved) => {
        if (this.last && isWholeIn(saved, this.last)) this.last.document = saved;
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

  /**
   * Continues at the cursor, or behind the selection; with several cursors at the first that was set.
   * @param isSure whether the writer wants it there, whatever is there
   */
  async start(isSure = false): Promise<void> {
    if (this.articleInHand().isWriting && !(await this.stopArticle())) return;
    const editor = vscode.window.activeTextEditor;
    if (!editor) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open a document first: the text is written at its cursor.'),
      );
      return;
    }
    const { document, selection } = editor;
    if (vscode.languages.match([...proseLanguages], document) === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('“Continue Writing” is for Markdown and plain text. This document is neither.'),
      );
      return;
    }
    if (!isSure && vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) === false) {
      if (await confirmElsewhere()) await this.start(true);
      return;
    }
    if (!isSure && this.documentText.isNoPlaceForProse(document, selection.end)) {
      // Told to put the cursor elsewhere, the writer may do that first: what counts is where it is then.
      if (await confirmNoProse()) await this.start(true);
      return;
    }
    const isTaken = await this.write(document, document.offsetAt(selection.end), '', isSure);
    if (!isTaken && (await confirmElsewhere())) await this.start(true);
  }

  /** Another continuation in place of the last one, if that still stands as it was written. */
  async another(): Promise<void> {
    if (this.articleInHand().isWriting && !(await this.stopArticle())) return;
    const { last } = this;
    const editor = vscode.window.activeTextEditor;
    if (!editor || last?.document !== editor.document) return this.start();
    const text = standing(last);
    if (text === null) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('You have changed the last continuation, so it stays. Use “Continue Writing” to go on.'),
      );
      return;
    }
    const place = new vscode.Range(
      last.document.positionAt(last.range.start),
      last.document.positionAt(last.range.start + text.length),
    );
    editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    await this.write(last.document, last.range.start, text, true);
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

  /**
   * @param offersWhole whether the text is wanted even if the document takes none of it
   * @returns false where it is not, and the document takes none: of what makes it read-only VS Code tells an extension nothing
   *   but by its first edit
   */
  private async write(
    document: vscode.TextDocument,
    offset: number,
    replaced: string,
    offersWhole: boolean,
  ): Promise<boolean> {
    if (this.running) {
      vscode.window.setStatusBarMessage(vscode.l10n.t('Still writing; press Esc to stop'), 3000);
      return true;
    }
    const abort = new AbortController();
    this.running = abort;
    const insert = new StreamedInsert(document, offset, replaced);
    let isTaken = true;
    const listening = insert.onDidStop((outcome) => {
      const { start, end } = insert.range;
      isTaken = outcome !== 'refused' || offersWhole || end > start;
      if (outcome !== 'refused' || !isTaken) abort.abort();
    });
    try {
      await vscode.commands.executeCommand('setContext', writingContext, true);
      await withProgress(vscode.l10n.t('Moxu is writing'), async ({ report, signal }) => {
        signal.addEventListener('abort', () => abort.abort());
        const progress = paced<string>(reportIntervalMs, (message) => {
          report(message);
          this.stopButton.text = `$(debug-stop) ${[vscode.l10n.t('Stop Writing'), message].filter(Boolean).join(' · ')}`;
          this.stopButton.show();
        });
        await this.stream(insert, replaced !== '', abort.signal, progress.report).finally(progress.end);
      });
    } catch (error) {
      void showProblem(error, this.log);
    } finally {
      // What is at its end by now is not thrown away.
      listening.dispose();
      await this.conclude(insert, replaced, isTaken);
    }
    return isTaken;
  }

  private async stream(
    insert: StreamedInsert,
    replaces: boolean,
    signal: AbortSignal,
    report: (message: string) => void,
  ): Promise<void> {
    report(this.engine.state.kind === 'ready' ? '' : vscode.l10n.t('Loading the model…'));
    // A large model takes its time, and who stops meanwhile does not wait for it.
    const model = await Promise.race([this.engine.load(), aborted(signal)]);
    if (!model) return;
    const options = continuationOptions(insert.document, model.sampling);
    const { prompt, style, stream, paragraphs, lead } = await this.prepare(insert, replaces);
    const banned = bothForms(options.bannedWords ?? [], style);
    const append = (piece: string) => insert.append(paragraphs.write(piece));
    if (lead !== '') append(lead);
    let text = '';
    for await (const delta of this.engine.generate(prompt, { ...options, bannedWords: banned }, signal)) {
      append(stream.push(delta.text));
      text += delta.text;
      report(charactersInWords(characterCount(text).all));
    }
    append(stream.end(!signal.aborted));
  }

  /** @param replaces what stands to the right is the text that this one replaces */
  private async prepare(insert: StreamedInsert, replaces: boolean) {
    const { range } = insert;
    const place = () => insert.document.positionAt(range.start);
    await this.documentText.loaded(insert.document, place(), maxCharacters(this.engine));
    // From here on at once: what is typed meanwhile would move the place.
    const { document } = insert;
    const isMarkdown = document.languageId === 'markdown';
    const position = place();
    const cursor = this.documentText.at(document, position, maxCharacters(this.engine));
    const line = document.lineAt(position.line).text.slice(0, position.character);
    const onHeading = isMarkdown && /^#{1,6}\s/.test(line);
    const style = this.styles.paragraphs(document, position.line, position.character);
    // Nor is what the writer has begun, a list or a line with its indent, begun again.
    const paragraphs = new ParagraphWriter(style, lineBefore(line, isMarkdown));
    const stream = new StyleStream(replaces ? { ...cursor.style, modelBehind: '' } : cursor.style);
    const endsWord = this.compositions.endsWordAt(document, range.start);
    return {
      prompt: { ...cursor.prompt, endsWord },
      style: cursor.style,
      stream,
      paragraphs,
      lead: onHeading ? '\n' : '',
    };
  }

  private async conclude(insert: StreamedInsert, replaced: string, offersRest: boolean): Promise<void> {
    const outcome = await insert.finish();
    this.running = null;
    this.stopButton.hide();
    const { document } = insert;
    const eol = lineEndOf(document);
    const { start, end } = insert.range;
    if (!document.isClosed && end > start) {
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      const text = insert.isEdited ? null : document.getText(range);
      this.last = { document, eol, range: insert.range, text, replaced: withLineEnds(replaced, eol) };
    }
    const { rest } = insert;
    insert.dispose();
    await vscode.commands.executeCommand('setContext', writingContext, false);
    if (offersRest && rest !== '' && outcome !== 'takenOver') void offerRest(rest, outcome);
  }
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
    ...samplingSettings(document),
    stopAt: 'sentence',
    minCharacters: length,
    maxNewTokens: tokensFor(length),
    seed: randomInt(2 ** 32),
    // Nobody sees the seed, and the text before the cursor is mostly known.
    repeatable: false,
  };
}

/** Where articles go: the cursor of the editor that was last active, or a new document. */
import * as vscode from 'vscode';
import { restyled } from '../../context/style/styleWriter';
import type { Article, PanelMessage } from '../../pages';
import type { DocumentStyles } from '../documentStyles';
import type { DocumentText } from '../documentText';
import { isOpen } from '../openDocument';
import { asMarkdown, insertion } from './articleText';

/** Characters before the cursor from which the style is read. */
const styleCharacters = 1000;

export class ArticlePlace implements vscode.Disposable {
  private last: vscode.TextEditor | undefined;
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly documentText: DocumentText,
    private readonly styles: DocumentStyles,
  ) {
    this.remember(vscode.window.activeTextEditor);
    this.subscription = vscode.window.onDidChangeActiveTextEditor((editor) => this.remember(editor));
  }

  dispose(): void {
    this.subscription.dispose();
  }

  /** Inserts the article as one undo step and puts the cursor behind it. @returns what happened */
  async insert(article: Article): Promise<PanelMessage> {
    const { last } = this;
    if (!last || !isOpen(last.document))
      return problem(vscode.l10n.t('Open a document and click where the article is to go, then insert it again.'));
    // The editor may be hidden behind another tab; showing it brings back its cursor.
    const editor = await vscode.window.showTextDocument(last.document, {
      ...(last.viewColumn === undefined ? {} : { viewColumn: last.viewColumn }),
      selection: last.selection,
    });
    const { document } = editor;
    await this.documentText.loaded(document, editor.selection.end, styleCharacters);
    // From here on at once: what is typed meanwhile would move the place.
    const place = editor.selection.end;
    const text = this.textAt(document, place, article);
    const { version } = document;
    const applied = await editor.edit((builder) => builder.insert(place, text));
    const name = document.uri.path.split('/').pop() ?? '';
    // VS Code reports success for a read-only document too, but changes nothing.
    if (!applied || document.version === version)
      return problem(
        vscode.l10n.t(
          '“{0}” does not accept changes; perhaps it is read-only. The article is still here: click into another document and insert it there, or use “Open as New Document” or “Copy”.',
          name,
        ),
      );
    const end = document.positionAt(document.offsetAt(place) + text.length);
    editor.selection = new vscode.Selection(end, end);
    editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return { kind: 'notice', text: vscode.l10n.t('Inserted into “{0}”', name), actions: [] };
  }

  async openAsDocument(article: Article): Promise<void> {
    const content = asMarkdown(article);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: 'markdown' }));
  }

  private textAt(document: vscode.TextDocument, place: vscode.Position, article: Article): string {
    const { style } = this.documentText.at(document, place, styleCharacters);
    const lineAt = (line: number) => (line < 0 || line >= document.lineCount ? null : document.lineAt(line).text);
    const line = lineAt(place.line) ?? '';
    const around = {
      lineAbove: lineAt(place.line - 1),
      before: line.slice(0, place.character),
      after: line.slice(place.character),
      lineBelow: lineAt(place.line + 1),
    };
    const paragraphs = this.styles.paragraphs(document, place.line, place.character);
    // What the panel shows, in the document's quotes, marks and script.
    const inStyle = (text: string) => restyled(text, { ...style, before: '' });
    return insertion(article, around, { ...paragraphs, container: '' }, inStyle);
  }

  private remember(editor: vscode.TextEditor | undefined): void {
    // The log is a text editor, too, as VS Code sees it.
    if (editor && editor.document.uri.scheme !== 'output') this.last = editor;
  }
}

function problem(text: string): PanelMessage {
  return { kind: 'problem', text, actions: [] };
}

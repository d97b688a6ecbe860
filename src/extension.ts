/** Entry: builds the objects, registers them, owns their disposal. Loads no model code: that is the worker's. */
import * as vscode from 'vscode';
import { acceptPart } from './editor/acceptPart';
import { ArticlePanel, articleView } from './editor/articlePanel';
import { Compositions } from './editor/compositions';
import { Continuation } from './editor/continuation';
import { DocumentText } from './editor/documentText';
import { GhostTextProvider, proseDocuments } from './editor/ghostText';
import { SavedThreads } from './editor/savedThreads';
import { StatusBar } from './editor/statusBar';
import { ghostTextEnabled, modelPath, setGhostTextEnabled, settingKeys } from './editor/settings';
import { WarmUp } from './editor/warmUp';
import { WorkerEngine } from './engine/workerEngine';

/** What tests and benchmarks may look at. */
export interface MoxuApi {
  engine: WorkerEngine;
  ghostText: GhostTextProvider;
}

let engine: WorkerEngine | undefined;

export function activate(context: vscode.ExtensionContext): MoxuApi {
  const log = vscode.window.createOutputChannel('墨续 Moxu', { log: true });
  const modelDir = () => modelPath() || context.asAbsolutePath('models/builtin');
  const isTrialModel = () => modelPath() === '';
  const threads = new SavedThreads(context.globalState);
  const running = new WorkerEngine(context.asAbsolutePath('dist/worker.js'), modelDir(), threads);
  engine = running;
  const documentText = new DocumentText();
  const compositions = new Compositions();
  const continuation = new Continuation(running, documentText, log);
  const ghostText = new GhostTextProvider(running, documentText, compositions, () => continuation.isWriting, log);
  const articlePanel = new ArticlePanel(context, running, isTrialModel, log);

  context.subscriptions.push(
    log,
    compositions,
    ghostText,
    new WarmUp(running, documentText, () => continuation.isWriting),
    new StatusBar(running, isTrialModel),
    articlePanel,
    vscode.window.registerWebviewViewProvider(articleView, articlePanel),
    vscode.commands.registerCommand('moxu.openArticlePanel', () =>
      vscode.commands.executeCommand(`${articleView}.focus`),
    ),
    vscode.languages.registerInlineCompletionItemProvider(proseDocuments, ghostText),
    continuation,
    vscode.commands.registerCommand('moxu.continue', () => continuation.start()),
    vscode.commands.registerCommand('moxu.another', () => continuation.another()),
    vscode.commands.registerCommand('moxu.stop', () => continuation.stop()),
    vscode.commands.registerCommand('moxu.acceptWord', () => acceptPart(ghostText, 'words')),
    vscode.commands.registerCommand('moxu.acceptClause', () => acceptPart(ghostText, 'clauses')),
    vscode.commands.registerCommand('moxu.acceptSentence', () => acceptPart(ghostText, 'sentences')),
    vscode.commands.registerCommand('moxu.toggleGhostText', () => setGhostTextEnabled(!ghostTextEnabled())),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(settingKeys.modelPath)) void running.switchModel(modelDir());
      if (change.affectsConfiguration('moxu')) ghostText.forget();
    }),
    new vscode.Disposable(
      running.onStateChange((state) => {
        if (state.kind === 'failed') log.error(state.error);
        if (state.kind === 'ready') log.info(`${state.model.name} loaded in ${Math.round(state.model.loadMs)} ms`);
      }),
    ),
  );
  // A text is open: whoever writes in it should not wait for the model at the first keystroke, nor others for us.
  setImmediate(() => {
    if (ghostTextEnabled()) running.load().catch(() => undefined); // the status bar shows what went wrong
  });
  return { engine: running, ghostText };
}

export async function deactivate(): Promise<void> {
  await engine?.dispose();
}

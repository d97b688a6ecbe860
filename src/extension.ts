/** Entry: builds the objects, registers them, owns their disposal. Loads no model code: that is the worker's. */
import * as vscode from 'vscode';
import type { UnitEnds } from './context/acceptUnits';
import { acceptPart } from './editor/acceptPart';
import { ArticlePanel, articleView } from './editor/articlePanel';
import { CarryIndent } from './editor/carryIndent';
import { CharacterCounts } from './editor/characterCounts';
import { Compositions } from './editor/compositions';
import { Continuation } from './editor/continuation';
import { DeviceReport } from './editor/deviceReport';
import { DocumentStyles } from './editor/documentStyles';
import { DocumentText } from './editor/documentText';
import { FiguresPanel } from './editor/figures/figuresPanel';
import { FiguresStore } from './editor/figures/figuresStore';
import { GhostWitness } from './editor/figures/ghostWitness';
import { GhostTextProvider, proseDocuments } from './editor/ghostText';
import { JustAccepted } from './editor/justAccepted';
import { builtinModel, registerModels } from './editor/models/models';
import { forgetOwnWords } from './editor/ownWords/forgetOwnWords';
import { OwnWords } from './editor/ownWords/ownWords';
import { Pause } from './editor/pause';
import { ProsePlaces } from './editor/prosePlaces';
import { SavedThreads } from './editor/savedThreads';
import { SavedVerdicts } from './editor/savedVerdicts';
import { StatusBar } from './editor/statusBar';
import { openStatusMenu } from './editor/statusMenu';
import {
  deviceSetting,
  figuresEnabled,
  ghostSettingKeys,
  ghostTextEnabled,
  modelPath,
  settingKeys,
  toggleGhostText,
} from './editor/settings';
import { WalkthroughSteps } from './editor/walkthrough';
import { WarmUp } from './editor/warmUp';
import { DeviceAdviser } from './engine/deviceAdviser';
import { WorkerEngine } from './engine/workerEngine';
import type { ModelInfo } from './protocol';

/** What tests and benchmarks may look at. */
export interface MoxuApi {
  engine: WorkerEngine;
  ghostText: GhostTextProvider;
  pause: Pause;
  figures: FiguresStore;
  witness: GhostWitness;
  ownWords: OwnWords;
  articlePanel: ArticlePanel;
  /** How long `activate` took. */
  activateMs: number;
}

let engine: WorkerEngine | undefined;

export function activate(context: vscode.ExtensionContext): MoxuApi {
  const start = performance.now();
  const log = vscode.window.createOutputChannel('墨续 Moxu', { log: true });
  const modelDir = () => modelPath() || builtinModel(context);
  const isTrialModel = () => modelPath() === '';
  const threads = new SavedThreads(context.globalState);
  const { version } = context.extension.packageJSON as { version: string };
  const verdicts = new SavedVerdicts(context.globalState, version);
  const devices = new DeviceAdviser(context.asAbsolutePath('dist/deviceTrial.js'), verdicts, deviceSetting);
  const running = new WorkerEngine(context.asAbsolutePath('dist/worker.js'), modelDir(), threads, devices);
  engine = running;
  const styles = new DocumentStyles(context.asAbsolutePath('dist/traditional.bin.br'), log);
  const prosePlaces = new ProsePlaces();
  const documentText = new DocumentText(styles, prosePlaces);
  const isWriting = (): boolean => continuation.isWriting;
  const compositions = new Compositions(isWriting);
  const continuation = new Continuation(running, documentText, compositions, styles, () => articlePanel, log);
  const pause = new Pause();
  const isPaused = (): boolean => pause.until !== null;
  const figures = new FiguresStore(context.globalState);
  const figuresPanel = new FiguresPanel(context.extensionUri, figures, log);
  // Asked at each ghost; VS Code merges all of its settings at each question.
  let countsFigures: boolean | undefined;
  const steps = new WalkthroughSteps(context.globalState);
  const witness = new GhostWitness(
    figures,
    compositions,
    () => (countsFigures ??= figuresEnabled()),
    () => steps.tickOff('ghost'),
  );
  const ghostText = new GhostTextProvider(running, documentText, compositions, isWriting, isPaused, witness, log);
  const justAccepted = new JustAccepted();
  const accept = (part: keyof UnitEnds): Promise<void> =>
    acceptPart(ghostText, compositions, witness, justAccepted, part);
  const deviceReport = new DeviceReport(running, devices, modelDir, version, log);
  const ownWords = new OwnWords(running, documentText, styles, compositions, context.workspaceState, log);
  const articlePanel = new ArticlePanel(context, running, documentText, styles, isTrialModel, isWriting, log);
  const continuing = (run: Promise<void>) => run.finally(() => articlePanel.continuationEnded());

  context.subscriptions.push(
    log,
    documentText,
    prosePlaces,
    compositions,
    figuresPanel,
    witness,
    figures,
    ghostText,
    ownWords,
    pause,
    articlePanel,
    deviceReport,
    vscode.commands.registerCommand('moxu.detectDevices', () => deviceReport.run()),
    vscode.window.registerWebviewViewProvider(articleView, {
      resolveWebviewView: (view) => {
        articlePanel.resolveWebviewView(view);
        steps.tickOff('article');
      },
    }),
    vscode.commands.registerCommand('moxu.openArticlePanel', () =>
      vscode.commands.executeCommand(`${articleView}.focus`),
    ),
    vscode.languages.registerInlineCompletionItemProvider(proseDocuments, ghostText),
    continuation,
    vscode.commands.registerCommand('moxu.continue', () => {
      steps.tickOff('continue');
      return continuing(continuation.start());
    }),
    vscode.commands.registerCommand('moxu.another', () => continuing(continuation.another())),
    vscode.commands.registerCommand('moxu.stop', () => continuation.stop()),
    vscode.commands.registerCommand('moxu.nextSuggestion', () => ghostText.shown.turn(1)),
    vscode.commands.registerCommand('moxu.previousSuggestion', () => ghostText.shown.turn(-1)),
    justAccepted,
    vscode.commands.registerCommand('moxu.acceptWord', () => accept('words')),
    vscode.commands.registerCommand('moxu.acceptClause', () => accept('clauses')),
    vscode.commands.registerCommand('moxu.acceptSentence', () => accept('sentences')),
    vscode.commands.registerCommand('moxu.showFigures', () => figuresPanel.show()),
    registerModels(context, running, steps, log),
    vscode.commands.registerCommand('moxu.openMenu', () => openStatusMenu(running, pause, log)),
    vscode.commands.registerCommand('moxu.toggleGhostText', () =>
      isPaused() ? pause.resume() : toggleGhostText(vscode.window.activeTextEditor?.document),
    ),
    vscode.commands.registerCommand('moxu.forgetOwnWords', () => forgetOwnWords(ownWords, ghostText)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const affects = (keys: readonly string[]): boolean => keys.some((key) => change.affectsConfiguration(key));
      if (affects([settingKeys.modelPath, settingKeys.device]))
        void running.switchModel(modelDir()).then(() => loadAhead(running));
      else if (affects([settingKeys.ghostTextEnabled])) loadAhead(running);
      if (!change.affectsConfiguration('moxu')) return;
      ghostText.forget();
      countsFigures = undefined;
      // What is shown would stay until the next key, and Tab would insert it.
      if (affects(ghostSettingKeys)) void vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    }),
    new vscode.Disposable(
      running.onStateChange((state) => {
        if (state.kind === 'failed') log.error(state.error);
        if (state.kind === 'ready') logModel(state.model, log);
      }),
    ),
  );
  // A text is open: whoever writes in it should not wait for the model at the first keystroke, nor others for us. The first
  // look at the settings alone takes VS Code several milliseconds.
  setImmediate(() => {
    context.subscriptions.push(
      new CarryIndent(compositions, isWriting),
      new WarmUp(running, documentText, compositions, ghostText, () => isWriting() || isPaused(), log),
      new StatusBar(running, ghostText, pause, isTrialModel),
      new CharacterCounts(),
    );
    loadAhead(running);
  });
  return {
    ...{ engine: running, ghostText, ownWords, articlePanel, pause, figures, witness },
    activateMs: performance.now() - start,
  };
}

/** Where there will be ghost text. The status bar shows what goes wrong. */
function loadAhead(engine: WorkerEngine): void {
  if (ghostTextEnabled(vscode.window.activeTextEditor?.document)) engine.load().catch(() => undefined);
}

function logModel({ name, loadMs, device, refusal }: ModelInfo, log: vscode.LogOutputChannel): void {
  log.info(`${name} loaded in ${Math.round(loadMs)} ms, runs on ${device}`);
  if (refusal) log.info(`not on ${refusal.device}: ${refusal.why} ${refusal.detail}`);
}

export async function deactivate(): Promise<void> {
  await engine?.dispose();
}

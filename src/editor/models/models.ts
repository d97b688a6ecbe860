/** Everything about models that a person can see: their commands, and what these need. */
import * as vscode from 'vscode';
import type { SwitchableEngine } from '../../engine/engine';
import { showProblem } from '../problem';
import type { WalkthroughSteps } from '../walkthrough';
import { ConversionThread } from './conversionThread';
import { ModelImport } from './importModel';
import { KeptTokenizers } from './keptTokenizers';
import { ModelChoice } from './modelChoice';
import { ModelLibrary } from './modelLibrary';
import { ModelManager } from './modelManager';
import { SavedSpeeds } from './savedSpeeds';

export function builtinModel(context: vscode.ExtensionContext): string {
  return context.asAbsolutePath('models/builtin');
}

/** Imported models and kept vocabularies are in the extension's own storage on this machine. */
export function registerModels(
  context: vscode.ExtensionContext,
  engine: SwitchableEngine,
  steps: WalkthroughSteps,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const stored = (name: string): string => vscode.Uri.joinPath(context.globalStorageUri, name).fsPath;
  const library = new ModelLibrary(builtinModel(context), stored('models'));
  const conversion = new ConversionThread(context.asAbsolutePath('dist/convert.js'));
  const choice = new ModelChoice(engine, library, log);
  const speeds = new SavedSpeeds(context.globalState);
  const tokenizers = new KeptTokenizers(
    stored('tokenizers'),
    (checkpoint) => conversion.recognise(checkpoint),
    (why) => log.info(why),
  );
  const modelImport = new ModelImport(conversion, library, choice, tokenizers, log);
  const manager = new ModelManager(library, choice, conversion, speeds, log);
  const command = (id: string, run: () => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(id, () => run().catch((error: unknown) => showProblem(error, log)));
  return vscode.Disposable.from(
    command('moxu.importModel', () => {
      steps.tickOff('models');
      return modelImport.run();
    }),
    command('moxu.chooseModel', () => {
      steps.tickOff('models');
      return manager.choose();
    }),
    command('moxu.manageModels', () => manager.manage()),
    new vscode.Disposable(
      engine.onSpeed(({ identity, device }, tokensPerSecond) =>
        speeds.remember(identity, { device, tokensPerSecond }),
      ),
    ),
  );
}

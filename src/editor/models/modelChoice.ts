/** Which model is in use, and using another: the settings say it, the engine follows, and no window has to be reloaded. */
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { SwitchableEngine } from '../../engine/engine';
import { showProblem } from '../problem';
import { modelPath, setModelPath } from '../settings';
import type { ListedModel, ModelLibrary } from './modelLibrary';
import { nameInWords } from './modelWords';

export class ModelChoice {
  constructor(
    private readonly engine: Pick<SwitchableEngine, 'load' | 'renamed'>,
    private readonly library: ModelLibrary,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  list(): Promise<ListedModel[]> {
    return this.library.list(modelPath());
  }

  isInUse(dir: string): boolean {
    return resolve(dir) === resolve(modelPath() || this.library.builtin);
  }

  /** The status bar names the model that is in use. */
  async renamed(dir: string, name: string): Promise<void> {
    if (this.isInUse(dir)) await this.engine.renamed(name);
  }

  /**
   * What is being written ends as if the writer had stopped it.
   * @returns whether this model is in use now; where it is not, the writer has been told why
   */
  async use(dir: string): Promise<boolean> {
    if (this.isInUse(dir)) return true;
    try {
      await setModelPath(resolve(dir) === resolve(this.library.builtin) ? '' : dir);
      const { name: own } = await this.engine.load();
      const name = modelPath() === '' ? vscode.l10n.t('Built-in trial model') : nameInWords(own);
      vscode.window.setStatusBarMessage(vscode.l10n.t('Moxu now writes with {0}', name), 5000);
      return true;
    } catch (error) {
      await showProblem(error, this.log);
      return false;
    }
  }
}

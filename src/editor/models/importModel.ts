/** 导入模型: a folder is recognised, its settings are shown and can be changed, and it is converted while work goes on. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { otherProgramsFile, packedFile } from '../../conversion';
import { EngineError } from '../../errors';
import { manifestFile } from '../../manifest';
import { visibleFolders } from '../../visibleFolders';
import { problemInWords, showProblem } from '../problem';
import { withProgress } from '../progress';
import type { ConversionThread, Watch } from './conversionThread';
import { chooseSettings, type ImportChoice } from './importSettings';
import type { KeptTokenizers, RecognisedChoice } from './keptTokenizers';
import type { ModelChoice } from './modelChoice';
import type { ModelLibrary } from './modelLibrary';
import { nameInWords, nameOf, progressInWords } from './modelWords';
import { chooseOwnFile } from './ownFiles';

export class ModelImport {
  private isRunning = false;

  constructor(
    private readonly thread: ConversionThread,
    private readonly library: ModelLibrary,
    private readonly choice: ModelChoice,
    private readonly tokenizers: KeptTokenizers,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async run(): Promise<void> {
    if (this.isRunning) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('A model is being imported already; its notification shows how far it is.'),
      );
      return;
    }
    this.isRunning = true;
    try {
      const picked = await pickFolder();
      if (picked !== null) await this.importFrom(picked);
    } finally {
      this.isRunning = false;
    }
  }

  private async importFrom(picked: string): Promise<void> {
    let choice: RecognisedChoice | null;
    try {
      const folder = folderOf(picked);
      const finished = finishedModel(folder);
      if (finished !== undefined) { await this.copy(finished); return; }
      choice = await this.tokenizers.complete({ from: folder }, pickTokenizer);
    } catch (error) {
      return this.importAnother(error);
    }
    if (choice === null) return;
    const chosen = await chooseSettings(choice, (changed) => this.thread.recognise(changed), this.log);
    if (chosen !== null) await this.convert(chosen);
  }

  /** @param error why the folder that was chosen has no model; thrown again where another would not help */
  private async importAnother(error: unknown): Promise<void> {
    if (!(error instanceof EngineError) || !isAnotherMeant(error)) throw error;
    this.log.warn(error.message);
    const again = vscode.l10n.t('Choose Another Folder…');
    const chosen = await vscode.window.showWarningMessage(problemInWords(error), { modal: true }, again);
    const other = chosen === again ? await pickFolder() : null;
    if (other !== null) await this.importFrom(other);
  }

  private async copy(folder: string): Promise<void> {
    await this.library.sweep();
    const to = this.library.freeFolder(basename(folder));
    const title = vscode.l10n.t('Copying “{0}”', nameInWords(basename(folder)));
    try {
      if (await watched(title, (watch) => this.thread.copy(folder, to, watch)))
        void this.offer(to, await this.nameIn(to));
    } catch (error) {
      void showProblem(error, this.log, 'copied');
    }
  }

  private async convert({ name, ...choice }: ImportChoice): Promise<void> {
    await this.library.sweep();
    const to = this.library.freeFolder(name);
    const title = vscode.l10n.t('Converting “{0}”', nameInWords(name));
    if (await watched(title, (watch) => this.thread.convert({ ...choice, name, to }, watch)))
      void this.offer(to, nameInWords(name));
  }

  /** Of a finished model, which may be called otherwise than its folder. */
  private async nameIn(dir: string): Promise<string> {
    const model = (await this.library.list('')).find((listed) => listed.dir === dir);
    return model ? nameOf(model) : nameInWords(basename(dir));
  }

  /** Not waited for: the message may stand among the notifications for hours, and the import is over. */
  private async offer(dir: string, name: string): Promise<void> {
    const use = vscode.l10n.t('Use This Model');
    const message = vscode.l10n.t('“{0}” was imported. Do you want to write with it?', name);
    if ((await vscode.window.showInformationMessage(message, use)) === use) await this.choice.use(dir);
  }
}

/** @returns a folder, or a file of one: nobody can tell by sight that a folder is wanted */
function pickFolder(): Promise<string | null> {
  return chooseOwnFile({
    canSelectFolders: true,
    canSelectFiles: true,
    openLabel: vscode.l10n.t('Import'),
    title: vscode.l10n.t('Folder of the model: one that was downloaded, or a Moxu model from another computer'),
  });
}

/**
 * A file stands for its folder.
 * @throws EngineError 'checkpoint-invalid' for an archive, or a file for another program: what else lies among somebody's
 *   downloads is another model
 */
function folderOf(picked: string): string {
  if (statSync(picked).isDirectory()) return picked;
  const name = basename(picked);
  if (packedFile.test(name))
    throw new EngineError('checkpoint-invalid', `${picked} is packed; unpack it`, { fault: 'packed', subject: name });
  if (otherProgramsFile.test(name))
    throw new EngineError('checkpoint-invalid', `${picked} is for another program`, {
      ...{ fault: 'other-format', subject: name },
    });
  return dirname(picked);
}

/**
 * The folder, or the one in it, that Moxu has made.
 * @throws EngineError 'checkpoint-invalid' where there are several, as when somebody has copied all of theirs
 */
function finishedModel(folder: string): string | undefined {
  const isOne = (place: string): boolean => existsSync(join(place, manifestFile));
  if (isOne(folder)) return folder;
  const [found, ...others] = visibleFolders(folder).filter(isOne);
  if (others.length > 0)
    throw new EngineError('checkpoint-invalid', `there are several models in ${folder}`, {
      ...{ fault: 'several', subject: basename(folder) },
    });
  return found;
}

/** The folder is whole, but not the one that holds a model. */
function isAnotherMeant({ fault }: EngineError): boolean {
  return ['no-weights', 'several', 'packed', 'other-format', 'adapter'].some((other) => other === fault);
}

async function pickTokenizer(): Promise<string | null> {
  const choose = vscode.l10n.t('Choose File…');
  const message = vscode.l10n.t(
    'This folder holds no tokenizer. For CPM, choose its chinese_vocab.model (or spiece.model); Moxu keeps it and will not ask again. For other models, put vocab.txt or tokenizer.json into the folder, and import it again.',
  );
  if ((await vscode.window.showInformationMessage(message, { modal: true }, choose)) !== choose) return null;
  const filters = { SentencePiece: ['model'] };
  return chooseOwnFile({ openLabel: choose, filters, title: 'chinese_vocab.model' });
}

/** In a notification that can be cancelled. */
export function watched<T>(title: string, work: (watch: Watch) => Promise<T>): Thenable<T> {
  return withProgress(title, ({ report, signal }) =>
    work({ signal, onProgress: (now) => report(progressInWords(now), (100 * now.writtenBytes) / now.totalBytes) }),
  );
}

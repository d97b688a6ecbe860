/** 导入模型: a folder is recognised, its settings are shown and can be changed, and it is converted while work goes on. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { manifestFile } from '../../manifest';
import { showProblem } from '../problem';
import { withProgress } from '../progress';
import type { ConversionThread, Watch } from './conversionThread';
import { chooseSettings, type ImportChoice } from './importSettings';
import type { KeptTokenizers } from './keptTokenizers';
import type { ModelChoice } from './modelChoice';
import type { ModelLibrary } from './modelLibrary';
import { progressInWords } from './modelWords';

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
      const folder = await pickFolder();
      if (folder !== null) await this.importFrom(folder);
    } finally {
      this.isRunning = false;
    }
  }

  private async importFrom(folder: string): Promise<void> {
    if (existsSync(join(folder, manifestFile))) return this.copy(folder);
    const choice = await this.tokenizers.complete({ from: folder }, pickTokenizer);
    if (choice === null) return;
    const chosen = await chooseSettings(choice, (changed) => this.thread.recognise(changed), this.log);
    if (chosen !== null) await this.convert(chosen);
  }

  private async copy(folder: string): Promise<void> {
    const to = this.library.freeFolder(basename(folder));
    const title = vscode.l10n.t('Copying “{0}”', basename(folder));
    try {
      if (await watched(title, (watch) => this.thread.copy(folder, to, watch))) void this.offer(to);
    } catch (error) {
      void showProblem(error, this.log, 'copied');
    }
  }

  private async convert({ name, ...choice }: ImportChoice): Promise<void> {
    const to = this.library.freeFolder(name);
    const title = vscode.l10n.t('Converting “{0}”', name);
    if (await watched(title, (watch) => this.thread.convert({ ...choice, name, to }, watch))) void this.offer(to);
  }

  /** Not waited for: the message may stand among the notifications for hours, and the import is over. */
  private async offer(dir: string): Promise<void> {
    const use = vscode.l10n.t('Use This Model');
    const message = vscode.l10n.t('The model was imported. Do you want to write with it?');
    if ((await vscode.window.showInformationMessage(message, use)) === use) await this.choice.use(dir);
  }
}

/** A file stands for its folder: nobody can tell by sight that a folder is wanted. */
async function pickFolder(): Promise<string | null> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: true,
      canSelectFiles: true,
      openLabel: vscode.l10n.t('Import'),
      title: vscode.l10n.t('Folder of the model: one that was downloaded, or a Moxu model from another computer'),
    })) ?? [];
  if (!picked) return null;
  return statSync(picked.fsPath).isDirectory() ? picked.fsPath : dirname(picked.fsPath);
}

async function pickTokenizer(): Promise<string | null> {
  const choose = vscode.l10n.t('Choose File…');
  const message = vscode.l10n.t(
    'This folder holds no tokenizer. For CPM, choose its chinese_vocab.model (or spiece.model); Moxu keeps it and will not ask again. For other models, put vocab.txt or tokenizer.json into the folder, and import it again.',
  );
  if ((await vscode.window.showInformationMessage(message, { modal: true }, choose)) !== choose) return null;
  const [file] =
    (await vscode.window.showOpenDialog({
      openLabel: choose,
      filters: { SentencePiece: ['model'] },
      title: 'chinese_vocab.model',
    })) ?? [];
  return file?.fsPath ?? null;
}

/** In a notification that can be cancelled. */
export function watched<T>(title: string, work: (watch: Watch) => Promise<T>): Thenable<T> {
  return withProgress(title, ({ report, signal }) =>
    work({ signal, onProgress: (now) => report(progressInWords(now), (100 * now.writtenBytes) / now.totalBytes) }),
  );
}

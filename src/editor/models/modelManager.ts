/** 选择模型 and 管理模型: the models that are there, which one is in use, and what can be done with each. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { EngineError, assertNever } from '../../errors';
import { identityOf } from '../../manifest';
import { showProblem } from '../problem';
import type { ConversionThread } from './conversionThread';
import { watched } from './importModel';
import type { ModelChoice } from './modelChoice';
import type { ListedModel, ModelLibrary } from './modelLibrary';
import { factsOf, nameFault, nameOf, sizeOf } from './modelWords';
import type { SavedSpeeds } from './savedSpeeds';

type ModelItem = vscode.QuickPickItem & { model?: ListedModel; command?: string };
type Action = 'use' | 'verify' | 'rename' | 'reveal' | 'remove';
type ActionItem = vscode.QuickPickItem & { action: Action };

export class ModelManager {
  constructor(
    private readonly library: ModelLibrary,
    private readonly choice: ModelChoice,
    private readonly thread: ConversionThread,
    private readonly speeds: SavedSpeeds,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Using a model is one choice away; everything else is the manager's. */
  async choose(): Promise<void> {
    const model = await this.pick(vscode.l10n.t('Choose Model'), [
      { label: `$(add) ${vscode.l10n.t('Import Model…')}`, command: 'moxu.importModel' },
      { label: `$(list-unordered) ${vscode.l10n.t('Manage Models…')}`, command: 'moxu.manageModels' },
    ]);
    if (model) await this.choice.use(model.dir);
  }

  async manage(): Promise<void> {
    const model = await this.pick(vscode.l10n.t('Manage Models'), [
      { label: `$(add) ${vscode.l10n.t('Import Model…')}`, command: 'moxu.importModel' },
    ]);
    if (!model) return;
    const chosen = await vscode.window.showQuickPick(this.actionsFor(model), {
      title: nameOf(model),
      placeHolder: [...sizeOf(model), ...this.facts(model)].join(' · '),
    });
    if (!chosen) return;
    try {
      await this.act(chosen.action, model);
    } catch (error) {
      await showProblem(error, this.log, model.origin === 'builtin' ? 'builtin' : 'listed');
    }
  }

  /** @returns undefined when something else was chosen, which then was done */
  private async pick(title: string, others: ModelItem[]): Promise<ListedModel | undefined> {
    const models = await this.choice.list();
    const names = models.map(nameOf);
    /** Where two are called the same only their folders tell them apart. */
    const folder = ({ dir, origin }: ListedModel, name: string): string =>
      origin !== 'builtin' && names.filter((other) => other === name).length > 1
        ? vscode.l10n.t('folder {0}', basename(dir))
        : '';
    const items: ModelItem[] = models.map((model) => ({
      label: `${this.choice.isInUse(model.dir) ? '$(check)' : '$(package)'} ${nameOf(model)}`,
      description: [
        this.choice.isInUse(model.dir) ? vscode.l10n.t('in use') : '',
        folder(model, nameOf(model)),
        ...sizeOf(model),
      ]
        .filter(Boolean)
        .join(' · '),
      detail: this.facts(model).join(' · '),
      model,
    }));
    const separator: ModelItem = { label: '', kind: vscode.QuickPickItemKind.Separator };
    const chosen = await vscode.window.showQuickPick([...items, separator, ...others], {
      title,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
    return chosen?.model;
  }

  private facts(model: ListedModel): string[] {
    const { manifest } = model;
    return factsOf(model, manifest instanceof EngineError ? null : this.speeds.recall(identityOf(manifest)));
  }

  private actionsFor({ dir, origin, manifest }: ListedModel): ActionItem[] {
    const { l10n } = vscode;
    const isWhole = !(manifest instanceof EngineError);
    const items: (ActionItem | false)[] = [
      isWhole && !this.choice.isInUse(dir) && { label: `$(play) ${l10n.t('Use')}`, action: 'use' },
      isWhole && { label: `$(verified) ${l10n.t('Verify Files')}`, action: 'verify' },
      isWhole && origin === 'imported' && { label: `$(edit) ${l10n.t('Rename…')}`, action: 'rename' },
      // A browser has none.
      vscode.env.uiKind === vscode.UIKind.Desktop && {
        label: `$(folder-opened) ${l10n.t('Show in File Manager')}`,
        action: 'reveal',
      },
      origin === 'imported' && { label: `$(trash) ${l10n.t('Remove…')}`, action: 'remove' },
    ];
    return items.filter((item) => item !== false);
  }

  private async act(action: Action, model: ListedModel): Promise<void> {
    switch (action) {
      case 'use':
        await this.choice.use(model.dir);
        return;
      case 'verify':
        return this.verify(model);
      case 'rename':
        return this.rename(model);
      case 'reveal':
        await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(model.dir));
        return;
      case 'remove':
        return this.remove(model);
      default:
        assertNever(action);
    }
  }

  private async verify(model: ListedModel): Promise<void> {
    const name = nameOf(model);
    const damaged = await watched(vscode.l10n.t('Verifying “{0}”', name), (watch) =>
      this.thread.verify(model.dir, watch),
    );
    if (damaged === null) return;
    if (damaged.length === 0)
      void vscode.window.showInformationMessage(vscode.l10n.t('All files of “{0}” are intact.', name));
    else void vscode.window.showErrorMessage(damageInWords(model, damaged.join(vscode.l10n.t(', '))));
  }

  private async rename(model: ListedModel): Promise<void> {
    const { manifest } = model;
    const value = manifest instanceof EngineError ? '' : manifest.name;
    const name = (await vscode.window.showInputBox({ value, prompt: vscode.l10n.t('New name'), validateInput: nameFault }))?.trim();
    if (!name || name === value) return;
    await this.library.rename(model.dir, name);
    await this.choice.renamed(model.dir, name);
  }

  private async remove(model: ListedModel): Promise<void> {
    const isInUse = this.choice.isInUse(model.dir);
    const remove = isInUse
      ? vscode.l10n.t('Use the Built-in Model and Remove')
      : vscode.l10n.t('Remove');
    const question = vscode.l10n.t('Remove “{0}” from this computer?', nameOf(model));
    const detail = vscode.l10n.t('Moxu’s own copy is deleted; the original files stay.');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return;
    if (isInUse && !(await this.choice.use(this.library.builtin))) return;
    await this.library.remove(model.dir);
  }
}

/** Each origin has another cure; only an imported model can be removed here. */
function damageInWords(model: ListedModel, files: string): string {
  const { l10n } = vscode;
  const name = nameOf(model);
  switch (model.origin) {
    case 'builtin':
      return l10n.t('Files of the built-in model are missing or damaged: {0}. Please reinstall Moxu.', files);
    case 'imported':
      return l10n.t('Files of “{0}” are missing or damaged: {1}. Remove the model and import it again.', name, files);
    case 'elsewhere':
      return l10n.t('Files of “{0}” are missing or damaged: {1}. Copy or convert the model again.', name, files);
  }
}

/**
 * Chooses among the files of the machine on which Moxu runs. In a window of another machine's files (Remote-SSH, WSL, a
 * container, a repository that is not cloned) that is the writer's own, while VS Code's dialog would show those files.
 */
import { homedir } from 'node:os';
import * as vscode from 'vscode';

/** @returns null when nothing was chosen */
export async function chooseOwnFile(options: vscode.OpenDialogOptions): Promise<string | null> {
  const begin = showsOtherFiles() ? { defaultUri: vscode.Uri.file(homedir()) } : {};
  const [picked] = (await vscode.window.showOpenDialog({ ...options, ...begin })) ?? [];
  return picked?.fsPath ?? null;
}

function showsOtherFiles(): boolean {
  const { workspaceFolders = [] } = vscode.workspace;
  const { remoteName } = vscode.env;
  const isBesideRemote =
    remoteName !== undefined &&
    vscode.extensions.getExtension('moxu.moxu')?.extensionKind === vscode.ExtensionKind.UI;
  return isBesideRemote || workspaceFolders.some(({ uri }) => uri.scheme !== 'file');
}

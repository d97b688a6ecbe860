/** Which models can be imported, as a page that VS Code renders: of the package, so that it needs no network. */
import * as vscode from 'vscode';

export async function showFamilies(extension: vscode.Uri): Promise<void> {
  const name = vscode.env.language.startsWith('zh') ? 'FAMILIES.zh-cn.md' : 'FAMILIES.md';
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(extension, 'models', name));
}

/** Lets a page run its script, and load nothing but that and its style. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { PageResources } from './webviewPage';

/** @param name of the page's files in dist/ */
export function pageResources(webview: vscode.Webview, extensionUri: vscode.Uri, name: string): PageResources {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  const file = (ending: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(dist, `${name}.${ending}`)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  return {
    scriptUri: file('js'),
    styleUri: file('css'),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('hex'),
    language: vscode.env.language,
  };
}

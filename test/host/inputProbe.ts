/**
 * An extension of the tests' own, beside the packaged one: tells over HTTP what Moxu is asked and answers, and opens
 * documents. What a writer sees is not touched by it.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { WorkerThread } from '../../src/engine/workerThread';
import type { MoxuApi } from '../../src/extension';
import type { EngineRequest } from '../../src/protocol';
import type { ProbeState } from './inputProbing';

/** These end work, load or free the model, and find out about the machine when nobody writes. */
const aside = new Set<EngineRequest['type']>(['abort', 'load', 'dispose', 'calibrate']);

const state: ProbeState = {
  requests: [],
  answers: [],
  counts: { asked: 0, known: 0, started: 0, remembered: 0 },
  isLearnt: false,
  text: '',
  before: '',
};

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const api = await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate();
  if (!api) throw new Error('Moxu is not installed');
  record(api);
  const server = createServer((request, response) => {
    answer(api, request).then(
      () => response.end(JSON.stringify(look(api))),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1', () => {
    writeFileSync(join(context.extensionPath, 'port'), String((server.address() as AddressInfo).port));
  });
  context.subscriptions.push(new vscode.Disposable(() => server.close()));
}

/** The real engine and the real provider go on working; what passes through them is noted. */
function record({ engine, ghostText }: MoxuApi): void {
  watch(engine);
  engine.onStateChange(() => watch(engine));
  const provide = ghostText.provideInlineCompletionItems.bind(ghostText);
  ghostText.provideInlineCompletionItems = async (document, position, ...rest) => {
    const items = await provide(document, position, ...rest);
    const before = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
    const ghosts = items.map(({ insertText }) => insertText).filter((text) => typeof text === 'string');
    if (ghosts.length > 0) state.answers.push({ before, ghosts });
    return items;
  };
}

/** Threads whose messages are noted. */
const watched = new WeakSet<WorkerThread>();

/** Whatever reaches the engine goes through here, however it was asked for. */
function watch({ thread }: MoxuApi['engine']): void {
  if (!thread || watched.has(thread)) return;
  watched.add(thread);
  const send = thread.send.bind(thread);
  thread.send = (request) => {
    const { type } = request;
    if ('prompt' in request) {
      const { text: prompt, endsWord = false } = request.prompt;
      state.requests.push({ type, prompt, text: activeText(), endsWord });
    } else if (type === 'learn')
      state.requests.push({ type, prompt: request.part.text, text: activeText(), endsWord: false });
    else if (!aside.has(type)) state.requests.push({ type, prompt: '', text: activeText(), endsWord: false });
    send(request);
  };
}

async function answer(api: MoxuApi, request: IncomingMessage): Promise<void> {
  const body = await new Promise<string>((resolve) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => resolve(text));
  });
  if (request.url === '/open') await open(body);
  if (request.url === '/close') await closeLast();
  if (request.url === '/forget') {
    api.ghostText.forget();
    Object.assign(state, { requests: [], answers: [] });
    for (const name of Object.keys(api.ghostText.counts)) Object.assign(api.ghostText.counts, { [name]: 0 });
  }
  if (request.url === '/trigger') await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
}

async function open(body: string): Promise<void> {
  const { content, language } = JSON.parse(body) as { content: string; language: string };
  await closeLast();
  const document = await vscode.workspace.openTextDocument({ content, language });
  const end = document.positionAt(content.length);
  // Not set on the editor afterwards: that is true here at once, and in the window perhaps after the next key.
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(end, end) });
}

/**
 * What is empty is closed without a question. (workbench.action.revertAndCloseActiveEditor closes what is active when it
 * comes to it, which may be the next document.)
 */
async function closeLast(): Promise<void> {
  for (const { tabs } of vscode.window.tabGroups.all)
    for (const tab of tabs) {
      if (!(tab.input instanceof vscode.TabInputText) || tab.input.uri.scheme !== 'untitled') continue;
      const { uri } = tab.input;
      const document = await vscode.workspace.openTextDocument(uri);
      const edit = new vscode.WorkspaceEdit();
      edit.delete(uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)));
      await vscode.workspace.applyEdit(edit);
      if (!(await vscode.window.tabGroups.close(tab))) throw new Error(`${uri.toString()} was not closed`);
    }
}

const activeText = (): string => vscode.window.activeTextEditor?.document.getText() ?? '';

function look({ ghostText, ownWords, engine }: MoxuApi): ProbeState {
  const editor = vscode.window.activeTextEditor;
  const { asked, known, started, remembered } = ghostText.counts;
  const before = editor?.document.getText(new vscode.Range(new vscode.Position(0, 0), editor.selection.active)) ?? '';
  const isLearnt = engine.state.kind === 'ready' && ownWords.isUpToDate;
  return { ...state, counts: { asked, known, started, remembered }, isLearnt, text: activeText(), before };
}

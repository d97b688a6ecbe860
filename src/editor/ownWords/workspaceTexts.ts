/** The text files of the workspace's folders: which of them are read, and when one of them changes. */
import { open } from 'node:fs/promises';
import * as vscode from 'vscode';
import { decodedText, fromLineStart, oldEncoding } from '../../context/decodedText';
import { withoutIgnored } from './gitIgnored';

const pattern = '**/*.{md,markdown,txt}';

/** Of all that there are, the ones written last. */
const maxFiles = 200;
/** Of a longer one the end is read, as of a long document that is open. */
const maxBytes = 256e3;
/** Longer than that is no writer's text but data. */
const maxFileBytes = 8e6;
const maxTotalBytes = 1.2e6;
/** Looked at to find those: a writer's notes of many years. */
const maxFound = 20_000;
/** Looked at together: what reads a folder of thousands must not hold up the keys. */
const batch = 20;
/** Of the newest, asked about together whether git ignores them. */
const asked = 2 * maxFiles;

/** Files that appear together are looked for together. */
const settleMs = 1000;
/** Of what appeared so many are looked at to find a folder: what is built comes by the thousand. */
const maxLookedAt = 50;

export class WorkspaceTexts implements vscode.Disposable {
  private chosen = new Set<string>();
  /** All folders in which one of them is, however deep. */
  private folders = new Set<string>();
  private readonly watcher = vscode.workspace.createFileSystemWatcher(pattern);
  /** Of a folder that is moved, or deleted, VS Code tells nothing of the files in it. */
  private readonly folderWatcher = vscode.workspace.createFileSystemWatcher('**', false, true, false);
  /** Since they were looked at last. */
  private created: vscode.Uri[] = [];
  private readonly subscriptions: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private folderTimer: NodeJS.Timeout | undefined;

  constructor(
    /** A file that is chosen has changed. */
    private readonly changed: (uri: vscode.Uri) => void,
    private readonly deleted: (uri: vscode.Uri) => void,
    /** Other files may have to be chosen. */
    private readonly appeared: () => void,
  ) {
    this.subscriptions = [
      this.watcher,
      this.folderWatcher,
      this.watcher.onDidChange((uri) => this.has(uri) && this.changed(uri)),
      this.watcher.onDidDelete((uri) => {
        if (this.chosen.delete(uri.toString())) this.deleted(uri);
      }),
      this.watcher.onDidCreate(() => this.appearedSoon()),
      this.folderWatcher.onDidCreate((uri) => {
        if (this.created.push(uri) === 1) this.folderTimer = setTimeout(() => void this.lookForFolders(), settleMs);
      }),
      this.folderWatcher.onDidDelete((uri) => {
        if (this.folders.has(uri.toString())) this.deletedFolder(`${uri.toString()}/`);
      }),
    ];
  }

  has(uri: vscode.Uri): boolean {
    return this.chosen.has(uri.toString());
  }

  /** Chooses the files to read. @returns them, the last written last, and before them those that are not chosen any more */
  async choose(): Promise<vscode.Uri[]> {
    const found = await vscode.workspace.findFiles(pattern, excluded(), maxFound);
    const files: TextFile[] = [];
    for (let i = 0; i < found.length; i += batch)
      files.push(...(await Promise.all(found.slice(i, i + batch).map(stat))).filter((file) => file !== null));
    const chosen = await newest(files.sort((a, b) => b.mtime - a.mtime));
    const before = [...this.chosen];
    this.chosen = new Set(chosen.map(String));
    this.folders = new Set([...this.chosen].flatMap(foldersOf));
    const left = before.filter((name) => !this.chosen.has(name)).map((name) => vscode.Uri.parse(name));
    return [...left, ...chosen];
  }

  private appearedSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.appeared, settleMs);
  }

  private async lookForFolders(): Promise<void> {
    const created = this.created.splice(0).slice(0, maxLookedAt);
    if ((await Promise.all(created.map(isFolder))).includes(true)) this.appearedSoon();
  }

  private deletedFolder(prefix: string): void {
    for (const name of [...this.chosen].filter((file) => file.startsWith(prefix))) {
      this.chosen.delete(name);
      this.deleted(vscode.Uri.parse(name));
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.folderTimer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

interface TextFile {
  uri: vscode.Uri;
  size: number;
  mtime: number;
}

/** @param files the last written first @returns as many as are read, the last written last */
async function newest(files: readonly TextFile[]): Promise<vscode.Uri[]> {
  const chosen: vscode.Uri[] = [];
  let total = 0;
  for (let i = 0; i < files.length; i += asked) {
    const some = files.slice(i, i + asked);
    const kept = new Set((await withoutIgnored(some.map(({ uri }) => uri))).map(String));
    for (const { uri, size } of some.filter((file) => kept.has(file.uri.toString()))) {
      total += Math.min(size, maxBytes);
      if (total > maxTotalBytes || chosen.length === maxFiles) return chosen;
      chosen.unshift(uri);
    }
  }
  return chosen;
}

function foldersOf(name: string): string[] {
  const ends = Array.from(name.matchAll(/(?<=[^/])\//g), ({ index }) => index);
  return ends.map((end) => name.slice(0, end));
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    ({ type }) => (type & vscode.FileType.Directory) !== 0,
    () => false,
  );
}

/** @returns null where it is no text, or gone */
export async function readText(uri: vscode.Uri): Promise<string | null> {
  try {
    const encoding = vscode.workspace.getConfiguration('files', uri).get('encoding', '');
    return decodedText(await lastBytes(uri), oldEncoding(encoding, vscode.env.language));
  } catch {
    return null;
  }
}

/** VS Code reads files whole; to read a megabyte and make text of it would hold up the keys. */
async function lastBytes(uri: vscode.Uri): Promise<Uint8Array> {
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size <= maxBytes) return vscode.workspace.fs.readFile(uri);
  const file = await open(uri.fsPath);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(maxBytes), 0, maxBytes, size - maxBytes);
    return fromLineStart(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** What the writer's searches leave out; `files.exclude` is left out by VS Code itself. */
function excluded(): string {
  const search = vscode.workspace.getConfiguration('search').get<Record<string, unknown>>('exclude', {});
  const globs = Object.keys(search).filter((glob) => search[glob] === true && !glob.includes('{'));
  return `{${['**/node_modules/**', ...globs].join(',')}}`;
}

/** @returns null where it is none of ours */
async function stat(uri: vscode.Uri): Promise<TextFile | null> {
  try {
    const { size, mtime, type } = await vscode.workspace.fs.stat(uri);
    const most = uri.scheme === 'file' ? maxFileBytes : maxBytes;
    return type === vscode.FileType.File && size > 0 && size <= most ? { uri, size, mtime } : null;
  } catch {
    return null;
  }
}

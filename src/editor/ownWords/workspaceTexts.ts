/** The text files of the workspace's folders: which of them are read, and when one of them changes. */
import * as vscode from 'vscode';
import { decodedText, oldEncoding } from '../../context/decodedText';
import { withoutIgnored } from './gitIgnored';

const pattern = '**/*.{md,markdown,txt}';

/** Of all that there are, the ones written last. */
const maxFiles = 200;
const maxBytes = 256e3;
const maxTotalBytes = 1.2e6;
/** Looked at to find those. */
const maxFound = 1000;

/** Files that appear together are looked for together. */
const settleMs = 1000;

export class WorkspaceTexts implements vscode.Disposable {
  private chosen = new Set<string>();
  private readonly watcher = vscode.workspace.createFileSystemWatcher(pattern);
  private readonly subscriptions: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** A file that is chosen has changed. */
    private readonly changed: (uri: vscode.Uri) => void,
    private readonly deleted: (uri: vscode.Uri) => void,
    /** Other files may have to be chosen. */
    private readonly appeared: () => void,
  ) {
    this.subscriptions = [
      this.watcher,
      this.watcher.onDidChange((uri) => this.has(uri) && this.changed(uri)),
      this.watcher.onDidDelete((uri) => {
        if (this.chosen.delete(uri.toString())) this.deleted(uri);
      }),
      this.watcher.onDidCreate(() => {
        clearTimeout(this.timer);
        this.timer = setTimeout(this.appeared, settleMs);
      }),
    ];
  }

  has(uri: vscode.Uri): boolean {
    return this.chosen.has(uri.toString());
  }

  /** Chooses the files to read. @returns them, the last written last, and before them those that are not chosen any more */
  async choose(): Promise<vscode.Uri[]> {
    const found = await vscode.workspace.findFiles(pattern, excluded(), maxFound);
    const files = await Promise.all((await withoutIgnored(found)).map(stat));
    const newest = files.filter((file) => file !== null).sort((a, b) => b.mtime - a.mtime);
    const chosen: vscode.Uri[] = [];
    let total = 0;
    for (const { uri, size } of newest) {
      total += size;
      if (total > maxTotalBytes || chosen.length === maxFiles) break;
      chosen.unshift(uri);
    }
    const before = [...this.chosen];
    this.chosen = new Set(chosen.map(String));
    const left = before.filter((name) => !this.chosen.has(name)).map((name) => vscode.Uri.parse(name));
    return [...left, ...chosen];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** @returns null where it is no text, or gone */
export async function readText(uri: vscode.Uri): Promise<string | null> {
  try {
    const encoding = vscode.workspace.getConfiguration('files', uri).get('encoding', '');
    return decodedText(await vscode.workspace.fs.readFile(uri), oldEncoding(encoding, vscode.env.language));
  } catch {
    return null;
  }
}

/** What the writer's searches leave out; `files.exclude` is left out by VS Code itself. */
function excluded(): string {
  const search = vscode.workspace.getConfiguration('search').get<Record<string, unknown>>('exclude', {});
  const globs = Object.keys(search).filter((glob) => search[glob] === true && !glob.includes('{'));
  return `{${['**/node_modules/**', ...globs].join(',')}}`;
}

/** @returns null where it is none of ours */
async function stat(uri: vscode.Uri): Promise<{ uri: vscode.Uri; size: number; mtime: number } | null> {
  try {
    const { size, mtime, type } = await vscode.workspace.fs.stat(uri);
    return type === vscode.FileType.File && size > 0 && size <= maxBytes ? { uri, size, mtime } : null;
  } catch {
    return null;
  }
}

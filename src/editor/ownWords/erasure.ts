/**
 * Which texts nothing is learnt from because the writer had what was learnt erased: all that were neither opened nor edited
 * since. The window may be opened anew meanwhile: the time is kept with the workspace, nothing else.
 */
import * as vscode from 'vscode';

const stateKey = 'moxu.ownWords.erasedAt';

export class Erasure implements vscode.Disposable {
  /** URIs of texts that the writer has opened or edited since, in this window. */
  private readonly renewed = new Set<string>();
  /** URIs of tabs that stood there then, or that the window came with: VS Code loads them when it likes. */
  private stood: ReadonlySet<string> = openTabs();
  private readonly subscription = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    const gone = new Set(closed.map(uriOf));
    const left = openTabs();
    this.stood = new Set([...this.stood].filter((name) => !gone.has(name) || left.has(name)));
  });

  /** @param state the workspace's */
  constructor(private readonly state: vscode.Memento) {}

  dispose(): void {
    this.subscription.dispose();
  }

  /** From now on all texts are covered that there are. */
  async erase(): Promise<void> {
    this.renewed.clear();
    this.stood = openTabs();
    await this.state.update(stateKey, Date.now());
  }

  opened(uri: vscode.Uri): void {
    if (!this.stood.has(uri.toString())) this.edited(uri);
  }

  edited(uri: vscode.Uri): void {
    this.renewed.add(uri.toString());
  }

  /** Whether nothing is to be learnt from this text. */
  async covers(uri: vscode.Uri): Promise<boolean> {
    const erasedAt = this.state.get<number>(stateKey);
    if (erasedAt === undefined || this.renewed.has(uri.toString())) return false;
    // What was saved since was edited, in another window perhaps. What has no file yet came with the window, or was opened;
    // a file that is gone is to be forgotten, which is not for us to hinder.
    const written = await vscode.workspace.fs.stat(uri).then(
      ({ mtime }) => mtime,
      () => (uri.scheme === 'untitled' ? 0 : Infinity),
    );
    return written <= erasedAt && !this.renewed.has(uri.toString());
  }
}

/** '' of a tab that shows no text. */
const uriOf = ({ input }: vscode.Tab): string => (input instanceof vscode.TabInputText ? input.uri.toString() : '');

function openTabs(): Set<string> {
  return new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(uriOf)));
}

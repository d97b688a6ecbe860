/** A notification that shows how far some work is, and can be cancelled. */
import * as vscode from 'vscode';

export interface Progress {
  /** @param message what stands behind the title, '' for nothing @param percent done, 0 … 100; without it no bar is filled */
  report: (message: string, percent?: number) => void;
  /** Aborted when the writer cancels. */
  signal: AbortSignal;
}

export function withProgress<T>(title: string, work: (progress: Progress) => Promise<T>): Thenable<T> {
  // Title and message go as one: VS Code would join them with a half-width colon.
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    const report = (text: string, percent?: number): void => {
      const message = text === '' ? title : vscode.l10n.t('{0}: {1}', title, text);
      progress.report(percent === undefined ? { message } : { message, increment: percent - shown });
      shown = percent ?? shown;
    };
    report('');
    return work({ report, signal: abort.signal });
  });
}

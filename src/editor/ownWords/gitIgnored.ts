/** What git ignores, as far as VS Code's own git extension tells. */
import * as vscode from 'vscode';

/** The part of the extension's interface that is used here; https://github.com/microsoft/vscode, extensions/git/src/api/git.d.ts. */
interface GitExports {
  getAPI(version: 1): GitApi;
}

interface GitApi {
  readonly state: 'uninitialized' | 'initialized';
  readonly onDidChangeState: vscode.Event<string>;
  getRepository(uri: vscode.Uri): GitRepository | null;
}

interface GitRepository {
  /** Not in every version. @returns the paths that are ignored */
  checkIgnore?(paths: string[]): Promise<Set<string>>;
}

/** Git has looked for repositories by then, or will not. */
const timeoutMs = 10_000;

/** Without git, or when it fails, all of them. */
export async function withoutIgnored(uris: readonly vscode.Uri[]): Promise<vscode.Uri[]> {
  try {
    const extension = vscode.extensions.getExtension<GitExports>('vscode.git');
    if (!extension) return [...uris];
    const git = (await extension.activate()).getAPI(1);
    await initialized(git);
    const byRepository = new Map<GitRepository, string[]>();
    for (const uri of uris) {
      const repository = git.getRepository(uri);
      if (repository) byRepository.set(repository, [...(byRepository.get(repository) ?? []), uri.fsPath]);
    }
    const ignored = new Set<string>();
    for (const [repository, paths] of byRepository)
      for (const path of (await repository.checkIgnore?.(paths)) ?? []) ignored.add(path);
    return uris.filter(({ fsPath }) => !ignored.has(fsPath));
  } catch {
    return [...uris]; // it is switched off, or the repository is damaged
  }
}

async function initialized(git: GitApi): Promise<void> {
  if (git.state === 'initialized') return;
  let subscription: vscode.Disposable | undefined;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((done) => {
    subscription = git.onDidChangeState(() => done());
    timer = setTimeout(done, timeoutMs);
  });
  clearTimeout(timer);
  subscription?.dispose();
}

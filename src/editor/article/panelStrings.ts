/** Everything that the panel says, in the writer's language. The page gets it as data. */
import * as vscode from 'vscode';

/** Leaves {0} and {1} in place, for the page to fill in. */
const zero = '{0}';
const one = '{1}';

export function panelStrings() {
  return {
    title: vscode.l10n.t('Title'),
    titleExample: vscode.l10n.t('In Chinese, for example: 故乡的雨'),
    titleMissing: vscode.l10n.t('Write a title first.'),
    cut: vscode.l10n.t('Only {0} characters fit into this field; the rest was left out.', zero),
    opening: vscode.l10n.t('Opening (optional)'),
    openingExample: vscode.l10n.t('The first sentences, if you want to write them yourself'),
    length: vscode.l10n.t('Length in characters'),
    preset: vscode.l10n.t('Style'),
    steady: vscode.l10n.t('Steady'),
    balanced: vscode.l10n.t('Balanced'),
    bold: vscode.l10n.t('Bold'),
    more: vscode.l10n.t('More'),
    seed: vscode.l10n.t('Seed'),
    seedRandom: vscode.l10n.t('Random'),
    seedHint: vscode.l10n.t('Same model, title, opening, length, style and seed: same article.'),
    generate: vscode.l10n.t('Generate'),
    stop: vscode.l10n.t('Stop'),
    retry: vscode.l10n.t('Write Another'),
    retryHint: vscode.l10n.t('Another article on the same title, with a new seed'),
    loading: vscode.l10n.t('Loading the model…'),
    preparing: vscode.l10n.t('Getting ready…'),
    writing: vscode.l10n.t('Writing'),
    progress: vscode.l10n.t('{0} of {1} characters', zero, one),
    speed: vscode.l10n.t('{0} per second', zero),
    finished: vscode.l10n.t('Done: {0}', zero),
    stopped: vscode.l10n.t('Stopped: {0}', zero),
    failed: vscode.l10n.t('Interrupted by an error after {0}', zero),
    stoppedEmpty: vscode.l10n.t('Stopped'),
    article: vscode.l10n.t('Article'),
    insert: vscode.l10n.t('Insert at Cursor'),
    openAsDocument: vscode.l10n.t('Open as New Document'),
    copy: vscode.l10n.t('Copy'),
    close: vscode.l10n.t('Close'),
    wanted: vscode.l10n.t('{0} characters wanted', zero),
    seedOf: vscode.l10n.t('Seed {0}', zero),
    reuse: vscode.l10n.t('Use These Settings Again'),
    history: vscode.l10n.t('History of this workspace'),
    characters: vscode.l10n.t('{0} characters', zero),
    oneCharacter: vscode.l10n.t('1 character'),
    erase: vscode.l10n.t('Delete “{0}”', zero),
    eraseAll: vscode.l10n.t('Delete All'),
    trialNote: vscode.l10n.t(
      'This is the trial model: small, and its articles are only a taste. For better ones, import a larger model, such as CPM.',
    ),
    importModel: vscode.l10n.t('Import Model…'),
    showFamilies: vscode.l10n.t('Which Models'),
    chooseModel: vscode.l10n.t('Choose Model…'),
    openSettings: vscode.l10n.t('Open Settings'),
    openSampling: vscode.l10n.t('Open Settings'),
    openDownload: vscode.l10n.t('Open Download Page'),
    openLog: vscode.l10n.t('Open Log'),
  };
}

export type PanelStrings = ReturnType<typeof panelStrings>;

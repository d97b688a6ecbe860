/** Everything that the page of figures says, in the writer's language. The page gets it as data. */
import * as vscode from 'vscode';

/** Leaves {0} … in place, for the page to fill in. */
const [zero, one, two] = ['{0}', '{1}', '{2}'];

export function figuresStrings() {
  const { l10n } = vscode;
  return {
    title: l10n.t('Ghost Text Statistics'),
    promise: l10n.t(
      'Only the numbers of suggestions and characters are kept, never your text. They stay on this computer for 90 days and are never sent anywhere.',
    ),
    period: l10n.t('Period'),
    today: l10n.t('Today'),
    week: l10n.t('Last 7 days'),
    month: l10n.t('Last 30 days'),
    all: l10n.t('Last 90 days'),
    nothing: l10n.t('Nothing yet. Write a few sentences while ghost text is on, and look again.'),
    summary: l10n.t('Suggestions shown: {0}; used: {1} ({2}).', zero, one, two),
    fates: l10n.t('What became of the suggestions'),
    fate: l10n.t('What you did'),
    suggestions: l10n.t('Suggestions'),
    share: l10n.t('Share'),
    accepted: l10n.t('Accepted whole'),
    partlyAccepted: l10n.t('Accepted in part'),
    typedThrough: l10n.t('Typed to the end by hand'),
    passedOver: l10n.t('Passed over'),
    shown: l10n.t('Shown'),
    characters: l10n.t('Characters'),
    charactersShown: l10n.t('Suggested'),
    charactersAccepted: l10n.t('Accepted'),
    charactersTyped: l10n.t('Typed by hand'),
    charactersOf: l10n.t('{0} ({1})', zero, one),
    later: l10n.t('A minute later'),
    kept: l10n.t('Pieces kept whole'),
    charactersKept: l10n.t('Characters kept'),
    keptOf: l10n.t('{0} of {1} ({2})', zero, one, two),
    notYet: l10n.t('Nothing yet: figures appear a minute after you accept a suggestion.'),
    days: l10n.t('Day by day'),
    day: l10n.t('Day'),
    used: l10n.t('Used'),
    usedShare: l10n.t('Share used'),
    isOn: l10n.t('Counting is on.'),
    isOff: l10n.t('Counting is off.'),
    turnOff: l10n.t('Stop Counting'),
    turnOn: l10n.t('Start Counting'),
    erase: l10n.t('Erase All Statistics'),
    erased: l10n.t('All statistics were erased.'),
  };
}

export type FiguresStrings = ReturnType<typeof figuresStrings>;

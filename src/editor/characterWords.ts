/** A number of 字, in words. VS Code's l10n knows no plurals. */
import * as vscode from 'vscode';

export function charactersInWords(count: number): string {
  return count === 1 ? vscode.l10n.t('1 character') : vscode.l10n.t('{0} characters', inDigits(count));
}

/** 1,234,567: in Chinese as in English. Not by `toLocaleString`, whose first use reads the tables of languages for 20 ms. */
export const inDigits = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

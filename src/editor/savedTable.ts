/** A table in VS Code's store, in which anything may stand: another version of Moxu has written it, perhaps. */
import type { Memento } from 'vscode';

/** @param isEntry whether a value is what this version writes; others count as not there */
export function savedTable<T>(
  state: Memento,
  key: string,
  isEntry: (value: Partial<Record<string, unknown>>) => boolean,
): Record<string, T> {
  const stored = state.get<unknown>(key);
  const entries = isRecord(stored) ? Object.entries(stored) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, T] => isRecord(entry[1]) && isEntry(entry[1])));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

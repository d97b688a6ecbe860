/** Keys as package.json binds them and as the writer's keyboard calls them; what they have bound otherwise VS Code does not tell. */

const onMac: Readonly<Record<string, string>> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↩' };

/** @param keys as Ctrl+Alt+Enter; on a Mac it is ⌘ where it is Ctrl elsewhere */
export function keyInWords(keys: string): string {
  if (process.platform !== 'darwin') return keys;
  return keys
    .split('+')
    .map((key) => onMac[key] ?? key)
    .join('');
}

/** What stands before GPT-2's names of tensors, depending on which object was saved: `transformer.`, `module.`, `model.` … */

const tokenTable = 'wte.weight';
const head = 'lm_head.weight';

/** '' where there is no token table. */
export function prefixOf(tensors: ReadonlyMap<string, unknown>): string {
  return named(tensors, tokenTable)?.slice(0, -tokenTable.length) ?? '';
}

/** The output layer, where it was saved beside the token table. */
export function nameOfHead(tensors: ReadonlyMap<string, unknown>): string | undefined {
  return named(tensors, head);
}

function named(tensors: ReadonlyMap<string, unknown>, name: string): string | undefined {
  if (tensors.has(name)) return name;
  return [...tensors.keys()].find((other) => other.endsWith(`.${name}`));
}

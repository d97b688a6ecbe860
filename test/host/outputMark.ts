/** Begins what the tests in VS Code print; the shim shows only that. Invisible where it is shown all the same. */
export const outputMark = '\u2063';

/** Begins what mocha prints in VS Code; the shim shows only that. Invisible where it is shown all the same. */
export const outputMark = '\u2063';

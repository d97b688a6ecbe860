/** JSON from anyone: `JSON.parse` keeps the last of two values that share a key, and follows any depth. */

const maxDepth = 64;

/**
 * @param fail must throw; it is given what is wrong, as in "is not valid JSON"
 * @returns an object whose keys are its own
 */
export function parseJsonObject(json: string, fail: (what: string) => never): Record<string, unknown> {
  checkKeys(json, fail);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return fail('is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('is not a JSON object');
  return value as Record<string, unknown>;
}

/** Follows strings and brackets only: what lies between is for `JSON.parse` to judge. */
function checkKeys(json: string, fail: (what: string) => never): void {
  /** The keys of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  let lastString = '';
  for (let i = 0; i < json.length; i++)
    switch (json.charAt(i)) {
      case '"': {
        const end = stringEnd(json, i + 1);
        lastString = json.slice(i, end + 1);
        i = end;
        break;
      }
      case '{':
      case '[':
        open.push(json.charAt(i) === '{' ? new Set() : null);
        if (open.length > maxDepth) fail(`is nested more than ${maxDepth} deep`);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ':': {
        const key = unescaped(lastString);
        if (open.at(-1)?.has(key)) fail(`says ${key.slice(0, 200)} twice`);
        open.at(-1)?.add(key);
      }
    }
}

/** Index of the quote that ends the string, or of the text's end. */
function stringEnd(json: string, from: number): number {
  let i = from;
  while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}

/** The same key can be written with and without escapes. */
function unescaped(key: string): string {
  if (!key.includes('\\')) return key;
  try {
    return JSON.stringify(JSON.parse(key));
  } catch {
    return key;
  }
}

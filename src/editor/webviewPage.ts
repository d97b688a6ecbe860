/** The frame of a page in VS Code: what it may load, its words as data, and nothing of anybody's text. */

export interface PageResources {
  scriptUri: string;
  styleUri: string;
  /** webview.cspSource */
  cspSource: string;
  /** New with each page. */
  nonce: string;
  /** The language of the interface, as zh-cn. */
  language: string;
}

/**
 * @param strings what the page says; its script finds them in the body's `data-strings`
 * @param body HTML of the page, made from the same strings escaped
 */
export function webviewPage<Strings extends Record<string, string>>(
  title: keyof Strings,
  strings: Strings,
  { scriptUri, styleUri, cspSource, nonce, language }: PageResources,
  body: (strings: Strings) => string,
): string {
  const s = Object.fromEntries(Object.entries(strings).map(([name, text]) => [name, escape(text)])) as Strings;
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
  <meta charset="UTF-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'">
  <link rel="stylesheet" href="${escape(styleUri)}">
  <title>${s[title] ?? ''}</title>
</head>
<body data-strings="${escape(JSON.stringify(strings))}">
  ${body(s)}
  <script nonce="${nonce}" src="${escape(scriptUri)}"></script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// The page that VS Code shows of the installed extension: both READMEs, of which it has what works there. VS Code shows
// pictures only from an address on the network, and follows only such links and those within the page.

/** @param {string} heading @returns {string} where it is within the page, as GitHub and VS Code name it */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

/**
 * @param {string} readme
 * @param {{ file: string, text: string }} other the one in the other language
 * @returns {string}
 */
function onePart(readme, { file, text }) {
  const heading = /^# (.*)$/m.exec(text)?.[1] ?? '';
  return readme
    .replace(/^!\[[^\]]*\]\((?!https:)[^)]*\)\n+/gm, '')
    .replace(/\[([^[\]\n]*)\]\(([^):#\n]*)\)/g, (_, words, target) => {
      if (target === file) return `[${words}](#${anchorOf(heading)})`;
      return words === target ? words : `${words} \`${target}\``;
    });
}

/** @param {string} chinese @param {string} english @returns {string} Markdown */
export function extensionPage(chinese, english) {
  const parts = [
    onePart(chinese, { file: 'README.en.md', text: english }),
    onePart(english, { file: 'README.md', text: chinese }),
  ];
  return parts.join('\n---\n\n');
}

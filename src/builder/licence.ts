/**
 * The licence in a model card's front matter: `license: mit` between the two `---` lines at the top of README.md.
 * @returns undefined when there is none.
 */
export function licenceInReadme(readme: string): string | undefined {
  const frontMatter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme)?.[1];
  return /^licen[sc]e:[ \t]*["']?([^"'\r\n]+?)["']?[ \t]*$/m.exec(frontMatter ?? '')?.[1];
}

/** Lays out the examples that close a command's --help, one command line each. */
export function examples(...lines: readonly string[]): string {
  const title = lines.length === 1 ? 'Example:' : 'Examples:'
  return `\n${[title, ...lines.map((line) => `  $ ${line}`)].join('\n')}`
}

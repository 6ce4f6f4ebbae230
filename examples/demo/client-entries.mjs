// @ts-check
import { isAbsolute } from 'node:path'
import { POLICY, WRAPPED } from './places.mjs'
import { paint, paragraph, print } from './screen.mjs'

/** Prints what puts the same server behind hoopctl in the clients that people use. */
export function printClientEntries() {
  const [command = '', ...args] = WRAPPED
  paragraph(
    '',
    'Where the entry of a server names its command, name hoopctl, and the command behind it. All paths are absolute, because clients with a window start servers in `/` with almost no PATH.',
  )
  print()
  heading('Claude Code')
  print(shellLines(['claude', 'mcp', 'add', 'orders-db', '--', ...WRAPPED]))
  heading('Claude Desktop (claude_desktop_config.json), Cursor (~/.cursor/mcp.json)')
  print(JSON.stringify({ mcpServers: { 'orders-db': { command, args } } }, null, 2))
  heading('VS Code (.vscode/mcp.json)')
  print(JSON.stringify({ servers: { 'orders-db': { type: 'stdio', command, args } } }, null, 2))
  print()
  paragraph(
    '',
    `Then change ${POLICY} and restart the server in the client: a policy that nobody signed is read once, at start. Under a company's policy the entry is \`hoopctl wrap orders-db\`, as in 6, once \`hoopctl policy add\` and \`hoopctl login\` were typed. What happened then is told by \`hoopctl sessions list\`; what this demo made was kept apart, and is removed now.`,
  )
}

/** @param {string} text */
function heading(text) {
  print(paint('cyan', `# ${text}`))
}

/**
 * Writes words as a shell command, each path on a line of its own.
 * @param {readonly string[]} words
 */
function shellLines(words) {
  return words.reduce((line, word, index) => {
    const breaks = word === '--policy' || (isAbsolute(word) && words[index - 1] !== '--policy')
    return `${line}${breaks ? ' \\\n  ' : ' '}${shellQuoted(word)}`
  })
}

/** @param {string} word */
function shellQuoted(word) {
  return /^[\w./@:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

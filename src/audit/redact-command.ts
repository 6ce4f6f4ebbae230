const REMOVED = '[removed]'

// Words that name a secret when they stand as a key: `?access_token=…`, `--db-password=…`, `API_KEY=…`,
// `;pwd=…`.
const SECRET =
  '(?:password|passwd|passphrase|pwd|token|secret|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|signature|sig|auth)'
const KEYED = new RegExp(`(${SECRET}=)(?:'[^']*'|"[^"]*"|[^&;\\s#])+`, 'gi')
const FLAG = new RegExp(`^--?[\\w-]*${SECRET}$`, 'i')
// A password may hold an unescaped `@` or `/`, so it reaches to the last `@`. A port is no password:
// `//host:80/a@b`.
const USERINFO = /(:\/\/[^:/?#\s@]*:)(?!\d{1,5}(?:[/?#]|$))\S*@/g
// In `https://TOKEN@host` the token stands where the user's name would.
const TOKEN_USER = /(https?:\/\/)[^:/?#\s@]+@/gi

/**
 * Removes from a command line what its arguments show to be secret: passwords in URLs, secrets in their
 * queries and in `key=value` lists, and the values of flags that are called so. Redacting twice changes
 * nothing more.
 */
export function redactCommand(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const before = args[index - 1]
    const isValue = before !== undefined && FLAG.test(before) && !arg.startsWith('-')
    return isValue ? REMOVED : redactText(arg)
  })
}

function redactText(text: string): string {
  return text
    .replace(USERINFO, `$1${REMOVED}@`)
    .replace(TOKEN_USER, `$1${REMOVED}@`)
    .replace(KEYED, `$1${REMOVED}`)
}

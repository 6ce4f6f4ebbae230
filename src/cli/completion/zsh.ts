import type { Node, Value } from './command-tree.ts'

/** Writes the completion script for zsh; it works from a directory of `fpath` and through `eval`. */
export function zshScript(tree: readonly Node[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `#compdef hoopctl
# Completion of hoopctl for zsh, as \`hoopctl completion zsh\` prints it. To use it, save it as _hoopctl in a directory of
# fpath, or put into ~/.zshrc, after compinit:
#   eval "$(hoopctl completion zsh)"

_hoopctl() {
  local path_typed='' next index
  local -a offered
  for ((index = 2; index < CURRENT; index++)); do
    if [[ \${words[index]} == -- ]]; then
      # What follows is the command of a server.
      if ((index + 1 == CURRENT)); then _command_names; else _files; fi
      return
    fi
    next="\${path_typed:+$path_typed }\${words[index]}"
    case $next in
      (${paths.join('|')}) path_typed=$next ;;
    esac
  done
  case "$path_typed \${words[CURRENT - 1]}" in
${tree.flatMap(flagCases).join('\n')}
  esac
  case $path_typed in
${tree.map(nodeCase).join('\n')}
  esac
}

if [[ \${funcstack[1]} == _hoopctl ]]; then
  _hoopctl "$@"
else
  compdef _hoopctl hoopctl
fi
`
}

function flagCases({ path, flags }: Node): readonly string[] {
  return flags.flatMap(({ name, value }) =>
    value === null ? [] : [`    ('${path} ${name}') ${[...offers(value), 'return'].join('; ')} ;;`],
  )
}

function nodeCase({ path, subcommands, flags, argument }: Node): string {
  const plain = subcommands.length > 0 ? [described('command', subcommands)] : offers(argument)
  return `    ('${path}')
      if [[ $PREFIX == -* ]]; then
        ${described('flag', flags)}
      else
        ${plain.length > 0 ? plain.join('\n        ') : 'return 1'}
      fi
      ;;`
}

function offers(value: Value): readonly string[] {
  switch (value.kind) {
    case 'choices':
      return [`compadd -- ${value.choices.join(' ')}`]
    case 'files':
      return ['_files']
    case 'command':
      return ['_command_names']
    case 'unknown':
      return []
  }
}

function described(what: string, entries: Node['subcommands']): string {
  const list = entries.map(({ name, description }) => quoted(`${name}:${description}`))
  return `offered=(${list.join(' ')}); _describe -t ${what}s ${what} offered`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

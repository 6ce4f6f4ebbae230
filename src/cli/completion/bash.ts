import type { Flag, Node, Value } from './command-tree.ts'

// Fills COMPREPLY with what begins like the current word.
const OFFER = `# Fills COMPREPLY with what begins like the current word: \`files\`, \`commands\`, or \`words\` and those words.
_hoopctl_offer() {
  case $1 in
    files)
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
      ;;
    commands) COMPREPLY+=($(compgen -c -- "$current")) ;;
    words) COMPREPLY+=($(compgen -W "\${*:2}" -- "$current")) ;;
  esac
}
`

/** Writes the completion script for bash 3.2 (the one of macOS) and later. */
export function bashScript(tree: readonly Node[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `# Completion of hoopctl for bash, as \`hoopctl completion bash\` prints it. To use it, put into ~/.bashrc:
#   eval "$(hoopctl completion bash)"

_hoopctl() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path='' index next
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then
      # What follows is the command of a server.
      if ((index + 1 == COMP_CWORD)); then _hoopctl_offer commands; else _hoopctl_offer files; fi
      return
    fi
    next="\${path:+$path }\${COMP_WORDS[index]}"
    case $next in
      ${paths.join(' | ')}) path=$next ;;
    esac
  done
  case "$path $previous" in
${tree.flatMap(flagCases).join('\n')}
  esac
  case $path in
${tree.map(nodeCase).join('\n')}
  esac
}

${OFFER}
complete -F _hoopctl hoopctl
`
}

function flagCases({ path, flags }: Node): readonly string[] {
  return flags.flatMap(({ name, value }: Flag) =>
    value === null ? [] : [`    '${path} ${name}') ${[...offers(value), 'return'].join('; ')} ;;`],
  )
}

function nodeCase({ path, subcommands, flags, argument }: Node): string {
  const names = subcommands.map(({ name }) => name)
  const long = flags.map(({ name }) => name)
  const plain = names.length > 0 ? [words(names)] : offers(argument)
  const always = plain.length > 0 ? `else ${plain.join('; ')}; ` : ''
  return `    '${path}') if [[ $current == -* ]]; then ${words(long)}; ${always}fi ;;`
}

function offers(value: Value): readonly string[] {
  switch (value.kind) {
    case 'choices':
      return [words(value.choices)]
    case 'files':
      return ['_hoopctl_offer files']
    case 'command':
      return ['_hoopctl_offer commands']
    case 'unknown':
      return []
  }
}

function words(list: readonly string[]): string {
  return `_hoopctl_offer words ${list.map((word) => `'${word}'`).join(' ')}`
}

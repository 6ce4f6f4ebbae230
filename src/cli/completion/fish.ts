import type { Flag, Node, Value } from './command-tree.ts'

/** Writes the completion script for fish. */
export function fishScript(tree: readonly Node[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  return `# Completion of hoopctl for fish, as \`hoopctl completion fish\` prints it. To use it:
#   hoopctl completion fish > ~/.config/fish/completions/hoopctl.fish

# Whether the words before the cursor name exactly this command.
function __hoopctl_at
    set -l typed
    for word in (commandline -opc)[2..-1]
        test "$word" = --; and return 1
        set -l next (string join ' ' $typed $word)
        contains -- $next ${paths.join(' ')}; and set typed $next
    end
    test "$typed" = "$argv"
end

# Whether the words before the cursor hold --: what follows is the command of a server.
function __hoopctl_in_command
    contains -- -- (commandline -opc)
end

complete -c hoopctl -f
complete -c hoopctl -n __hoopctl_in_command -F -a '(__fish_complete_subcommand)'
${tree.flatMap(lines).join('\n')}
`
}

function lines({ path, subcommands, flags, argument }: Node): readonly string[] {
  const begin = `complete -c hoopctl -n ${quoted(`__hoopctl_at ${path}`.trim())}`
  return [
    ...subcommands.map(({ name, description }) => `${begin} -a ${name} -d ${quoted(description)}`),
    ...offers(argument).map((offer) => `${begin} ${offer}`),
    ...flags.map((flag) => `${begin} ${flagWords(flag)}`),
  ]
}

function flagWords({ name, description, value }: Flag): string {
  // -r takes a value, -x one that is no file.
  const takes = value === null ? [] : [value.kind === 'files' ? '-r' : '-x', ...offers(value)]
  return [`-l ${name.slice(2)}`, ...takes, `-d ${quoted(description)}`].join(' ')
}

function offers(value: Value): readonly string[] {
  switch (value.kind) {
    case 'choices':
      return [`-a ${quoted(value.choices.join(' '))}`]
    case 'files':
      return ['-F']
    case 'command':
      return [`-a '(__fish_complete_command)'`]
    case 'unknown':
      return []
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`
}

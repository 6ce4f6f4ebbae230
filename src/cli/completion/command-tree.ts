import type { Argument, Command, Option } from 'commander'

/** What can be typed after one command's name, as the completion scripts need it. */
export interface Node {
  /** The names that lead here, without `hoopctl`: `policy lint`; empty for hoopctl itself. */
  readonly path: string
  readonly subcommands: readonly Named[]
  readonly flags: readonly Flag[]
  /** What its arguments are; a command takes one kind of them. */
  readonly argument: Value
}

interface Named {
  readonly name: string
  readonly description: string
}

export interface Flag extends Named {
  /** null: a flag without a value. */
  readonly value: Value | null
}

/** What a word may be. `unknown`: only the person knows, so nothing is offered. */
export type Value =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'command' }
  | { readonly kind: 'unknown' }

/** Reads the command tree from commander's own, parents first, so that the scripts say what the program accepts. */
export function commandTree(command: Command, parents = ''): readonly Node[] {
  const node: Node = {
    path: parents,
    subcommands: command.commands.map((sub) => ({
      name: sub.name(),
      description: firstSentence(sub.description()),
    })),
    flags: command.createHelp().visibleOptions(command).map(flag),
    argument: argumentValue(command.registeredArguments[0]),
  }
  const below = command.commands.flatMap((sub) => commandTree(sub, `${parents} ${sub.name()}`.trim()))
  return [node, ...below]
}

function flag(option: Option): Flag {
  const valueName = /[<[]([^\]>]+)[\]>]/.exec(option.flags)?.[1]
  return {
    name: option.long ?? option.flags,
    description: firstSentence(option.description),
    value: valueName === undefined ? null : valueOf(valueName, option.argChoices),
  }
}

function argumentValue(argument: Argument | undefined): Value {
  return argument === undefined ? { kind: 'unknown' } : valueOf(argument.name(), argument.argChoices)
}

function valueOf(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'choices', choices }
  if (/file|path/i.test(name)) return { kind: 'files' }
  if (/command/i.test(name)) return { kind: 'command' }
  return { kind: 'unknown' }
}

// Shells show one short line beside each candidate.
function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s/)[0] ?? text
}

import { SERVER_REQUESTS } from '../decision.ts'
import { VERSION } from '../version.ts'
import { visible } from '../visible.ts'
import { addressPattern } from './address-pattern.ts'
import { needsQuotes } from './yaml-scalar.ts'

/** What a server said of itself, as far as a draft needs it. Nothing of it is trusted. */
export interface ServerSurface {
  readonly tools: readonly {
    readonly name: string
    readonly description?: string | undefined
    readonly annotations?:
      | { readonly readOnlyHint?: boolean | undefined; readonly destructiveHint?: boolean | undefined }
      | undefined
  }[]
  /** Addresses. */
  readonly resources: readonly string[]
  /** URI templates (RFC 6570). */
  readonly resourceTemplates: readonly string[]
  readonly prompts: readonly string[]
}

export interface DraftOptions extends ServerSurface {
  /** The policy's name. */
  readonly name: string
  /** The server's name in the policy. */
  readonly server: string
  /** An absolute path, or a name without `/`. */
  readonly command: string
  readonly args: readonly string[]
  /** Tools that the server calls read-only are allowed instead of asked. */
  readonly trustHints: boolean
}

/** Writes a commented policy for a server: it passes lint, and gives nothing away that a person did not read. */
export function draftPolicy(options: DraftOptions): string {
  const { server } = options
  const names = new RuleNames()
  const lines = [
    ...header(options),
    'rules:',
    ...section(
      'Tools',
      options.tools.flatMap((tool) => toolLines(tool, options, names)),
    ),
    ...section('Resources', addressLines('resource', options.resources, server, names)),
    ...section('Resource templates', addressLines('template', options.resourceTemplates, server, names)),
    ...section('Prompts', promptLines(options.prompts, server, names)),
    '',
    '  # What the server may ask of the client; each is refused unless a rule allows it:',
    ...SERVER_REQUESTS.map(
      (request) => `  #- allow: { serverRequest: ${request}, server: ${quoted(server)} }`,
    ),
  ]
  // A list without entries would be no list to YAML.
  if (!lines.some((line) => line.startsWith('  - '))) lines[lines.indexOf('rules:')] = 'rules: []'
  return `${lines.join('\n')}\n`
}

function header({ name, server, command, args, trustHints }: DraftOptions): string[] {
  const trusted =
    '# Those that it calls read-only (readOnlyHint) are `allow`, because you chose to trust that.'
  return [
    `# Written by hoopctl ${VERSION} from what the server says of itself. Read every line before you rely on it.`,
    '#',
    '# Tools that the server calls destructive (destructiveHint) are `deny` here.',
    ...(trustHints ? [trusted] : []),
    '# All else is `ask`: such a call waits until a person answers it, in `hoopctl approve`.',
    '# Change `ask` to `allow` where nobody needs to be asked.',
    '# deny outweighs ask, ask outweighs allow; what no rule covers is denied. The order of rules has no meaning.',
    '# In editors: `hoopctl policy schema > policy.schema.json`, and this as the first line of the file:',
    '#   yaml-language-server: $schema=./policy.schema.json',
    'apiVersion: hoopctl/v1',
    'kind: Policy',
    `metadata: { name: ${quoted(name)} }`,
    'servers:',
    `  ${quoted(server)}:`,
    '    run:',
    `      command: ${quoted(command)}`,
    ...(args.length === 0 ? [] : [`      args: [${args.map(quoted).join(', ')}]`]),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  # ${title}`, ...lines]
}

function toolLines(
  { name, description = '', annotations }: ServerSurface['tools'][number],
  { server, trustHints }: DraftOptions,
  names: RuleNames,
): string[] {
  const told = description === '' ? [] : [`  # ${comment(description)}`]
  if (!canBeNamed(name))
    return [`  # Left out, so denied: a rule cannot name exactly the tool ${comment(JSON.stringify(name))}`]
  const rule = (effect: string): string[] => ruleLines(effect, { tool: name, server }, names)
  if (annotations?.destructiveHint === true)
    return [
      ...told,
      '  # The server calls it destructive. To loosen this, write `ask` for `deny`.',
      ...rule('deny'),
    ]
  if (annotations?.readOnlyHint !== true) return [...told, ...rule('ask')]
  if (trustHints)
    return [...told, '  # The server calls it read-only, and you chose to trust that.', ...rule('allow')]
  return [...told, '  # The server calls it read-only. To allow it, write `allow` for `ask`.', ...rule('ask')]
}

function addressLines(
  what: 'resource' | 'template',
  addresses: readonly string[],
  server: string,
  names: RuleNames,
): string[] {
  return addresses.flatMap((address) => {
    const resource = what === 'template' ? patternOf(address) : address
    const usable =
      (what === 'template' || !address.includes('*')) &&
      resource.length <= 1024 &&
      addressPattern(resource).why === null
    if (!usable)
      return [`  # Left out, so denied: no pattern fits the ${what} ${comment(JSON.stringify(address))}`]
    return ruleLines('ask', { resource, server }, names)
  })
}

function promptLines(prompts: readonly string[], server: string, names: RuleNames): string[] {
  return prompts.flatMap((prompt) =>
    canBeNamed(prompt)
      ? ruleLines('ask', { prompt, server }, names)
      : [`  # Left out, so denied: a rule cannot name exactly the prompt ${comment(JSON.stringify(prompt))}`],
  )
}

/** Writes a rule with a name, so that a denial cites `rules.write_file` and not `rules[4]`. */
function ruleLines(effect: string, matcher: Readonly<Record<string, string>>, names: RuleNames): string[] {
  const entries = Object.entries(matcher).map(([key, text]) => `${key}: ${quoted(text)}`)
  const name = names.take(Object.values(matcher)[0] ?? '')
  return [`  - name: ${quoted(name)}`, `    ${effect}: { ${entries.join(', ')} }`]
}

/** Gives rules names that can be cited, each once: `write_file`, `file-srv-docs`, `write_file-2`. */
class RuleNames {
  readonly #taken = new Set<string>()

  take(text: string): string {
    const plain = text
      .replace(/[^A-Za-z0-9_-]+/gu, '-')
      .replace(/^[^A-Za-z0-9]+/u, '')
      .slice(0, 56)
      .replace(/-+$/u, '')
    const stem = plain === '' ? 'rule' : plain
    let name = stem
    for (let count = 2; this.#taken.has(name); count++) name = `${stem}-${count}`
    this.#taken.add(name)
    return name
  }
}

// A tool that calls itself `*` would turn a rule about one tool into a rule about all.
function canBeNamed(name: string): boolean {
  return name !== '' && name.length <= 1024 && !name.includes('*') && name.isWellFormed()
}

// RFC 6570: a plain variable cannot hold a slash; those with an operator may.
function patternOf(template: string): string {
  return template.replace(/\{([^{}]*)\}/gu, (_, body: string) =>
    /^[A-Za-z0-9_.,%:]*$/u.test(body) ? '*' : '**',
  )
}

const SHOWN_CHARACTERS = 100

/** Makes one line of a comment of a server's text: no line break and nothing that hides or reorders gets through. */
function comment(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
  return visible(shown.replace(/\s+/gu, ' ').trim())
}

/** Writes text as a YAML scalar that no reader takes for anything else. */
function quoted(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9_./-]*$/u.test(text) && !needsQuotes(text)) return text
  const ascii = JSON.stringify(text).replace(/[^\u0020-\u007e]/gu, escaped)
  return ascii
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

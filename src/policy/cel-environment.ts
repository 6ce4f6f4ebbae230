import { Environment } from '@marcbachmann/cel-js/evaluator'
import { ownName } from './cel-own-methods.ts'
import type { MatcherKind } from './rule.ts'
import { ZONED } from './zoned-time.ts'

/** A linear-time engine for `matches()`: compiles a pattern, or throws when it is none. */
export type RegexEngine = (pattern: string) => (text: string) => boolean

const TOOL = {
  name: 'string',
  annotations: {
    title: 'string',
    readOnlyHint: 'bool',
    destructiveHint: 'bool',
    idempotentHint: 'bool',
    openWorldHint: 'bool',
  },
}
const SUBJECT = {
  issuer: 'string',
  sub: 'string',
  email: 'string',
  groups: 'list<string>',
  kind: 'string',
  claims: 'map',
}

// Not `readonly`, only because the library's types ask for more than the library needs.
interface Shape {
  [field: string]: string | Shape
}

const SHARED: Shape = {
  server: { name: 'string' },
  subject: SUBJECT,
  client: { name: 'string', version: 'string' },
  session: { id: 'string', calls: 'int' },
  now: 'google.protobuf.Timestamp',
}

/** What a condition is about: calls of one kind, a grant, or the claims of a workload's token. */
export type ConditionKind = MatcherKind | 'grant' | 'workload'

/** The variables of a condition, by what it is about; a field that is not here is an error at load. */
export const VARIABLES: Readonly<Record<ConditionKind, Shape>> = {
  tool: { args: 'map', tool: TOOL, ...SHARED },
  prompt: { args: 'map', prompt: { name: 'string' }, ...SHARED },
  resource: { resource: { uri: 'string' }, ...SHARED },
  serverRequest: { request: 'map', ...SHARED },
  grant: SHARED,
  workload: { claims: 'map' },
}

/** The families of facts that inspectors will make. */
export const FACTS: readonly string[] = ['sql', 'aws', 'http', 'shell', 'k8s', 'ssh', 'path']

// A condition is a line or two; these keep a hostile one from costing seconds to read.
const LIMITS = {
  maxAstNodes: 2000,
  maxDepth: 60,
  maxListElements: 500,
  maxMapEntries: 100,
  maxCallArguments: 8,
}

/** Makes the environment in which conditions of one kind are checked and run; `match` is what `matches()` calls. */
export function celEnvironment(
  kind: ConditionKind,
  match: (text: string, pattern: string) => boolean,
): Environment {
  const environment = new Environment({ limits: LIMITS })
  for (const [name, shape] of Object.entries(VARIABLES[kind])) {
    if (typeof shape === 'string') environment.registerVariable(name, shape)
    else environment.registerVariable({ name, schema: shape })
  }
  const timestamp = 'google.protobuf.Timestamp'
  for (const [name, read] of Object.entries(ZONED)) {
    environment.registerFunction(`${timestamp}.${ownName(name)}(string): int`, read, { async: false })
  }
  const inUtc = (instant: Date) => ZONED['getDayOfYear']?.(instant, 'UTC')
  environment.registerFunction(`${timestamp}.${ownName('getDayOfYear')}(): int`, inUtc, { async: false })
  return environment.registerFunction(`string.${ownName('matches')}(string): bool`, match, { async: false })
}

/** Names the fields of a variable, or of a field such as `tool.annotations`; for "did you mean". */
export function fieldsOf(kind: ConditionKind, names: readonly string[]): string[] {
  let shape: string | Shape = VARIABLES[kind]
  for (const name of names) shape = typeof shape === 'string' ? shape : (shape[name] ?? '')
  return typeof shape === 'string' ? [] : Object.keys(shape)
}

import type { Call, Circumstances, Listed } from '../decision.ts'
import { parseExactJson, type ReadMarks } from './exact-json.ts'

/** What one evaluation noted about the values that it read. */
export interface Marks extends ReadMarks {
  /** Something was read that a list does not know yet: arguments, a request, an address made from a template. */
  unknown: boolean
}

/** The variables of a condition, made when they are first read; one is shared by all conditions that judge one call. */
export interface ConditionContext {
  readonly variables: object
  readonly marks: Marks
  /** Bounds what loops over the arguments may cost. */
  readonly argumentCharacters: number
}

/** Thrown when a list's condition reads what only a call has. */
class NotKnownYet extends Error {
  override readonly name = 'NotKnownYet'
}

/** Gives a condition the variables of a call. Arguments are parsed when a condition first reads them. */
export function callContext(call: Call, circumstances: Circumstances): ConditionContext {
  const marks: Marks = { inexact: false, unknown: false }
  const lazily = lazyVariables(shared(circumstances))
  if (call.kind === 'tool') {
    lazily('args', () => parseExactJson(call.args, marks))
    lazily('tool', () => ({ name: call.name, annotations: call.annotations ?? undefined }))
    return { variables: lazily.variables, marks, argumentCharacters: call.args.length }
  }
  if (call.kind === 'prompt') {
    lazily('args', () => parseExactJson(call.args, marks))
    lazily('prompt', () => ({ name: call.name }))
    return { variables: lazily.variables, marks, argumentCharacters: call.args.length }
  }
  if (call.kind === 'serverRequest') {
    lazily('request', () => parseExactJson(call.request, marks))
    return { variables: lazily.variables, marks, argumentCharacters: call.request.length }
  }
  lazily('resource', () => ({ uri: call.uri }))
  return { variables: lazily.variables, marks, argumentCharacters: 0 }
}

/** Gives a condition what is known of an entry of a list; reading anything else is noted and fails. */
export function listContext(entry: Listed, circumstances: Circumstances): ConditionContext {
  const marks: Marks = { inexact: false, unknown: false }
  const unknown = (): never => {
    marks.unknown = true
    throw new NotKnownYet('a list does not know this yet')
  }
  const lazily = lazyVariables(shared(circumstances))
  lazily('args', unknown)
  lazily('request', unknown)
  if (entry.kind === 'tool') lazily('tool', () => listedTool(entry.name, entry.annotations, unknown))
  if (entry.kind === 'prompt') lazily('prompt', () => ({ name: entry.name }))
  if (entry.kind === 'resource') lazily('resource', () => ({ uri: entry.uri }))
  if (entry.kind === 'resourceTemplate') lazily('resource', unknown)
  return { variables: lazily.variables, marks, argumentCharacters: 0 }
}

function listedTool(name: string, annotations: object | null, unknown: () => never): object {
  if (annotations !== null) return { name, annotations }
  return Object.defineProperty({ name }, 'annotations', { enumerable: true, get: unknown })
}

function shared({ subject, client, server, session, now }: Circumstances): Record<string, () => unknown> {
  return {
    subject: () => ({
      issuer: subject.issuer,
      sub: subject.sub,
      // Absent, not null: a condition on an email that is not known fails, and `has()` says so.
      email: subject.email ?? undefined,
      groups: [...subject.groups],
      kind: subject.kind,
      claims: parsedClaims(subject.claims),
    }),
    // A client that has not said its name yet has no fields: a condition that reads one fails.
    client: () => (client === null ? {} : { name: client.name, version: client.version }),
    server: () => ({ name: server ?? '' }),
    session: () => ({ id: session.id, calls: BigInt(session.calls) }),
    now: () => now,
  }
}

// Claims were parsed by others, as doubles: whole ones become ints by the same road that arguments take.
function parsedClaims(claims: Readonly<Record<string, unknown>>): unknown {
  return parseExactJson(JSON.stringify(claims), { inexact: false })
}

interface Lazily {
  (name: string, make: () => unknown): void
  readonly variables: object
}

function lazyVariables(makers: Record<string, () => unknown>): Lazily {
  const variables: object = Object.create(null)
  const define = (name: string, make: () => unknown): void => {
    let made: { readonly value: unknown } | null = null
    const get = (): unknown => (made ??= { value: make() }).value
    Object.defineProperty(variables, name, { get, enumerable: true })
  }
  for (const [name, make] of Object.entries(makers)) define(name, make)
  return Object.assign(define, { variables })
}

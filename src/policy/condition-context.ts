import type { Call, Circumstances, Listed } from '../decision.ts'
import { parseExactJson, type ReadMarks } from './exact-json.ts'

/** What one evaluation noted about the values that it read. */
export interface Marks extends ReadMarks {
  /** Something was read that a list does not know yet: arguments, a request, an address made from a template. */
  unknown: boolean
}

/** What a condition is judged on; one is shared by all conditions that judge one call. */
export interface ConditionContext {
  /** The variables of a condition, each made when it is first read. */
  readonly variables: object
  readonly marks: Marks
  /** Bounds what loops over the arguments may cost. */
  readonly argumentCharacters: number
}

/** Gives a condition the variables of a call. Arguments are parsed when a condition first reads them. */
export function callContext(
  call: Call,
  circumstances: Circumstances,
  caseSensitive = false,
): ConditionContext {
  const marks = { inexact: false, unknown: false }
  return {
    variables: new CallVariables(call, circumstances, marks, caseSensitive),
    marks,
    argumentCharacters: jsonOf(call).length,
  }
}

/** Gives a condition what is known of an entry of a list; reading anything else is noted and fails. */
export function listContext(entry: Listed, circumstances: Circumstances): ConditionContext {
  const marks = { inexact: false, unknown: false }
  return { variables: new ListVariables(entry, circumstances, marks), marks, argumentCharacters: 0 }
}

/** Gives a condition nothing: what comes out all the same is what it says of every call. */
export function emptyContext(names: Iterable<string>): ConditionContext {
  const marks = { inexact: false, unknown: false }
  const variables = {}
  for (const name of names) Object.defineProperty(variables, name, { get: () => notKnownYet(marks) })
  return { variables, marks, argumentCharacters: 0 }
}

/** Thrown when a condition reads what only a call has. */
class NotKnownYet extends Error {
  override readonly name = 'NotKnownYet'
}

// Made once: it is thrown for each entry of each list, and taking its stack would cost more than all the rest.
const NOT_KNOWN_YET = new NotKnownYet('only a call has this')

/** Notes that something was read that is not known, and fails. */
export function notKnownYet(marks: Marks): never {
  marks.unknown = true
  throw NOT_KNOWN_YET
}

/**
 * What conditions of every kind can read, but for those on a workload's claims. Getters of a class, because objects with a
 * getter each would cost more to make than most conditions to evaluate. CEL reads declared variables only, so what else a
 * prototype holds is out of reach.
 */
export class SharedVariables {
  readonly #circumstances: Circumstances
  #subject: object | null = null

  constructor(circumstances: Circumstances) {
    this.#circumstances = circumstances
  }

  get subject(): object {
    const { issuer, sub, email, groups, kind, claims } = this.#circumstances.subject
    this.#subject ??= {
      issuer,
      sub,
      // Absent, not null: a condition on an email that is not known fails, and `has()` says so.
      email: email ?? undefined,
      groups: [...groups],
      kind,
      claims: exactClaims(claims),
    }
    return this.#subject
  }

  // A client that has not said its name yet has no fields: a condition that reads one fails.
  get client(): object {
    const { client } = this.#circumstances
    return client === null ? {} : { name: client.name, version: client.version }
  }

  get server(): object {
    return { name: this.#circumstances.server ?? '' }
  }

  get session(): object {
    const { id, calls } = this.#circumstances.session
    return { id, calls: BigInt(calls) }
  }

  get now(): Date {
    return this.#circumstances.now
  }
}

class CallVariables extends SharedVariables {
  readonly #call: Call
  readonly #marks: Marks
  readonly #caseSensitive: boolean
  #json: { readonly value: unknown } | null = null

  constructor(call: Call, circumstances: Circumstances, marks: Marks, caseSensitive: boolean) {
    super(circumstances)
    this.#call = call
    this.#marks = marks
    this.#caseSensitive = caseSensitive
  }

  get args(): unknown {
    this.#json ??= { value: parseExactJson(jsonOf(this.#call), this.#marks, this.#caseSensitive) }
    return this.#json.value
  }

  get request(): unknown {
    return this.args
  }

  get tool(): object {
    const call = this.#call
    return call.kind === 'tool' ? { name: call.name, annotations: call.annotations ?? undefined } : {}
  }

  get prompt(): object {
    return this.#call.kind === 'prompt' ? { name: this.#call.name } : {}
  }

  get resource(): object {
    return this.#call.kind === 'resource' ? { uri: this.#call.uri } : {}
  }
}

class ListVariables extends SharedVariables {
  readonly #entry: Listed
  readonly #marks: Marks

  constructor(entry: Listed, circumstances: Circumstances, marks: Marks) {
    super(circumstances)
    this.#entry = entry
    this.#marks = marks
  }

  get args(): never {
    return notKnownYet(this.#marks)
  }

  get request(): never {
    return notKnownYet(this.#marks)
  }

  get tool(): object {
    const entry = this.#entry
    if (entry.kind !== 'tool') return {}
    if (entry.annotations !== null) return { name: entry.name, annotations: entry.annotations }
    const get = (): never => notKnownYet(this.#marks)
    return Object.defineProperty({ name: entry.name }, 'annotations', { enumerable: true, get })
  }

  get prompt(): object {
    return this.#entry.kind === 'prompt' ? { name: this.#entry.name } : {}
  }

  get resource(): object {
    return this.#entry.kind === 'resource' ? { uri: this.#entry.uri } : notKnownYet(this.#marks)
  }
}

/** Makes claims, which others parsed as doubles, what conditions read: whole numbers become ints, as in arguments. */
export function exactClaims(claims: Readonly<Record<string, unknown>>): unknown {
  return parseExactJson(JSON.stringify(claims), { inexact: false }, true)
}

/** Gives the JSON text that a call carries; an empty object where it carries none. */
function jsonOf(call: Call): string {
  if (call.kind === 'serverRequest') return call.request
  return call.kind === 'resource' ? '{}' : call.args
}

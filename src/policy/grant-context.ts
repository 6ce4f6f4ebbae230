import type { Circumstances } from '../decision.ts'
import type { Subject } from '../subject.ts'
import {
  type ConditionContext,
  exactClaims,
  type Marks,
  notKnownYet,
  SharedVariables,
} from './condition-context.ts'

/** What a grant depends on besides its subject. What nobody knows yet is null: on a command line there is no client. */
export interface GrantCircumstances {
  readonly client: Circumstances['client']
  readonly session: Circumstances['session'] | null
  readonly now: Date
}

/** Gives the condition of a grant on a server its variables; reading what is not known yet is noted and fails. */
export function grantContext(
  server: string,
  subject: Subject,
  circumstances: GrantCircumstances,
): ConditionContext {
  const marks = { inexact: false, unknown: false }
  return {
    variables: new GrantVariables(server, subject, circumstances, marks),
    marks,
    argumentCharacters: 0,
  }
}

/** Gives the condition of a workload the claims of its token. */
export function claimsContext(claims: Readonly<Record<string, unknown>>): ConditionContext {
  const marks = { inexact: false, unknown: false }
  return { variables: { claims: exactClaims(claims) }, marks, argumentCharacters: 0 }
}

class GrantVariables extends SharedVariables {
  readonly #given: GrantCircumstances
  readonly #marks: Marks

  constructor(server: string, subject: Subject, given: GrantCircumstances, marks: Marks) {
    const session = given.session ?? { id: '', calls: 0 }
    super({ subject, client: given.client, server, session, now: given.now })
    this.#given = given
    this.#marks = marks
  }

  override get client(): object {
    return this.#given.client === null ? notKnownYet(this.#marks) : super.client
  }

  override get session(): object {
    return this.#given.session === null ? notKnownYet(this.#marks) : super.session
  }
}

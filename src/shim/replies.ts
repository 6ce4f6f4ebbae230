import type { Decision } from '../decision.ts'
import type { Refusal } from '../refusal.ts'
import type { Id } from './message.ts'

/** JSON-RPC's code for a request that policy denied; what led to it is under `data["hoopctl/decision"]`. */
export const DENIED = -32010

const INTERNAL_ERROR = -32603

/** A denied request, as its answer says it. */
export interface Denial {
  readonly id: Id
  /** What was refused, in words: the tool `write_file`. */
  readonly what: string
  readonly decision: Decision
  readonly session: string
  /** What a person can do about it, one line. */
  readonly help: string
  /** The approval that it waits for, or was denied in; null: nobody was asked. */
  readonly approval: string | null
}

/** Answers a denied `tools/call` with a result that the model can read. `modern`: from 2026-07-28 on. */
export function deniedCall(denial: Denial, modern: boolean): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id: denial.id,
    result: {
      ...(modern ? { resultType: 'complete' } : {}),
      content: [{ type: 'text', text: denialText(denial) }],
      isError: true,
      _meta: { 'hoopctl/decision': decisionOf(denial) },
    },
  })
}

/** Answers any other denied request with error −32010. */
export function deniedRequest(denial: Denial): string {
  const error = {
    code: DENIED,
    message: denialText(denial),
    data: { 'hoopctl/decision': decisionOf(denial) },
  }
  return JSON.stringify({ jsonrpc: '2.0', id: denial.id, error })
}

/** Answers a message that is refused for its form. Without an id that an answer could name it is null, as JSON-RPC says. */
export function refusedMessage(id: Id | null, refusal: Refusal): string {
  const help = refusal.help === null ? '' : ` (${refusal.help})`
  const error = { code: refusal.code, message: `hoopctl refused this message: ${refusal.why}${help}` }
  return JSON.stringify({ jsonrpc: '2.0', id, error })
}

/** Answers a request that was sent and whose own answer cannot be passed on. */
export function lostAnswer(id: Id, why: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: `hoopctl: ${why}` } })
}

/** Writes the rules behind a decision for people, or nothing where there is none. */
export function cite(rules: readonly string[]): string {
  return rules.length === 0 ? '' : ` [${rules.join(', ')}]`
}

function denialText({ what, decision, help }: Denial): string {
  const rules = cite(decision.rules)
  const reasons = decision.reasons.length === 0 ? '' : ` Reason: ${decision.reasons.join('; ')}.`
  if (decision.effect === 'ask')
    return `hoopctl did not send ${what}: it is ${decision.why}${rules}.${reasons} ${help}`
  return `hoopctl denied ${what}: ${decision.why}${rules}.${reasons} ${help}`
}

function decisionOf({ decision, session, approval, help }: Denial): object {
  return { effect: decision.effect, rules: decision.rules, session, approval, help }
}

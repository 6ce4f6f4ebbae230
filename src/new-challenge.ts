import { randomBytes } from 'node:crypto'
import type { AskedCall, Question } from './approval.ts'
import { approvalId } from './approval-id.ts'
import { callDigest, challengeOf } from './call-digest.ts'

/** What makes a question one of its own, and what an answer to it proves. */
export type NewChallenge = Pick<Question, 'call' | 'approval' | 'device' | 'random' | 'expires' | 'challenge'>

/** Makes the id and the challenge of a question about a call. @param device its public key @param expires from then on no answer counts */
export function newChallenge(call: AskedCall, device: string, expires: Date): NewChallenge {
  const challenged = {
    call: callDigest(call),
    approval: approvalId(randomBytes(8)),
    device,
    random: randomBytes(32).toString('base64url'),
    expires: expires.toISOString(),
  }
  return { ...challenged, challenge: challengeOf({ ...challenged, remember: null }) }
}

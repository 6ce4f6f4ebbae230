import { generateKeyPairSync, sign } from 'node:crypto'
import type { Question, Receipt, ReceiptProof } from '../../src/approval.ts'
import { laterBy } from '../../src/instant.ts'

/** What whoever writes a store has at hand, beside the question. */
export interface Loot {
  /** The yes of somebody who may say it, to another question. */
  readonly old: Receipt
  /** ID tokens whose nonce is the question's challenge, as the provider signed them. */
  readonly tokens: { readonly ofSignIn: string; readonly ofAlice: string; readonly ofCarol: string }
}

/** A yes that nobody gave, or nobody who may; and what is told of it. */
export interface Forgery {
  readonly title: string
  readonly receipt: Receipt
  /** null: it is not even taken for an answer to this question. */
  readonly why: string | null
}

/** Makes one of each kind that can be made without the sign-in of somebody who may answer. */
export function forgeries(question: Question, { old, tokens }: Loot): readonly Forgery[] {
  const { call, approval, device, random, expires, requester } = question
  const at = new Date().toISOString()
  const dressed: Receipt = { ...old, call, approval, device, random, expires, at, binds: { requester } }
  const { jwk } = old.proof as Extract<ReceiptProof, { kind: 'oidc' }>
  const by = (idToken: string): Receipt => ({ ...dressed, proof: { kind: 'oidc', idToken, jwk } })
  const late = laterBy(new Date(expires), 3600_000).toISOString()
  return [
    { title: 'an old answer as it was', receipt: old, why: null },
    { title: 'the token of an old answer', receipt: dressed, why: 'nonce' },
    { title: 'the token of a sign-in', receipt: by(tokens.ofSignIn), why: 'aud' },
    { title: 'whoever asks', receipt: by(tokens.ofAlice), why: 'whoever asks cannot answer themselves' },
    {
      title: 'somebody who may not',
      receipt: by(tokens.ofCarol),
      why: 'it is for the group `dba` to answer',
    },
    { title: 'a token of a key of their own', receipt: forgedBy(tokens.ofAlice, by), why: 'signature' },
    {
      title: 'a weaker proof',
      receipt: { ...dressed, proof: { kind: 'terminal', user: 'bob', signature: 'A'.repeat(86) } },
      why: 'the rules want `oidc` as its proof, and it has a weaker one',
    },
    {
      title: 'other arguments',
      receipt: { ...dressed, edited: { arguments: '{"name":"evil.txt","content":"x"}' } },
      why: 'it edits nothing',
    },
    { title: 'another device', receipt: { ...dressed, device: `ed25519:${'A'.repeat(43)}` }, why: null },
    { title: 'a longer life', receipt: { ...dressed, expires: late }, why: 'it is of another question' },
    {
      title: 'another session',
      receipt: { ...dressed, binds: { session: old.random } },
      why: 'it counts in another session only',
    },
    {
      title: 'another requester',
      receipt: { ...dressed, binds: { requester: { ...requester, sub: 'eve' } } },
      why: 'it is for another requester',
    },
    {
      title: 'a time before the question',
      receipt: { ...dressed, at: '2026-01-01T00:00:00.000Z' },
      why: 'it was given before anybody asked',
    },
  ]
}

// The same words under another key, of which the receipt says that it is the issuer's.
function forgedBy(token: string, by: (idToken: string) => Receipt): Receipt {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [head = '', body = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
  const bobs = { ...claims, sub: 'bob', email: 'bob@acme.example', groups: ['dba'] }
  const text = `${head}.${Buffer.from(JSON.stringify(bobs)).toString('base64url')}`
  const made = by(`${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`)
  const proof = made.proof as Extract<ReceiptProof, { kind: 'oidc' }>
  const { n, e } = publicKey.export({ format: 'jwk' })
  return { ...made, proof: { ...proof, jwk: { ...proof.jwk, n, e } } }
}

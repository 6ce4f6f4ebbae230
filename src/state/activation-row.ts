import type { Activation, ActivationProof } from '../activation.ts'
import type { Database, Row } from './database.ts'

/** The key of this device, as activations are sealed with it. */
export interface SealKey {
  readonly publicKey: string
  sign(bytes: Uint8Array): Uint8Array
  verify(bytes: Uint8Array, signature: Uint8Array): boolean
}

/** An activation and what became of it. */
export interface StoredActivation {
  readonly activation: Activation
  /** When it is over by the clock that nobody sets, in milliseconds since this machine was started. */
  readonly deadlineMs: number
  readonly used: number
  readonly ended: Date | null
}

const COLUMNS = [
  ...(['id', 'policy', 'grant', 'issuer', 'sub', 'device', 'started', 'expires', 'uses', 'reason'] as const),
  ...(['proof', 'deadline', 'used', 'ended'] as const),
]

type Texts = Readonly<Record<(typeof COLUMNS)[number], string | null>>

const NAMES = COLUMNS.map((column) => `"${column}"`).join(', ')

/** Writes an activation with its seal, in place of what was written under its id. */
export function writeActivation(database: Database, stored: StoredActivation, key: SealKey): void {
  const texts = textsOf(stored)
  const seal = Buffer.from(key.sign(sealedBytes(texts))).toString('base64url')
  const values = COLUMNS.map((column) => texts[column])
  const places = COLUMNS.map(() => '?').join(', ')
  database.run(`INSERT OR REPLACE INTO activations (${NAMES}, seal) VALUES (${places}, ?)`, ...values, seal)
}

/** Reads an activation; null where its seal does not fit, because somebody changed what the row says. */
export function readActivation(row: Row, key: SealKey): StoredActivation | null {
  const seal = row['seal']
  const texts = ownTexts(row)
  if (typeof seal !== 'string' || texts === null) return null
  if (!key.verify(sealedBytes(texts), Buffer.from(seal, 'base64url'))) return null
  return parse(texts)
}

function textsOf({ activation, deadlineMs, used, ended }: StoredActivation): Texts {
  const { started, expires, uses, reason, proof, ...names } = activation
  const kept = ended === null ? proof : spent(proof)
  return {
    id: names.id,
    policy: names.policy,
    grant: names.grant,
    issuer: names.issuer,
    sub: names.sub,
    device: names.device,
    started: started.toISOString(),
    expires: expires.toISOString(),
    uses: uses === null ? null : String(uses),
    reason: reason === null ? null : reason.toWellFormed(), // SQLite stores UTF-8, which has no lone surrogates
    proof: JSON.stringify(kept),
    deadline: String(deadlineMs),
    used: String(used),
    ended: ended === null ? null : ended.toISOString(),
  }
}

// What has ended proves nothing any more: tokens and signatures are not kept longer than they are needed.
function spent(proof: ActivationProof): ActivationProof {
  switch (proof.kind) {
    case 'terminal':
      return proof
    case 'key':
      return { ...proof, signature: '', request: '' }
    case 'oidc':
      return { ...proof, idToken: '', request: '' }
    case 'approval':
      return { ...proof, receipts: [], request: '' }
  }
}

// The device key signs other things too: the first line keeps this apart from all of them.
function sealedBytes(texts: Texts): Buffer {
  return Buffer.from(`hoopctl-activation/1\n${JSON.stringify(COLUMNS.map((column) => texts[column]))}`)
}

function ownTexts(row: Row): Texts | null {
  const entries = COLUMNS.map((column) => [column, row[column]] as const)
  if (!entries.every(([, value]) => typeof value === 'string' || value === null)) return null
  return Object.fromEntries(entries) as Texts // each was looked at in the line above
}

// What is sealed was written by `textsOf`, so its shapes hold.
function parse(texts: Texts): StoredActivation {
  const { uses, reason, proof, deadline, used, ended } = texts
  const own = (column: keyof Texts) => texts[column] ?? ''
  return {
    activation: {
      id: own('id'),
      policy: own('policy'),
      grant: own('grant'),
      issuer: own('issuer'),
      sub: own('sub'),
      device: own('device'),
      started: new Date(own('started')),
      expires: new Date(own('expires')),
      uses: uses === null ? null : Number(uses),
      reason,
      proof: JSON.parse(proof ?? '') as ActivationProof, // under the seal
    },
    deadlineMs: Number(deadline),
    used: Number(used),
    ended: ended === null ? null : new Date(ended),
  }
}

import type {
  Answer,
  Demand,
  Question,
  Receipt,
  ReceiptProof,
  Remembering,
  Requester,
  Who,
} from './approval.ts'
import { PROOFS } from './approval.ts'
import { parseInstant } from './instant.ts'
import { either, exactly, type Is, listOf, matching, oneOf, orNull, text, whole } from './shape.ts'
import { parseStrictJson } from './strict-json.ts'

/** A longer text is no question. A message may have 64 MiB; what nobody can read is not asked. */
export const MAX_QUESTION_CHARACTERS = 8 * 1024 ** 2
/** A longer text is no answer: only edited arguments are long. */
export const MAX_ANSWER_CHARACTERS = 1.25 * 1024 ** 2

const NAME = 4096
const PROSE = 16_384
const MANY = 10_000
/** A year in milliseconds: no clock of ours runs longer. */
const LONGEST_MS = 366 * 86_400_000

const is = {
  digest: matching(/^[0-9a-f]{64}$/u),
  // Crockford's base32, which has no I, L, O and U.
  approval: matching(/^A-[0-9A-HJKMNP-TV-Z]{8}$/u),
  device: matching(/^ed25519:[\w-]{1,64}$/u),
  random: matching(/^[\w-]{43}$/u),
  instant: (value: unknown): value is string =>
    typeof value === 'string' && value.length <= 40 && parseInstant(value) !== null,
  name: text(NAME),
  flag: oneOf(true, false),
  ms: whole(0, LONGEST_MS),
}

const isRequester = exactly<Requester>({ issuer: is.name, sub: is.name })

const isWho: Is<Who> = either(
  oneOf('everyone'),
  exactly<Exclude<Who, string>>({ groups: listOf(is.name, MANY), emails: listOf(is.name, MANY) }),
)

const isDemand = exactly<Demand>({
  proof: oneOf(...PROOFS),
  confirm: oneOf('key', 'type'),
  waitMs: is.ms,
  onTimeout: oneOf('deny', 'queue'),
  timeoutMs: is.ms,
  validMs: is.ms,
  edit: is.flag,
  remember: orNull(exactly<NonNullable<Demand['remember']>>({ count: whole(1, 1_000_000), forMs: is.ms })),
  each: listOf(
    exactly<Demand['each'][number]>({
      by: orNull(isWho),
      notSelf: is.flag,
      count: whole(1, MANY),
      rule: is.name,
    }),
    MANY,
    1,
  ),
  messages: listOf(text(PROSE), MANY),
})

const isClaims = exactly<Question['claims']>({
  subject: exactly<Question['claims']['subject']>({
    issuer: is.name,
    sub: is.name,
    email: orNull(is.name),
    groups: listOf(is.name, MANY),
    kind: oneOf('human', 'workload'),
  }),
  client: orNull(exactly<NonNullable<Question['claims']['client']>>({ name: is.name, version: is.name })),
  grants: listOf(is.name, MANY),
  calls: whole(0, Number.MAX_SAFE_INTEGER),
  earlier: listOf(
    exactly<Question['claims']['earlier'][number]>({ at: is.instant, what: text(PROSE), effect: is.name }),
    MANY,
  ),
  note: orNull(text(PROSE)),
})

const isQuestion = exactly<Question>({
  format: oneOf('hoopctl-question/1'),
  call: is.digest,
  approval: is.approval,
  device: is.device,
  random: is.random,
  expires: is.instant,
  challenge: is.digest,
  server: exactly<Question['server']>({
    name: orNull(is.name),
    command: orNull(is.name),
    sha256: orNull(is.digest),
    args: is.digest,
    cwd: orNull(is.name),
  }),
  definition: orNull(is.digest),
  method: is.name,
  params: text(MAX_QUESTION_CHARACTERS),
  requester: isRequester,
  asked: is.instant,
  heldUntil: is.instant,
  answerBy: is.instant,
  session: is.name,
  policy: exactly<Question['policy']>({
    key: is.name,
    name: is.name,
    version: orNull(whole(0, Number.MAX_SAFE_INTEGER)),
    digest: is.digest,
    signed: is.flag,
  }),
  label: text(PROSE),
  definitionText: orNull(text(MAX_QUESTION_CHARACTERS)),
  demand: isDemand,
  rules: listOf(is.name, MANY),
  reasons: listOf(text(PROSE), MANY),
  claims: isClaims,
})

const isRemembering = exactly<Remembering>({ count: whole(1, 1_000_000), until: is.instant })

const isProof: Is<ReceiptProof> = either(
  exactly<ReceiptProof & { kind: 'terminal' }>({
    kind: oneOf('terminal'),
    user: is.name,
    signature: is.name,
  }),
  either(
    exactly<ReceiptProof & { kind: 'key' }>({ kind: oneOf('key'), key: text(PROSE), signature: text(PROSE) }),
    exactly<ReceiptProof & { kind: 'oidc' }>({ kind: oneOf('oidc'), idToken: text(32_768), jwk: isJwk }),
  ),
)

const isReceipt = exactly<Receipt>({
  format: oneOf('hoopctl-approval/1'),
  answer: oneOf('approve'),
  call: is.digest,
  approval: is.approval,
  device: is.device,
  random: is.random,
  expires: is.instant,
  binds: either(
    exactly<{ readonly session: string }>({ session: is.name }),
    exactly<{ readonly requester: Requester }>({ requester: isRequester }),
  ),
  edited: orNull(exactly<{ readonly arguments: string }>({ arguments: text(MAX_ANSWER_CHARACTERS) })),
  remember: orNull(isRemembering),
  at: is.instant,
  proof: isProof,
})

const isAnswer: Is<Answer> = either(
  exactly<Answer & { kind: 'approve' }>({ kind: oneOf('approve'), receipt: isReceipt }),
  exactly<Answer & { kind: 'deny' }>({
    kind: oneOf('deny'),
    approval: is.approval,
    by: is.name,
    message: orNull(text(PROSE)),
    at: is.instant,
  }),
)

/** Reads a question from a JSON text of whoever wrote it; null where that is not exactly one. Verifies no digest in it. */
export function readQuestion(text: string): Question | null {
  const value = read(text, MAX_QUESTION_CHARACTERS)
  return isQuestion(value) ? value : null
}

/** Reads an answer from a JSON text of whoever wrote it; null where that is not exactly one. Verifies no proof in it. */
export function readAnswer(text: string): Answer | null {
  const value = read(text, MAX_ANSWER_CHARACTERS)
  return isAnswer(value) ? value : null
}

// The issuer's key is used by who verifies the receipt; its members are the issuer's affair (RFC 7517, section 4).
function isJwk(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return JSON.stringify(value).length <= PROSE
}

function read(text: string, most: number): unknown {
  if (text.length > most) return null
  const parsed = parseStrictJson(Buffer.from(text), { fold: true })
  return parsed.ok ? parsed.value : null
}

import type {
  ApprovalBody,
  ConfirmedObject,
  ContextBody,
  FooterBody,
  HeaderBody,
  RecordBody,
  RequestBody,
  ResponseBody,
} from '../records.ts'

// The members of records, in the order that the format settles, as `,"name":value` texts. Each is named here:
// a body with more in it than its type says (a decision's reasons, a subject's claims) does not reach the log
// by accident.

/** What a session's header holds besides what the caller knows. */
export interface HeaderPlace {
  readonly session: string
  readonly device: string
  readonly number: number
  readonly previous: string
}

const json: (value: unknown) => string = JSON.stringify

/**
 * Writes the members that are common to all lines, with the opening brace. `prev` is 64 hexadecimal digits.
 */
export function lineStart(seq: number, at: string, kind: string, prev: string): string {
  return `{"seq":${seq},"at":"${at}","kind":"${kind}","prev":"${prev}"`
}

/** Writes the members of a header. */
export function headerMembers({ hoopctl, host, osUser, server }: HeaderBody, place: HeaderPlace): string {
  const { name, command, sha256 } = server
  const { session, device, number, previous } = place
  const whole = { format: 'hoopctl-session/1', session, hoopctl, host, osUser, device, number, previous }
  return `,${json({ ...whole, server: { name, command, sha256 } }).slice(1, -1)}`
}

/** Writes the members of a footer, but for its signature. */
export function footerMembers({ end, exitCode, exchanges, allowed, asked, denied }: FooterBody): string {
  return `,${json({ end, exitCode, exchanges, allowed, asked, denied }).slice(1, -1)}`
}

/** Writes the members of a checkpoint, but for its signature. */
export function checkpointMembers(uploaded: readonly ConfirmedObject[]): string {
  const each = uploaded.map(({ session, to, key, bytes, sha256, etag, version, at }) => {
    return { session, to, key, bytes, sha256, etag, version, at }
  })
  return `,"uploaded":${each.length === 0 ? 'null' : json(each)}`
}

/** Writes the members of a record, but for those that describe its message. */
export function recordMembers(body: RecordBody): string {
  switch (body.kind) {
    case 'context':
      return contextMembers(body)
    case 'request':
      return requestMembers(body)
    case 'response':
      return `${answerMembers(body)}${changedMember(body.changed)}${answersMember(body.answers)}`
    case 'notification':
      return `,"from":"${body.from}","method":${json(body.method)}${
        body.decision === undefined ? '' : decisionMember(body.decision)
      }${changedMember(body.changed)}`
    case 'approval':
      return approvalMembers(body)
    case 'refused':
      return `,"from":"${body.from}","why":${json(body.why)}`
    case 'decision':
      return `,"exchange":${body.exchange},"effect":"${body.effect}","rules":${json(body.rules)},"approval":${json(
        body.approval,
      )},"why":${json(body.why)},"sent":${body.sent === null ? 'null' : sized(body.sent)}`
  }
}

function approvalMembers(body: ApprovalBody): string {
  const { exchange, approval, state, definition, call, challenge, demand, heldUntil, expires } = body
  const { receipt, by, text, why } = body
  // What is absent is left out: `undefined` has no JSON.
  const asked = { exchange, approval, state, definition, call, challenge, demand, heldUntil, expires }
  return `,${json({ ...asked, receipt, by, text, why }).slice(1, -1)}`
}

/** Writes the members of an answer in their shortest form, for a disk that has no room for more. */
export function shortAnswerMembers(body: ResponseBody): string {
  return `${answerMembers(body)}${body.changed === undefined ? '' : `,"changed":{"received":${sized(body.changed.received)}}`}`
}

function contextMembers({ cause, subject, client, policy, grants }: ContextBody): string {
  let members = `,"cause":${json(cause)}`
  if (subject !== undefined) {
    members += `,"subject":${json(subject === null ? null : subjectMembers(subject))}`
  }
  if (client !== undefined) {
    members += `,"client":${json(client === null ? null : { name: client.name, version: client.version })}`
  }
  if (policy !== undefined) {
    const { name, version, digest, signed } = policy
    members += `,"policy":${json({ name, version, digest, signed })}`
  }
  if (grants !== undefined) {
    const each = grants.map(({ name, mode, started, expires, reason }) => ({
      name,
      mode,
      started,
      expires,
      reason,
    }))
    members += `,"grants":${json(each)}`
  }
  return members
}

function subjectMembers({ issuer, sub, email, groups, kind }: NonNullable<ContextBody['subject']>): object {
  return { issuer, sub, email, groups, kind }
}

function requestMembers(body: RequestBody): string {
  return (
    `,"from":"${body.from}","exchange":${body.exchange},"method":${json(body.method)}` +
    (body.tool === undefined ? '' : `,"tool":${json(body.tool)}`) +
    (body.resource === undefined ? '' : `,"resource":${json(body.resource)}`) +
    (body.prompt === undefined ? '' : `,"prompt":${json(body.prompt)}`) +
    (body.task === undefined ? '' : `,"task":${json(body.task)}`) +
    decisionMember(body.decision) +
    changedMember(body.changed) +
    answersMember(body.answers) +
    (body.params === undefined ? '' : `,"params":${json(body.params)}`)
  )
}

function answerMembers({ from, exchange, tookUs, isError }: ResponseBody): string {
  const error = isError === undefined ? '' : `,"isError":${isError}`
  return `,"from":"${from}","exchange":${exchange},"tookUs":${Math.round(tookUs)}${error}`
}

function decisionMember({ effect, rules, why }: RequestBody['decision']): string {
  return `,"decision":{"effect":"${effect}","rules":${json(rules)},"why":${json(why)}}`
}

function changedMember(changed: RequestBody['changed']): string {
  if (changed === undefined) return ''
  const hidden = changed.hidden === undefined ? '' : `"hidden":${json(changed.hidden)},`
  const why = changed.why === undefined ? '' : `"why":${json(changed.why)},`
  return `,"changed":{${hidden}${why}"received":${sized(changed.received)}}`
}

function answersMember(answers: RequestBody['answers']): string {
  return answers === undefined ? '' : `,"answers":${json(answers)}`
}

function sized({ bytes, sha256 }: { readonly bytes: number; readonly sha256: string }): string {
  return `{"bytes":${bytes},"sha256":"${sha256}"}`
}

import { parsed } from '../../parsed.ts'
import { isRecord, recordOf, textOf } from '../log-record.ts'
import { duration, size } from '../timeline-line.ts'
import type { AnswerText, ExportedCall } from './exported-call.ts'
import { foreignBlock, foreignName, SHOWN_CHARACTERS } from './html-text.ts'

/** Writes one exchange as a piece of an HTML page. */
export function callHtml(call: ExportedCall): string {
  const { asked, ended } = call
  const about = [asked.tool, asked.resource, asked.prompt, asked.task].filter((name) => name !== null)
  const names = about.map((name) => ` <strong>${foreignName(name)}</strong>`).join('')
  const from = asked.from === 'client' ? '' : ` the ${foreignName(asked.from)} asks:`
  const title = `${timeHtml(asked.at)} #${asked.exchange ?? '?'}${from} <code>${foreignName(asked.method)}</code>${names}`
  const rows = [
    whoRow(call),
    decisionRow(call),
    approvalRow(call),
    argumentsRow(call),
    editedRow(call),
    resultRow(call),
  ]
  return `<article class="${ended.outcome}"><h2><span class="outcome">${ended.outcome}</span>${title}</h2>
<dl>${rows.join('')}</dl></article>
`
}

/** Writes an instant in UTC, to the millisecond. */
export function timeHtml(at: string | null): string {
  const read = at === null ? null : /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d\.\d{3})\d*Z$/.exec(at)
  return read === null ? foreignName(at) : `<time>${read[1]} ${read[2]}</time>`
}

/** Writes a row of a list of facts; `html` is markup already. */
export function row(name: string, html: string): string {
  return `<dt>${name}</dt><dd>${html}</dd>`
}

function list(names: readonly string[]): string {
  return names.map((name) => foreignName(name)).join(', ')
}

function whoRow({ circumstances, session }: ExportedCall): string {
  const { email, sub, issuer, client, clientVersion, grants } = circumstances
  const person = foreignName(email ?? sub ?? session.osUser)
  const vouched = issuer === null || issuer === 'local' ? ', not signed in' : ` of ${foreignName(issuer)}`
  const program =
    client === null ? '' : `, with ${foreignName([client, clientVersion ?? ''].join(' ').trim())}`
  return row('who', `${person}${vouched}${program}${grants.length === 0 ? '' : `; grants: ${list(grants)}`}`)
}

const EFFECTS: Readonly<Record<string, string>> = { allow: 'allowed', ask: 'asked', deny: 'denied' }

function decisionRow({ asked }: ExportedCall): string {
  if (asked.effect === null) return ''
  const effect = EFFECTS[asked.effect] ?? foreignName(asked.effect)
  const by = asked.rules.length === 0 ? '' : ` by ${list(asked.rules)}`
  return row('decision', `${effect}${by}: ${foreignName(asked.why)}`)
}

function approvalRow({ ended }: ExportedCall): string {
  if (ended.approval === null && ended.outcomeWhy === null) return ''
  const people = ended.approvers.length === 0 ? '' : ` by ${list(ended.approvers)}`
  const proofs = ended.proofs.length === 0 ? '' : `, proven by ${list(ended.proofs)}`
  const state = ended.approvalState === null ? '' : ` ${foreignName(ended.approvalState)}`
  const why = ended.outcomeWhy === null ? '' : `; ${foreignName(ended.outcomeWhy)}`
  return row('approval', `${foreignName(ended.approval)}${state}${people}${proofs}${why}`)
}

function argumentsRow({ asked }: ExportedCall): string {
  const { requestBytes, requestSha256, seq } = asked
  const digest = digestHtml('request', requestBytes, requestSha256)
  if (asked.arguments === null) return row('request', digest)
  return row('arguments', `${foreignBlock(asked.arguments, restIn(seq))}${digest}`)
}

function editedRow({ asked, ended }: ExportedCall): string {
  if (ended.edited === null) return ''
  return row('sent instead', foreignBlock(ended.edited, restIn(asked.seq)))
}

function resultRow({ ended, answer, asked }: ExportedCall): string {
  if (ended.outcome !== 'answered') return ''
  const kind = ended.isError === true ? '<span class="bad">an error</span>' : 'answered'
  const told = `${kind} in ${duration(ended.tookUs)}, ${timeHtml(ended.answeredAt)}`
  const digest = digestHtml('result', ended.resultBytes, ended.resultSha256)
  if (answer === null) return row('result', `${told}${digest}`)
  const rest = `the log has the rest: hoopctl sessions show, answer to #${asked.exchange ?? '?'}`
  const text = answerTexts(answer)
  const cut = answer.whole || text.length > SHOWN_CHARACTERS ? '' : `<p class="cut">${FIRST_PART}</p>`
  return row(
    'result',
    `${told}${foreignBlock(text, answer.whole ? `${CUT}; ${rest}` : FIRST_PART)}${cut}${digest}`,
  )
}

const CUT = `cut after ${SHOWN_CHARACTERS} characters`
const FIRST_PART = 'its first part: the log has no more of it'

function restIn(seq: number | null): string {
  return `${CUT}; record ${seq ?? '?'} of the log has the rest`
}

function digestHtml(what: string, bytes: number | null, sha256: string | null): string {
  const digest = sha256 === null ? '' : `, SHA-256 <code>${foreignName(sha256)}</code>`
  return `<p class="digest">${what}: ${size(bytes)}${digest}</p>`
}

// The texts of a tool's result, as a person would read them; of anything else the message.
function answerTexts({ text, whole }: AnswerText): string {
  const message = whole ? parsed(text) : undefined
  const content = isRecord(message) ? recordOf(message, 'result')['content'] : undefined
  const parts = Array.isArray(content) ? content.filter(isRecord).map((part) => textOf(part, 'text')) : []
  const texts = parts.filter((part) => part !== null)
  return texts.length === 0 || texts.length < parts.length ? text : texts.join('\n')
}

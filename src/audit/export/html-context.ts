import type { ContextFacts, GrantFacts } from './exported-call.ts'
import { row, timeHtml } from './html-call.ts'
import { foreignName } from './html-text.ts'

/** Writes what a `context` record says as a piece of an HTML page: who, which client, under which policy and grants. */
export function contextHtml(context: ContextFacts): string {
  const { members, seq, at, cause } = context
  const rows = [
    members.includes('subject') ? row('who', subjectHtml(context)) : '',
    members.includes('client') ? row('client', clientHtml(context)) : '',
    members.includes('policy') ? row('policy', policyHtml(context)) : '',
    members.includes('grants') ? row('grants', grantsHtml(context)) : '',
  ]
  return `<section><h2>${timeHtml(at)} ${foreignName(cause)}, record ${seq ?? '?'}</h2><dl>${rows.join('')}</dl></section>
`
}

function personHtml({ circumstances: { email, sub } }: ContextFacts): string {
  return foreignName(email ?? sub)
}

function subjectHtml(context: ContextFacts): string {
  const { issuer, kind, sub, groups } = context.circumstances
  if (sub === null) return 'nobody is signed in'
  const of =
    issuer === 'local' ? 'the user of this computer, nobody signed in' : `signed in at ${foreignName(issuer)}`
  const member = groups.length === 0 ? '' : `; groups: ${groups.map((each) => foreignName(each)).join(', ')}`
  return `${personHtml(context)}, ${foreignName(kind)}, ${of}${member}`
}

function clientHtml({ circumstances: { client, clientVersion } }: ContextFacts): string {
  if (client === null) return 'has not said yet who it is'
  return `${foreignName([client, clientVersion ?? ''].join(' ').trim())}, as it calls itself`
}

function policyHtml({ circumstances, signed }: ContextFacts): string {
  const { policy, policyVersion, policyDigest } = circumstances
  const version = policyVersion === null ? '' : `, version ${policyVersion}`
  const trust =
    signed === true
      ? 'signed'
      : '<span class="warn">not signed: anyone who may write the file may change it</span>'
  return `${foreignName(policy)}${version}, ${trust}<p class="digest">SHA-256 <code>${foreignName(policyDigest)}</code></p>`
}

function grantsHtml(context: ContextFacts): string {
  const each = context.grants.map((grant) => `<p>${grantHtml(grant, context)}</p>`)
  return each.length === 0 ? 'none active' : each.join('')
}

// An activation is of the subject that the record is about: nobody else's counts.
function grantHtml({ name, mode, started, expires, reason }: GrantFacts, context: ContextFacts): string {
  const how =
    mode === 'request' ? `requested by ${personHtml(context)}` : `active by mode ${foreignName(mode)}`
  const until = expires === null ? 'the end of the session' : foreignName(expires)
  const why = reason === null ? 'no reason given' : `reason: ${foreignName(reason)}`
  return `<strong>${foreignName(name)}</strong>, ${how}, since ${foreignName(started)}, until ${until}; ${why}`
}

import type { Question } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import type { HttpClient } from '../../http.ts'
import { members, skipSpace, valueAt } from '../../json-spans.ts'
import type { Webhook } from '../../policy/policy.ts'
import { Secret } from '../../secret.ts'
import { visible } from '../../visible.ts'
import { ToldOnce } from './told-once.ts'

/** What telling people needs of the world. */
export interface NotifyNeeds {
  readonly http: HttpClient
  readonly now: () => Date
  readonly say: (line: string) => void
  /** Reads a small file. Throws INPUT_INVALID. */
  readonly readFile: (path: string) => Uint8Array
}

/** Longer arguments are left out, and that is said: receivers of webhooks take little. */
const MOST_ARGUMENTS = 64 * 1024
const MOST_NAMES = 100
const MOST_NAME = 200

/**
 * Makes what tells the webhooks of a policy that a call waits. Nothing waits for them: it returns at once, and one that
 * cannot be told is said so once.
 */
export function notifier(notify: readonly Webhook[], needs: NotifyNeeds): (question: Question) => void {
  const hooks = notify.map((hook) => ({ hook, told: new ToldOnce(needs.say, needs.now) }))
  return (question) => {
    for (const { hook, told } of hooks) {
      tell(hook, question, needs).then(
        () => told.worked(),
        (error: unknown) =>
          told.failed('a webhook of `approvals.notify` was not told that a call waits', error),
      )
    }
  }
}

async function tell(hook: Webhook, question: Question, needs: NotifyNeeds): Promise<void> {
  const { postWebhook } = await import('../../remote/webhook.ts')
  const at = needs.now()
  const body = webhookBody(question, { at, withArguments: hook.arguments })
  await postWebhook(new URL(hook.url), { id: question.challenge, at, body }, keyOf(hook, needs), needs.http)
}

/** Writes what is told of a waiting call; of its arguments the names, sizes and, if so wanted, the JSON text. */
export function webhookBody(
  question: Question,
  { at, withArguments }: { readonly at: Date; readonly withArguments: boolean },
): string {
  const { approval, label, method, requester, claims, policy, rules, reasons, demand } = question
  const { asked, heldUntil, answerBy } = question
  return JSON.stringify({
    type: 'approval.waiting',
    timestamp: at.toISOString(),
    data: {
      approval,
      server: label,
      method,
      tool: toolOf(question),
      requester: { issuer: requester.issuer, sub: requester.sub, email: claims.subject.email },
      policy: { name: policy.name, version: policy.version },
      rules,
      reasons,
      messages: demand.messages,
      asked,
      heldUntil,
      answerBy,
      how: `hoopctl approve ${approval}`,
      arguments: argumentsOf(question, withArguments),
    },
  })
}

// A name, for what has one: an address that is read may tell as much as an argument.
function toolOf({ method, params }: Question): string | null {
  if (method !== 'tools/call' && method !== 'prompts/get') return null
  const span = valueAt(params, ['name'])
  if (span === undefined || params[span.start] !== '"') return null
  return shown(String(JSON.parse(params.slice(span.start, span.end))))
}

function argumentsOf({ params }: Question, withValues: boolean): Readonly<Record<string, unknown>> {
  const span = valueAt(params, ['arguments'])
  const text = span === undefined ? '{}' : params.slice(span.start, span.end)
  const names = text.startsWith('{') ? members(text, skipSpace(text, 0)).map(({ key }) => key) : []
  const bytes = Buffer.byteLength(text)
  const told = names.slice(0, MOST_NAMES).map(shown)
  const counted = { count: names.length, bytes, names: told }
  if (!withValues) return counted
  return bytes > MOST_ARGUMENTS ? { ...counted, omitted: 'too long' } : { ...counted, json: text }
}

// Receivers put such texts before people, who are to read what stands there.
function shown(text: string): string {
  return visible(text.slice(0, MOST_NAME))
}

function keyOf({ key, keyFile }: Webhook, { readFile }: NotifyNeeds): Secret | null {
  if (keyFile === null) return key
  const text = Buffer.from(readFile(keyFile)).toString().trim()
  if (text.length >= 16) return new Secret(text)
  const message = `the key in \`${keyFile}\` has fewer than 16 characters`
  throw new HoopctlError('INPUT_INVALID', message, { hint: 'write a longer one into it' })
}

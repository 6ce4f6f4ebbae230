import { createHmac } from 'node:crypto'
import { HoopctlError } from '../errors.ts'
import type { HttpAnswer, HttpClient } from '../http.ts'
import type { Secret } from '../secret.ts'
import { ERROR_PAGE_BYTES } from './object-bounds.ts'
import { unreachable } from './unreachable.ts'

/** A message to a webhook. */
export interface WebhookMessage {
  /** The same for each try, so that a receiver can drop what it has: no `.` in it. */
  readonly id: string
  readonly at: Date
  /** JSON. */
  readonly body: string
}

const TIMEOUT_MS = 30_000
const RETRIES = 4

/**
 * Posts a message as Standard Webhooks 1.0.0 does, a few times where it does not arrive. Throws UNREACHABLE, with words
 * that hold of the URL its host alone: for many services its path is the secret.
 * @param key what it is signed with: `whsec_` and base64, else the key as it stands; null: it is not signed
 */
export async function postWebhook(
  url: URL,
  { id, at, body }: WebhookMessage,
  key: Secret | null,
  http: HttpClient,
): Promise<void> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signed = key === null ? {} : { 'webhook-signature': signature(key, `${id}.${timestamp}.${body}`) }
  const answer = await answerOf(url, () =>
    http(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'hoopctl',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...signed,
      },
      body: Buffer.from(body),
      timeoutMs: TIMEOUT_MS,
      maxBytes: ERROR_PAGE_BYTES,
      retries: RETRIES,
    }),
  )
  if (answer.status >= 200 && answer.status <= 299) return
  const what = `\`${url.host}\` answered ${answer.status}`
  if (answer.status >= 300 && answer.status <= 399) {
    throw unreachable(
      `${what}: a redirect, which is not followed`,
      'name the final address in `approvals.notify`',
    )
  }
  throw unreachable(what, 'look at `approvals.notify` in the policy, or ask who runs it')
}

function signature(key: Secret, content: string): string {
  return `v1,${createHmac('sha256', keyBytes(key.reveal())).update(content).digest('base64')}`
}

function keyBytes(text: string): Buffer {
  if (!text.startsWith('whsec_')) return Buffer.from(text)
  const written = text.slice('whsec_'.length)
  const bytes = Buffer.from(written, 'base64')
  // What decodes to something shorter than it seems is a typing error, and would be a weak key.
  const unpadded = (base64: string): string => base64.replace(/=+$/u, '')
  if (bytes.length >= 16 && unpadded(bytes.toString('base64')) === unpadded(written)) return bytes
  const hint = 'write `whsec_` and at least 16 bytes in base64, or a key without `whsec_`'
  throw new HoopctlError('INPUT_INVALID', 'the key of a webhook is not base64', { hint })
}

async function answerOf(url: URL, ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof HoopctlError) || url.pathname === '/') throw error
    const message = error.message.replaceAll(url.pathname, '/…')
    throw new HoopctlError(error.code, message, { hint: error.hint })
  }
}

import type { RequestBody } from '../../../src/records.ts'
import {
  AUDIT,
  FOOTER,
  message,
  newState,
  openLog,
  request,
  response,
  type State,
  tickingClock,
} from '../a-log.ts'

/** What would run, load, hide or reorder, if a reader took it for more than text. `origin` would be asked for it. */
export function hostileTexts(origin: string): readonly string[] {
  return [
    `<script>document.title='ran';fetch('${origin}/script')</script>`,
    `<img src="${origin}/img" onerror="document.title='ran'">`,
    `"><svg onload="document.title='ran'"><use href="${origin}/use"/></svg>`,
    `</pre></article></main><iframe src="${origin}/frame"></iframe>`,
    `</title><meta http-equiv="refresh" content="0;url=${origin}/refresh">`,
    `</style><link rel="stylesheet" href="${origin}/style"><base href="${origin}/">`,
    `<!--<form action="${origin}/form"><input autofocus onfocus="document.title='ran'">`,
    `<a href="javascript:document.title='ran'" ping="${origin}/ping">${origin}/link</a>`,
    '\u001b[2J\u001b]0;ran\u0007 \u202egnp.exe\u202c \u200bhidden \u{e0041} &lt;b&gt; \ud800',
  ]
}

/** How long the result is that no page shows whole, in bytes. */
export const LARGE = 10 * 1024 * 1024

/** Records a session in which every text that others choose is hostile; the last answer has 10 MB of text. */
export function hostileLog(origin: string, state: State = newState()): string {
  const audit = { ...AUDIT, payloads: { ...AUDIT.payloads, maxBytes: 64 * 1024 * 1024 } }
  const log = openLog(state, { audit, clock: tickingClock() })
  const texts = hostileTexts(origin)
  const [first = ''] = texts
  const subject = { issuer: first, sub: first, email: first, groups: texts, kind: 'human' } as const
  const grant = { mode: 'session', started: first, expires: null, reason: first }
  const grants = texts.map((name) => ({ name, ...grant }))
  const policy = { name: first, version: 1, digest: 'ab'.repeat(32), signed: true }
  log.append({
    kind: 'context',
    cause: first,
    subject,
    client: { name: first, version: first },
    policy,
    grants,
  })
  for (const [index, text] of [...texts, 'a'.repeat(LARGE)].entries()) {
    const exchange = index + 1
    const decision = { effect: 'allow', rules: [text.slice(0, 500)], why: text.slice(0, 500) } as const
    const body: Partial<RequestBody> = { method: text.slice(0, 500), tool: text.slice(0, 500), decision }
    const params = { name: text.slice(0, 500), arguments: { [text.slice(0, 500)]: text.slice(0, 500) } }
    log.append(request(exchange, body), message({ jsonrpc: '2.0', id: exchange, params }, 'requests'))
    const content = [{ type: 'text', text }]
    log.append(response(exchange), message({ jsonrpc: '2.0', id: exchange, result: { content } }))
    log.commit()
  }
  log.close(FOOTER)
  return log.path
}

import { describe, expect, it } from 'vitest'
import { notifier, webhookBody } from '../../../src/cli/approvals/notify.ts'
import type { HttpAnswer, HttpClient } from '../../../src/http.ts'
import { createHttpClient } from '../../../src/remote/http-client.ts'
import { Secret } from '../../../src/secret.ts'
import { answerWith, startHttpsServer } from '../../remote/https-server.ts'
import { BARE, impatient } from '../../remote/requests.ts'
import { aDevice, aQuestion, at } from './a-question.ts'
import { eventually } from '../../eventually.ts'

const HOOK = { url: 'https://hooks.example/T0/secret', arguments: false, key: null, keyFile: null }
const noFile = (): never => {
  throw new Error('no file is read')
}

/** Makes a notifier, and what it sends and says. */
function aNotifier(
  hooks: Parameters<typeof notifier>[0],
  answer: () => Promise<HttpAnswer>,
  readFile = noFile as (path: string) => Uint8Array,
) {
  const sent: { url: string; headers: Readonly<Record<string, string>>; body: unknown }[] = []
  const said: string[] = []
  const http: HttpClient = (url, { headers, body }) => {
    sent.push({ url: url.href, headers, body: JSON.parse(Buffer.from(body ?? []).toString()) })
    return answer()
  }
  const notify = notifier(hooks, { http, now: () => at(0), say: (line) => void said.push(line), readFile })
  return { notify, sent, said }
}

const ok = (status = 200) => Promise.resolve({ status, headers: new Map(), body: new Uint8Array() })

describe('what a webhook is told', () => {
  const question = aQuestion(aDevice())

  it('[INV-5] given no more in the policy, tells who asks what and how to answer, and no value of an argument', () => {
    const body = webhookBody(question, { at: at(1), withArguments: false })
    expect(JSON.parse(body)).toEqual({
      type: 'approval.waiting',
      timestamp: '2026-11-05T12:00:01.000Z',
      data: {
        approval: question.approval,
        server: 'orders',
        method: 'tools/call',
        tool: 'drop',
        requester: { issuer: 'https://id.example', sub: 'ana', email: 'ana@acme.example' },
        policy: { name: 'acme', version: 7 },
        rules: ['rules[0]'],
        reasons: ['it drops a table'],
        messages: ['Look twice.'],
        asked: '2026-11-05T12:00:00.000Z',
        heldUntil: '2026-11-05T12:00:45.000Z',
        answerBy: '2026-11-05T12:30:00.000Z',
        how: `hoopctl approve ${question.approval}`,
        arguments: { count: 2, bytes: 37, names: ['table', 'secret'] },
      },
    })
    for (const secret of ['hunter2', question.random, question.session]) expect(body).not.toContain(secret)
  })

  it('given `arguments: true`, tells them as they were written', () => {
    const params = '{"name":"pay","arguments":{"cents":10000000000000000000001}}'
    const body = webhookBody(aQuestion(aDevice(), 0, { params }), { at: at(1), withArguments: true })
    expect(JSON.parse(body)).toMatchObject({
      data: { arguments: { count: 1, json: '{"cents":10000000000000000000001}' } },
    })
  })

  it.each([
    {
      method: 'resources/read',
      params: '{"uri":"file:///secret"}',
      tool: null,
      told: { count: 0, bytes: 2, names: [] },
    },
    { method: 'prompts/get', params: '{"name":"p"}', tool: 'p', told: { count: 0, bytes: 2, names: [] } },
    { method: 'tools/call', params: '{"name":7}', tool: null, told: { count: 0, bytes: 2, names: [] } },
    {
      method: 'tools/call',
      params: '{"name":"a\\u202eb","arguments":[1]}',
      tool: 'a\\u{202e}b',
      told: { count: 0, bytes: 3, names: [] },
    },
    {
      method: 'tools/call',
      params: `{"name":"${'x'.repeat(300)}","arguments":{"a":"${'y'.repeat(70_000)}"}}`,
      tool: 'x'.repeat(200),
      told: { count: 1, bytes: 70_008, names: ['a'], omitted: 'too long' },
    },
  ])('given $method with $tool, tells so much of it', ({ method, params, tool, told }) => {
    const body = webhookBody({ ...question, method, params }, { at: at(1), withArguments: true })
    const { data } = JSON.parse(body) as { data: { tool: unknown; arguments: { json?: string } } }
    const { json: _json, ...counted } = data.arguments
    expect([data.tool, counted]).toEqual([tool, told])
    expect(body).not.toContain('file:///secret')
  })
})

describe('telling webhooks', () => {
  const question = aQuestion(aDevice())

  it('given a real server with its own CA, tells it', async () => {
    await using server = await startHttpsServer(answerWith(204))
    const http = createHttpClient({ ...BARE, caFile: server.caFile }, impatient().waiting)
    const said: string[] = []
    const hooks = [{ ...HOOK, url: server.url.href, key: new Secret('a key of some length') }]
    const notify = notifier(hooks, {
      http,
      now: () => at(0),
      say: (line) => void said.push(line),
      readFile: noFile,
    })
    notify(question)
    await eventually(() => expect(server.seen).toHaveLength(1))
    expect(server.seen[0]?.headers).toMatchObject({
      'webhook-id': question.challenge,
      'webhook-timestamp': String(at(0).getTime() / 1000),
      'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}=$/u),
    })
    expect(said).toEqual([])
  })

  it('given several, tells each what it is to know; one that fails keeps it from no other, and is told once', async () => {
    const hooks = [HOOK, { ...HOOK, url: 'https://other.example/', arguments: true }]
    const answers = [500, 200, 500, 200, 200, 200]
    const { notify, sent, said } = aNotifier(hooks, () => ok(answers.shift()))
    for (let i = 1; i <= 3; i += 1) {
      notify(question)
      await eventually(() => expect(sent).toHaveLength(2 * i))
    }
    await eventually(() => expect(said).toHaveLength(1))
    expect(said).toEqual([
      'a webhook of `approvals.notify` was not told that a call waits: `hooks.example` answered 500 (look at `approvals.notify` in the policy, or ask who runs it)',
    ])
    const json = { data: { arguments: { json: '{"table":"orders","secret":"hunter2"}' } } }
    expect(sent[1]?.body).toMatchObject(json)
    expect(JSON.stringify(sent[0]?.body)).not.toContain('hunter2')
  })

  it('given one that never answers, returns at once', () => {
    const { notify, said } = aNotifier([HOOK], () => new Promise(() => undefined))
    notify(question)
    notify(question)
    expect(said).toEqual([])
  })

  it('given a key file, signs with what is in it; given an empty one, sends nothing and says so', async () => {
    const files = new Map([
      ['/etc/hook.key', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n'],
      ['/etc/empty.key', '\n'],
    ])
    const hooks = [...files.keys()].map((keyFile) => ({ ...HOOK, keyFile }))
    const { notify, sent, said } = aNotifier(
      hooks,
      () => ok(),
      (path) => Buffer.from(files.get(path) ?? ''),
    )
    notify(question)
    await eventually(() => expect([sent.length, said.length]).toEqual([1, 1]))
    expect(sent[0]?.headers['webhook-signature']).toMatch(/^v1,/u)
    expect(said).toEqual([
      'a webhook of `approvals.notify` was not told that a call waits: the key in `/etc/empty.key` has fewer than 16 characters (write a longer one into it)',
    ])
  })
})

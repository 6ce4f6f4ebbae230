import { describe, expect, it } from 'vitest'
import { benchOfOne, type Bench } from './bench-of-one.ts'
import { answer, request } from './messages.ts'

const POLICY = `
rules:
  - { allow: { resource: "file:///srv/docs/**" }, name: docs }
  - { deny: { resource: "file:///srv/docs/private/**" }, name: private }
  - deny: { resource: "file:///srv/docs/draft%20%281%29/**" }
  - { ask: { resource: "file:///srv/docs/slow/*" }, name: slow }
  - allow: { resource: "https://x/**" }`

/** A session that a list of templates was shown. */
async function shown(...templates: string[]): Promise<Bench> {
  const bench = await benchOfOne(POLICY)
  await show(bench, 'list', ...templates)
  return bench
}

async function show(bench: Bench, id: string, ...templates: string[]): Promise<void> {
  await bench.client(request(id, 'resources/templates/list'))
  const resourceTemplates = templates.map((uriTemplate) => ({ uriTemplate }))
  await bench.server(answer(id, { resourceTemplates }))
}

/** Completes `x` of a template. */
function completion(uri: string, known: Readonly<Record<string, string>> = {}, id = 1): string {
  return request(id, 'completion/complete', {
    ref: { type: 'ref/resource', uri },
    argument: { name: 'x', value: 'a' },
    context: { arguments: known },
  })
}

async function passes(bench: Bench, line: string): Promise<void> {
  expect(await bench.client(line)).toEqual({ client: [], server: [line] })
}

async function isDenied(bench: Bench, line: string, why: string): Promise<void> {
  const { client, server } = await bench.client(line)
  expect(server).toEqual([])
  expect(JSON.parse(client[0] ?? '')).toMatchObject({
    id: 1,
    error: {
      code: -32010,
      message: expect.stringContaining(`hoopctl denied \`completion/complete\`: ${why}`),
    },
  })
}

const DOCS = 'file:///srv/docs/{x}'
const NESTED = 'file:///srv/docs/{d}/{x}'
const NOT_SHOWN = 'no `resources/templates/list` of this session has shown the template'
const NOT_NORMAL = 'the template is no address in normal form'
const NOT_SIMPLE = 'a variable with a value stands in no simple `{name}` of it'
const MEANS = 'a variable of the template holds a character that means something in an address'

describe('a completion by a template', () => {
  it('given one that a list has shown, passes; given one that none has, is denied [INV-1]', async () => {
    const bench = await shown(DOCS)
    await passes(bench, completion(DOCS, {}, 2))
    await isDenied(bench, completion('file:///srv/docs/{y}'), NOT_SHOWN)
  })

  it('given one that the list hid, or that came in a list that was refused, is denied [INV-1]', async () => {
    const hidden = 'file:///etc/{x}'
    const bench = await shown(hidden, DOCS)
    await isDenied(bench, completion(hidden), `no rule in force covers the template \`${hidden}\``)
    await bench.client(request('bad', 'resources/templates/list'))
    await bench.server(answer('bad', { resourceTemplates: [{ uriTemplate: NESTED }, {}] }))
    await isDenied(bench, completion(NESTED), NOT_SHOWN)
    await passes(bench, completion(DOCS, {}, 2))
  })

  it('given one whose every address a deny of a segment covers, is denied; given a deeper one, passes [INV-1]', async () => {
    const bench = await benchOfOne(`${POLICY}\n  - deny: { resource: "file:///srv/docs/secret/*" }`)
    const secret = 'file:///srv/docs/secret/{x}'
    const deeper = 'file:///srv/docs/secret/a/{x}'
    await show(bench, 'list', secret, deeper)
    await isDenied(bench, completion(secret), `no rule in force covers the template \`${secret}\``)
    await passes(bench, completion(deeper, {}, 2))
  })

  it('given the oldest of 4,097, is denied; given the second, passes [ATK-FLOOD]', async () => {
    const templates = Array.from({ length: 4097 }, (_, n) => `file:///srv/docs/${n}/{x}`)
    const bench = await shown(...templates)
    await isDenied(bench, completion('file:///srv/docs/0/{x}'), NOT_SHOWN)
    await passes(bench, completion('file:///srv/docs/1/{x}', {}, 2))
  })

  it.each([
    'file:///srv/docs/../../etc/{x}',
    'file:///srv/docs/%70rivate/{x}',
    'file:///srv/docs//{x}',
    'FILE:///srv/docs/{x}',
    'file:///srv/docs/{x}/../{y}',
    'f{x}',
    '{+x}',
    '{scheme}://x/{x}',
    'file:///srv/docs/{{x}}',
  ])(
    'given %s, which stands for more than it says, is denied although it was shown [ATK-ADDRESS]',
    async (uri) => {
      const bench = await shown(uri, DOCS)
      await isDenied(bench, completion(uri), NOT_NORMAL)
      await passes(bench, completion(DOCS, {}, 2))
    },
  )

  it.each([NESTED, 'file:///srv/docs/{+x}', 'https://x/{id}/a{?x}', 'file:///srv/docs/{a.b}-{x}.md'])(
    'given %s, passes',
    async (uri) => {
      await passes(await shown(uri), completion(uri))
    },
  )
})

describe('what a client has filled into a template', () => {
  it('is decided with it: a directory that is denied tells nothing, its twin does [ATK-ADDRESS]', async () => {
    const bench = await shown(NESTED)
    const hidden = 'no rule in force covers the template `file:///srv/docs/private/{x}`'
    await isDenied(bench, completion(NESTED, { d: 'private' }), hidden)
    await passes(bench, completion(NESTED, { d: 'public' }, 2))
    const encoded = 'no rule in force covers the template `file:///srv/docs/draft%20%281%29/{x}`'
    await isDenied(bench, completion(NESTED, { d: 'draft (1)' }), encoded)
    await passes(bench, completion(NESTED, { d: 'draft (2) ü' }, 3))
  })

  it.each([
    { value: '..', why: NOT_NORMAL },
    { value: '', why: NOT_NORMAL },
    { value: 'a/../private', why: MEANS },
    { value: '%70rivate', why: MEANS },
    { value: 'a\\b', why: MEANS },
    { value: '{y}', why: MEANS },
    { value: 'a?', why: MEANS },
    { value: 'a#', why: MEANS },
    { value: 'a\tb', why: NOT_NORMAL },
  ])('given $value, is denied [ATK-ADDRESS]', async ({ value, why }) => {
    await isDenied(await shown(NESTED), completion(NESTED, { d: value }), why)
  })

  it.each([
    { uri: 'file:///srv/docs/{+d}/{x}', known: { d: 'a' } },
    { uri: 'file:///srv/docs{/d}/{x}', known: { d: 'a' } },
    { uri: 'file:///srv/docs/{d*}/{x}', known: { d: 'a' } },
    { uri: 'file:///srv/docs/{d:1}/{x}', known: { d: 'a' } },
    { uri: 'file:///srv/docs/{d,e}/{x}', known: { d: 'a' } },
    { uri: 'file:///srv/docs/{ d }/{x}', known: { d: 'a' } },
    { uri: 'file:///srv/docs/{+d}/{x}', known: { '+d': 'a' } },
    { uri: NESTED, known: { D: 'private' } },
    { uri: NESTED, known: { e: 'a' } },
  ])(
    'given $known for $uri, is denied: it stands in no simple place [ATK-ADDRESS]',
    async ({ uri, known }) => {
      const bench = await shown(uri)
      await isDenied(bench, completion(uri, known), NOT_SIMPLE)
      await passes(bench, completion(uri, {}, 2))
    },
  )

  it('given nothing that is left, is decided as a read of the address [INV-1]', async () => {
    const uri = 'file:///srv/docs/{d}/{e}'
    const bench = await shown(uri)
    await passes(bench, completion(uri, { d: 'public', e: 'a' }, 2))
    await isDenied(bench, completion(uri, { d: 'private', e: 'a' }), 'one denies [rules.private]')
    await isDenied(bench, completion(uri, { d: 'a', e: '..' }), 'the address')
    const { client, server } = await bench.client(completion(uri, { d: 'slow', e: 'a' }))
    expect(server).toEqual([])
    expect(client).toEqual([
      expect.stringContaining('nobody can be asked about this kind of request [rules.slow]'),
    ])
    await isDenied(bench, completion('file:///srv/docs/{d}', { d: 'a' }), NOT_SHOWN)
  })
})

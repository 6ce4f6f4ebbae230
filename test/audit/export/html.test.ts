import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { htmlPage } from '../../../src/audit/export/html.ts'
import { SHOWN_CHARACTERS } from '../../../src/audit/export/html-text.ts'
import {
  AUDIT,
  FOOTER,
  message,
  newState,
  openLog,
  request,
  response,
  temporaryDirectory,
  tickingClock,
} from '../a-log.ts'
import { documentAt, listener, whyNoChromium } from './chromium.ts'
import { hostileLog, hostileTexts, LARGE } from './a-hostile-log.ts'
import { itemsOf } from './exported.ts'

const pageOf = (path: string) => [...htmlPage(itemsOf(path))].join('')

/** Puts a page into a file; gives its address. */
function fileWith(html: string): string {
  const path = join(temporaryDirectory(), 'page.html')
  writeFileSync(path, html)
  return pathToFileURL(path).href
}

const titleOf = (dom: string) => /<title>(.*?)<\/title>/s.exec(dom)?.[1]
const shownIn = (dom: string) => /<output id="shown">(.*?)<\/output>/.exec(dom)?.[1]

describe('the page of a session', () => {
  it('given text that would be markup, or would not be seen, writes it as text', () => {
    const page = pageOf(hostileLog('http://127.0.0.1:9'))
    const tags = new Set(Array.from(page.matchAll(/<([a-z]\w*)/g), ([, name = '']) => name))
    expect([...tags].toSorted()).toEqual(
      'article body code dd dl dt footer h1 h2 head header html input label main mark meta output p pre script section span strong style time title'.split(
        ' ',
      ),
    )
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).toContain('&lt;img src=&quot;http://127.0.0.1:9/img&quot;')
    expect(page).toContain('<mark>\\u{202e}</mark>gnp.exe<mark>\\u{202c}</mark>')
    expect(page).toContain('<mark>\\u{1b}</mark>[2J')
    expect(page).toContain('<mark>\\u{d800}</mark>')
    expect(/[\u0000-\u0008\u001b\u202e\u200b]/.test(page)).toBe(false)
  })

  it('given the policy, grants with reasons and who activated them, says them at the start and where they change', () => {
    const log = openLog(newState(), { clock: tickingClock() })
    const grant = {
      name: 'orders-read',
      mode: 'session',
      started: '2026-11-21T09:14:07Z',
      reason: null,
    } as const
    const asked = {
      ...grant,
      name: 'orders-write',
      mode: 'request',
      expires: '2026-11-21T09:25:41Z',
    } as const
    const subject = {
      issuer: 'https://login',
      sub: '00u1a',
      email: 'ann@acme.example',
      kind: 'human',
    } as const
    log.append({
      kind: 'context',
      cause: 'start',
      subject: { ...subject, groups: ['dba'] },
      policy: { name: 'acme', version: 42, digest: '82'.repeat(32), signed: true },
      grants: [{ ...grant, expires: null }],
    })
    log.append(request(1))
    log.append({ kind: 'context', cause: 'request', grants: [{ ...asked, reason: 'INC-2211 <b>' }] })
    log.append(response(1))
    const policy = { name: 'try', version: null, digest: '83'.repeat(32), signed: false }
    log.append({ kind: 'context', cause: 'change', policy, subject: null, grants: [] })
    log.close(FOOTER)
    const page = pageOf(log.path)
    const words = (html: string) =>
      html
        .replace(/<[^>]*>/g, ' ')
        .replace(/ +(?=[ ,;:])/g, '')
        .trim()
    expect(Array.from(page.matchAll(/<section>(.*?)<\/section>/gs), ([, html = '']) => words(html))).toEqual([
      `2026-11-21 09:14:08.000 start, record 1 who ann@acme.example, human, signed in at https://login; groups: dba policy acme, version 42, signed SHA-256 ${'82'.repeat(32)} grants orders-read, active by mode session, since 2026-11-21T09:14:07Z, until the end of the session; no reason given`,
      '2026-11-21 09:14:10.000 request, record 3 grants orders-write, requested by ann@acme.example, since 2026-11-21T09:14:07Z, until 2026-11-21T09:25:41Z; reason: INC-2211 &lt;b&gt;',
      `2026-11-21 09:14:12.000 change, record 5 who nobody is signed in policy try, not signed: anyone who may write the file may change it SHA-256 ${'83'.repeat(32)} grants none active`,
    ])
    expect(page.indexOf('<section>')).toBeLessThan(page.indexOf('<article'))
  })

  it('given a result of 10 MB, shows its beginning, its size and its digest', () => {
    const page = pageOf(hostileLog('http://127.0.0.1:9'))
    expect(page.length).toBeLessThan(100_000)
    expect(/a{4001}/.test(page)).toBe(false)
    expect(page).toContain(
      `<pre>${'a'.repeat(SHOWN_CHARACTERS)}</pre><p class="cut">cut after 4000 characters`,
    )
    expect(LARGE).toBe(10_485_760)
    expect(page).toMatch(/result: 10\.0 MiB, SHA-256 <code><span class="foreign">[0-9a-f]{64}</)
  })

  it.each([
    {
      given: 'the first part of a result',
      results: 'whole',
      shown: '<p class="cut">its first part: the log has no more',
    },
    { given: 'only the digest of a result', results: 'digest', shown: 'result: 3.0 KiB, SHA-256' },
  ] as const)('given $given, says so', ({ results, shown }) => {
    const log = openLog(newState(), {
      audit: { ...AUDIT, payloads: { maxBytes: 2000, requests: 'whole', results } },
    })
    log.append(request(1))
    log.append(response(1), message({ jsonrpc: '2.0', id: 1, result: 'b'.repeat(3000) }))
    log.close(FOOTER)
    expect(pageOf(log.path)).toContain(shown)
  })

  it('given a log without an end, and lines that fit nothing, says both', () => {
    const log = openLog(newState())
    log.append({ kind: 'refused', from: 'client', why: 'no JSON' }, message('x', 'requests'))
    log.append(response(7))
    log.commit()
    expect(pageOf(log.path)).toMatch(
      /No end is recorded.*1 lines or notifications were refused.*1 lines are no records, or fit no exchange/s,
    )
  })
})

describe.skipIf(whyNoChromium() !== null)(
  whyNoChromium() ?? 'the page of a hostile session in Chromium',
  () => {
    it('given the page, runs only its own script and asks nobody for anything', async () => {
      await using outside = await listener()
      const dom = await documentAt(fileWith(pageOf(hostileLog(outside.origin))))
      const seen = { title: titleOf(dom), shown: shownIn(dom), asked: outside.asked }
      const title = expect.stringMatching(/^Session [0-9A-Z]{26}, number 1$/) as unknown
      expect(seen).toEqual({ title, shown: '10 of 10', asked: [] })
    })

    it('given the same texts as markup in another page, they run and ask', async () => {
      await using outside = await listener()
      const texts = hostileTexts(outside.origin).filter((text) => !text.includes('refresh'))
      const dom = await documentAt(fileWith(`<title>quiet</title><main></main>${texts.join('\n')}`))
      expect(titleOf(dom)).toBe('ran')
      expect([...new Set(outside.asked)].toSorted()).toEqual(
        expect.arrayContaining(['/frame', '/img', '/script']),
      )
    })

    it('given the same texts as markup in this page, its Content-Security-Policy stops them', async () => {
      await using outside = await listener()
      // A refresh is a navigation, which no such policy is about: only that it stays text keeps that one out.
      const texts = hostileTexts(outside.origin).filter((text) => !text.includes('refresh'))
      const page = pageOf(hostileLog(outside.origin)).replace(
        '<main>',
        () => `<main>${texts[0]}${texts[1]}${texts[2]}`,
      )
      const dom = await documentAt(fileWith(page))
      const title = expect.stringMatching(/^Session /) as unknown
      expect({ title: titleOf(dom), asked: outside.asked }).toEqual({ title, asked: [] })
    })

    it('given words to filter by, shows the exchanges that have them all', async () => {
      const page = fileWith(pageOf(hostileLog('http://127.0.0.1:9')))
      const dom = await documentAt(`${page}#show=${encodeURIComponent('#9 GNP.exe')}`)
      const hidden = Array.from(dom.matchAll(/<article class="answered" hidden="">/g)).length
      expect({ shown: shownIn(dom), hidden }).toEqual({ shown: '1 of 10', hidden: 9 })
    })
  },
)

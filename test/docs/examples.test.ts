import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfigFile, readManagedFile } from '../../src/policy/settings-file.ts'
import { ROOT } from '../e2e/repo.ts'
import { codeBlocks, page, pages, withoutCode } from './markdown.ts'
import { connectToOrders } from './orders-client.ts'
import { reader } from './reader.ts'
import { commandAndOutput, missingLines } from './shown-output.ts'
import { notExpired } from './not-expired.ts'

const someone = reader()
afterAll(() => someone[Symbol.asyncDispose]())

// What a part of a policy stands under.
const HEAD = 'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: part }\n'

/** The session that the documentation talks of: a read, a refusal, a look at an order. */
beforeAll(async () => {
  const client = await connectToOrders(someone)
  await client.listTools()
  await client.callTool({ name: 'read_table', arguments: { table: 'shop.orders', limit: 3 } })
  await client.callTool({ name: 'read_table', arguments: { table: 'hr.salaries', limit: 3 } })
  await client.callTool({ name: 'get_order', arguments: { id: 1042 } })
  await client.close()
})

const COMMAND =
  /\bhoopctl ((?:policy|sessions|pins) [a-z]+|wrap|completion|login|logout|whoami|status|grants|request|revoke|approve)\b/g

const ALL = pages()
const blocks = (language: string) => ALL.flatMap((one) => codeBlocks(one, language))

describe('code in the documentation', () => {
  const documents = blocks('yaml')
  const isSettings = ({ text }: { readonly text: string }) => /^policy:(?: #.*)?$/m.test(text)
  const policies = documents.filter((one) => !one.text.includes('kind: PolicyTest') && !isSettings(one))
  it.each(policies)('given the policy at $at, lint finds no fault', async ({ text }) => {
    const path = join(someone.folder, 'shown.yaml')
    writeFileSync(path, notExpired(text.includes('kind: Policy') ? text : `${HEAD}${text}`), { mode: 0o600 })
    const { output, exitCode } = await someone.types('hoopctl policy lint shown.yaml')
    expect({ output, exitCode }).toEqual({ output: expect.stringMatching(/: ok \(/) as unknown, exitCode: 0 })
  })

  it.each(documents.filter(isSettings))('given the settings at $at, hoopctl reads them', ({ at, text }) => {
    const bytes = Buffer.from(text)
    const isLock = !/^(?:network|tokens|signIn):/m.test(text)
    const { problems } = isLock ? readManagedFile(bytes, at) : readConfigFile(bytes, at)
    expect(problems).toEqual([])
  })

  it.each(blocks('json'))('given the JSON at $at, it parses', ({ text }) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow()
  })

  // A command begins with `$ `; what follows, up to the next one, is what it prints. test/docs/demo.test.ts runs the demo.
  const sessions = blocks('console').flatMap(({ at, text }) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ at, ...commandAndOutput(part) })),
  )
  it.each(sessions.filter(({ command }) => command !== 'npm run demo'))(
    'given `$command` at $at, prints what is shown',
    async ({ command, shown }) => {
      const { output } = await someone.types(command)
      expect({ missing: missingLines(shown, output), output }).toEqual({ missing: [], output })
    },
  )
})

describe('what the documentation names', () => {
  const links = ALL.flatMap((one) => {
    const found = withoutCode(one).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)
    return [...found].map(([, link = '']) => ({ path: one.path, link }))
  })
  it.each(links)('given the link $link in $path, it leads somewhere', ({ path, link }) => {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : join(dirname(path), file)
    expect(existsSync(join(ROOT, target))).toBe(true)
    if (anchor !== undefined) expect(anchors(page(target).text)).toContain(anchor)
  })

  const commands = new Set(
    ALL.flatMap(({ text }) => [...text.matchAll(COMMAND)].map(([, words = '']) => words)),
  )
  it.each([...commands])('given the command `hoopctl %s`, there is one', async (words) => {
    const { output, exitCode } = await someone.types(`hoopctl ${words} --help`)
    expect({ output, exitCode }).toEqual({
      output: expect.stringContaining(`Usage: hoopctl ${words}`) as unknown,
      exitCode: 0,
    })
  })

  it('given the README, it has at most 200 lines', () => {
    expect(page('README.md').text.trimEnd().split('\n').length).toBeLessThanOrEqual(200)
  })
})

// As forges make them of headings.
function anchors(text: string): readonly string[] {
  const titles = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webhookBody } from '../../src/cli/approvals/notify.ts'
import { postWebhook } from '../../src/remote/webhook.ts'
import { Secret } from '../../src/secret.ts'
import { aDevice, aQuestion, at } from '../cli/approvals/a-question.ts'
import { DECEPTIONS } from '../cli/screens/deceptions.ts'
import { ROOT } from '../e2e/repo.ts'
import { approvalScreens, type Shown } from './approval-screens.ts'
import { codeBlocks, page } from './markdown.ts'
import { reader } from './reader.ts'
import { commandAndOutput, missingLines } from './shown-output.ts'

const PATH = 'docs/approvals.md'

describe('docs/approvals.md, played by a client, a server and a person', () => {
  const someone = reader()
  let screens: readonly Shown[] = []
  afterAll(() => someone[Symbol.asyncDispose]())
  beforeAll(async () => {
    const [orders, keys] = codeBlocks(page(PATH), 'yaml')
    screens = await approvalScreens(someone, { orders: orders?.text ?? '', keys: keys?.text ?? '' })
    if (process.env['WRITE_SCREENS'] === '1') writeScreens(screens)
  }, 600_000)

  it('shows what was seen, in this order', () => {
    const shown = codeBlocks(page(PATH), 'screen').map(({ text }) => text.trimEnd())
    expect(shown).toEqual(screens.map(({ text }) => text))
  })

  it('is what the README shows a part of', () => {
    const [shown] = codeBlocks(page('README.md'), 'screen')
    const missing = screens.map(({ text }) => missingLines(shown?.text ?? '', text))
    expect(missing).toContainEqual([])
  })

  // Afterwards, in the same folder: what was recorded of it.
  const steps = codeBlocks(page(PATH), 'walk').flatMap(({ at, text }) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ at, ...commandAndOutput(part) })),
  )
  it.each(steps)('given `$command` at $at, prints what is shown', async ({ command, shown }) => {
    const { output, exitCode } = await someone.types(command)
    const missing = shown.trim() === '' ? [] : missingLines(shown, output)
    expect({ missing, exitCode, output }).toEqual({ missing: [], exitCode: 0, output })
  })
})

describe('docs/approvals.md, what else it shows', () => {
  it('has the table of what could deceive, as it was tried', () => {
    expect(page(PATH).text).toContain(DECEPTION_ROWS.join('\n'))
  })

  it('shows what a webhook is told', () => {
    const question = { ...aQuestion(aDevice()), approval: 'A-7K2P9QXM' }
    const told: unknown = JSON.parse(webhookBody(question, { at: at(10), withArguments: false }))
    const [shown] = codeBlocks(page(PATH), 'json')
    expect(JSON.parse(shown?.text ?? '')).toEqual(told)
  })

  it.each(['a key of sixteen', `whsec_${Buffer.from('sixteen bytes and').toString('base64')}`])(
    'given the key `%s`, its Python takes our signature and no other',
    async (key) => {
      const sent: { headers: Record<string, string>; body: string }[] = []
      const http: Parameters<typeof postWebhook>[3] = async (_url, { headers, body }) => {
        sent.push({ headers: { ...headers }, body: Buffer.from(body ?? '').toString() })
        return { status: 204, headers: new Headers(), bytes: new Uint8Array(), url: '' } as never
      }
      const message = { id: 'm1', at: new Date(), body: '{"grüße":1}' }
      await postWebhook(new URL('https://hooks.example/x'), message, new Secret(key), http)
      const [shown] = codeBlocks(page(PATH), 'python')
      const asked = `import json, sys
h, b, k = json.load(sys.stdin)
old = dict(h, **{"webhook-timestamp": str(int(h["webhook-timestamp"]) - 600)})
print(is_ours(h, b.encode(), k), is_ours(h, b.encode() + b" ", k), is_ours(h, b.encode(), "x" + k), is_ours(old, b.encode(), k))`
      const input = JSON.stringify([sent[0]?.headers, sent[0]?.body, key])
      const { stdout } = await execa('python3', ['-c', `${shown?.text ?? ''}\n${asked}`], { input })
      expect(stdout).toBe('True False False False')
    },
  )
})

const DECEPTION_ROWS = DECEPTIONS.map(
  ({ deception, shows }) => `| ${deception} | ${shows.map((line) => `\`${line}\``).join('<br>')} |`,
)

/** Puts what was seen into the page, in place of what stands there: `WRITE_SCREENS=1 vitest run` this file. */
function writeScreens(screens: readonly Shown[]): void {
  const path = join(ROOT, PATH)
  const left = screens.map(({ text }) => text)
  const written = readFileSync(path, 'utf8').replaceAll(
    /^```screen\n.*?^```$/gms,
    () => `\`\`\`screen\n${left.shift() ?? ''}\n\`\`\``,
  )
  const table = '| what a model writes | what the screen shows of it |\n| --- | --- |\n'
  const [before = '', after = ''] = written.split(table)
  writeFileSync(
    path,
    `${before}${table}${DECEPTION_ROWS.join('\n')}\n${after.slice(after.indexOf('\n\n') + 1)}`,
  )
}

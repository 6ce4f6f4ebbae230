import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { execFileSync } from 'node:child_process'
import { HOOPCTL, NODE } from '../e2e/repo.ts'
import { inTmux, type Person, until } from './in-tmux.ts'
import type { Reader } from './reader.ts'

/** What docs/approvals.md shows of one moment: a screen of 80×24, or what a client or a shell was told. */
export interface Shown {
  readonly name: string
  readonly text: string
}

type Show = (name: string, text: string) => void

/** A client whose calls are asked about, and what its hoopctl says on stderr. */
interface Asker extends AsyncDisposable {
  call(name: string, args: object): Promise<string>
  /** Waits until hoopctl says that one more call waits; the line, and the approval's id in it. */
  waiting(): Promise<{ readonly line: string; readonly id: string }>
}

const ID = /A-[0-9A-Z]{8}/u
// What a part of a policy stands under.
const HEAD = 'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: part }\nservers: { orders-db: {} }\n'

/**
 * Plays what docs/approvals.md tells, with a real client, server and terminal, under the policies that stand there, and
 * gives each thing that is shown, in the page's order.
 */
export async function approvalScreens(
  someone: Reader,
  { orders, keys }: { readonly orders: string; readonly keys: string },
): Promise<readonly Shown[]> {
  const shown: Shown[] = []
  const show: Show = (name, text) => shown.push({ name, text: asShown(text, someone) })
  usePolicy(someone, orders)
  {
    await using asker = await connect(someone)
    await edited(someone, asker, show)
    await denied(someone, asker, show)
    await queued(someone, asker, show)
    await remembered(someone, asker, show)
    await deceptive(someone, asker, show)
  }
  await byKey(someone, keys, show)
  return shown
}

async function edited(someone: Reader, asker: Asker, show: Show): Promise<void> {
  await asker.call('get_order', { id: 1041 })
  const answer = asker.call('refund_order', { id: 1041, amount: 940 })
  show('what the shim says', (await asker.waiting()).line)
  await using person = inTmux(['approve'], at(someone))
  await person.shows('a approve once')
  show('a call that is held', person.screen())
  await person.press('e')
  await person.shows('a approve the edit')
  show('an edit', person.screen())
  await person.press('a')
  await person.shows('Approved')
  show('what the model gets of an edited call', await answer)
  await person.press('q')
  await person.ended()
}

async function denied(someone: Reader, asker: Asker, show: Show): Promise<void> {
  const answer = asker.call('refund_order', { id: 1042, amount: 600 })
  await using person = await opened(someone, asker)
  await person.press('d')
  await person.shows('Deny.')
  await person.type('no ticket names it: ask Dora first')
  show('a no with a message', foot(person))
  await person.press('Enter')
  show('what the person sees after a no', await person.ended())
  show('what the model is told of a no', await answer)
}

async function queued(someone: Reader, asker: Asker, show: Show): Promise<void> {
  const call = { sql: 'SELECT count(*) FROM shop.orders' }
  show('what the model is told of a queued call', await asker.call('query', call))
  show('what status says', (await someone.types('hoopctl status')).output)
  await using person = await opened(someone, asker)
  await person.press('a')
  await person.shows('type query')
  await person.type('query')
  show('a word that is typed', foot(person))
  await person.press('Enter')
  await person.ended()
  show('the same call, repeated', await asker.call('query', call))
}

async function remembered(someone: Reader, asker: Asker, show: Show): Promise<void> {
  const call = { id: 1043, amount: 60 }
  const answer = asker.call('refund_order', call)
  await asker.waiting()
  await using person = inTmux(['approve'], at(someone))
  await person.shows('a approve once')
  await person.press('r')
  await answer
  await asker.call('refund_order', call)
  await person.shows('0 calls wait')
  await person.press('m')
  await person.shows('1x, ') // of three: the screen reads that anew by and by
  show(
    'what is remembered',
    person
      .screen()
      .split('\n')
      .filter((line) => line !== '')
      .join('\n'),
  )
  await person.press('x')
  await person.shows('is not remembered any more')
  await person.press('q')
  await person.ended()
}

async function deceptive(someone: Reader, asker: Asker, show: Show): Promise<void> {
  const sql = "SELECT 1 --\u202e sredro MORF\u001b[2J\u200b\n\n\n'\u0430dmin'"
  await asker.call('query', { sql }) // until it is queued
  await using person = await opened(someone, asker)
  const lines = person.screen().split('\n')
  show(
    'what could deceive',
    lines
      .slice(
        2,
        lines.findIndex((line) => line.startsWith('Why')),
      )
      .join('\n'),
  )
  await person.press('d')
  await person.shows('Deny.')
  await person.press('Enter')
  await person.ended()
}

async function byKey(someone: Reader, keys: string, show: Show): Promise<void> {
  const folder = join(someone.folder, '.ssh')
  mkdirSync(folder, { mode: 0o700 })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann', '-f', join(folder, 'id_ed25519')])
  const pub = readFileSync(join(folder, 'id_ed25519.pub'), 'utf8').trim()
  const sub = `sub: ${userInfo().username}`
  usePolicy(someone, HEAD + keys.replace(/ssh-ed25519 \S+ ann\S*/u, pub).replace('sub: ann', sub))
  await using asker = await connect(someone)
  const answer = asker.call('refund_order', { id: 1042, amount: 70 })
  await using person = await opened(someone, asker)
  await person.press('a')
  show('a yes by key', await person.ended())
  await answer
}

/** Opens the screen for the call that waits now. */
async function opened(someone: Reader, asker: Asker): Promise<Person> {
  const { id } = await asker.waiting()
  const person = inTmux(['approve', id], at(someone))
  await person.shows('d deny')
  return person
}

async function connect({ folder, env }: Reader): Promise<Asker> {
  const client = new Client({ name: 'claude-code', version: '2.1.0' })
  const server = [NODE, join(folder, 'examples', 'orders-db', 'server.mjs')]
  const args = [HOOPCTL, 'wrap', '--server', 'orders-db', '--', ...server]
  const transport = new StdioClientTransport({
    command: NODE,
    args,
    env: { ...env },
    cwd: '/',
    stderr: 'pipe',
  })
  let said = ''
  let asked = 0
  transport.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const questions = () =>
    said
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.includes('waits for a person'))
  await client.connect(transport)
  return {
    call: async (name, args) => {
      const result = await client.callTool({ name, arguments: args as Record<string, unknown> })
      return (result.content as readonly { readonly text: string }[]).map(({ text }) => text).join('\n')
    },
    waiting: async () => {
      await until(
        () => questions().length > asked,
        () => said,
      )
      const line = questions()[asked++] ?? ''
      return { line, id: ID.exec(line)?.[0] ?? '' }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

// The person's editor is one that needs no terminal.
function at({ env }: Reader): Readonly<Record<string, string>> {
  return { ...env, EDITOR: 'sed -i s/940/94/' }
}

/** Puts a policy where hoopctl looks for one. */
function usePolicy({ env }: Reader, text: string): void {
  const folder = join(env['HOOPCTL_HOME'] ?? '', 'config')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'policy.yaml'), text, { mode: 0o600 })
}

function foot(person: Person): string {
  const lines = person.screen().split('\n')
  return lines.slice(lines.findLastIndex((line) => line.startsWith('──')) + 1).join('\n')
}

/** Replaces what differs each time, on screens by something of the same width: ids, times, the user's name, folders. */
function asShown(text: string, { env }: Reader): string {
  const user = userInfo().username
  return text
    .replaceAll(join(env['HOOPCTL_HOME'] ?? '', 'config'), '~/.config/hoopctl')
    .replaceAll(new RegExp(ID, 'gu'), 'A-7K2P9QXM')
    .replaceAll(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/gu, '01M7Z204WWCR4MV64R16T99WSZ')
    .replaceAll(/\d{4}-\d\d-\d\d(?= \d\d:)/gu, '2026-11-21')
    .replaceAll(/\d\d:\d\d:\d\d/gu, '03:07:41')
    .replaceAll(/\b\d+s {2,3}│/gu, '48s   │')
    .replaceAll(/\d+s ago( +)(?=writes)/gu, '2s ago    ')
    .replaceAll(/\d+s ago/gu, '2s ago')
    .replaceAll(/\b\d+s left/gu, '48s left')
    .replaceAll(/\b\d+h(?: \d+m)? left/gu, '8h left')
    .replaceAll(/for \d+m(?: \d+s)?(?=[,.; ]|$)/gu, 'for 10m')
    .replaceAll(/\bed25519:[A-Za-z0-9_-]{43}\b/gu, 'ed25519:9bq4P2VxTz8KQx1mHfJc0d5wYuR7sEaLgN3iOoZkBtM')
    .replaceAll(/\b1x, \d+m(?: \d+s)?/gu, '1x, 10m')
    .replaceAll(/(?<=process )\d+/gu, '28747')
    .replaceAll(` ${user.padEnd(15)} `, ` ${'ann'.padEnd(15)} `)
    .replaceAll(new RegExp(`\\b${user}\\b`, 'gu'), 'ann')
    .replaceAll(/ +$/gmu, '')
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { MODERN, request } from '../../shim/messages.ts'
import { type Laptop, laptop } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const SERVER = 'servers:\n  docs: { run: { command: /bin/cat } }\n'
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read_file', arguments: {} } }

/** A laptop whose policy has expired since it was added. */
async function afterTheEnd(): Promise<Laptop> {
  const person = await laptop()
  const site = join(person.home, 'site')
  await mkdir(join(site, 'trust'), { recursive: true })
  await writeFile(join(site, 'trust', '1.jws'), trust)
  await writeFile(join(site, 'acme.jws'), signed(policyText({ more: SERVER }), keys))
  await person.hoopctl(['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes'])
  person.clock = new Date('2026-12-11T00:00:00Z')
  return person
}

it('given a policy that has expired, `policy refresh` says that everything is denied, and whom to ask', async () => {
  await using person = await afterTheEnd()
  const { exitCode, stderr } = await person.hoopctl(['policy', 'refresh'])
  expect(exitCode).toBe(7)
  expect(stderr).not.toContain('stays in force')
  expect(stderr).toMatch(/expired|has ended/u)
})

it('given a policy that has expired, `wrap` says what helps and that the client need not be restarted, nothing of the state', async () => {
  await using person = await afterTheEnd()
  const { stdout, stderr } = await person.client(['docs'], [JSON.stringify(CALL)])
  expect(stdout).toContain('hoopctl policy refresh. Once there is a policy, work goes on here')
  expect(stderr).not.toContain('state.db')
})

it('given a policy that has expired, and a client that makes no handshake, says that it must be restarted', async () => {
  await using person = await afterTheEnd()
  const lines = [
    request(1, 'server/discover', { _meta: MODERN }),
    request(2, 'tools/call', { _meta: MODERN, name: 'read_file', arguments: {} }),
    request(3, 'subscriptions/listen', { _meta: MODERN, notifications: { toolsListChanged: true } }),
  ]
  const { stdout } = await person.client(['docs'], lines)
  const answers = stdout.trimEnd().split('\n')
  const restart = 'hoopctl policy refresh. Once there is a policy, a person must restart the client'
  expect(answers).toEqual(lines.map(() => expect.stringContaining(restart)))
  expect(stdout).not.toContain('need not be restarted')
})

it('given a signed policy where a policy file is wanted, says what it is in one line', async () => {
  await using person = await afterTheEnd()
  const { exitCode, stdout } = await person.hoopctl(['policy', 'lint', join(person.home, 'site', 'acme.jws')])
  expect(exitCode).toBe(3)
  expect(stdout).toContain('this is a signed policy')
  expect(stdout).toContain('hoopctl policy add')
  expect(stdout.match(/acme\.jws:/gu)).toHaveLength(1)
})

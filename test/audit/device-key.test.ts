import { spawn } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { temporaryDirectory } from './a-log.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('loadDeviceKey', () => {
  it('given no key, makes one that only this user may read, with its public half beside it', () => {
    const state = join(temporaryDirectory(), 'new', 'state')
    const device = loadDeviceKey(state)
    const signature = device.sign(Buffer.from('text'))
    const publicKey = createPublicKey(readFileSync(join(state, 'device.pub')))
    expect(verify(null, Buffer.from('text'), publicKey, signature)).toBe(true)
    expect(device.id).toBe(`ed25519:${publicKey.export({ format: 'jwk' }).x ?? ''}`)
    expect([state, join(state, 'device.pem'), join(state, 'device.pub')].map(modeOf)).toEqual([
      '700',
      '600',
      '600',
    ])
    expect(readdirSync(join(state, 'tmp'))).toEqual([])
  })

  it('given a key, loads the same one', () => {
    const state = join(temporaryDirectory(), 'state')
    expect(loadDeviceKey(state).id).toBe(loadDeviceKey(state).id)
  })

  it('given a key without its public half, writes that again', () => {
    const state = join(temporaryDirectory(), 'state')
    loadDeviceKey(state)
    const before = readFileSync(join(state, 'device.pub'), 'utf8')
    rmSync(join(state, 'device.pub'))
    loadDeviceKey(state)
    expect(readFileSync(join(state, 'device.pub'), 'utf8')).toBe(before)
  })

  it('given 4 processes that make 50 keys at once, all have the same ones', async () => {
    const parent = temporaryDirectory()
    const go = join(parent, 'go')
    const states = Array.from({ length: 50 }, (_, index) => join(parent, `state-${index}`))
    const script = join(import.meta.dirname, '../fixtures/audit/print-device.ts')
    const children = [1, 2, 3, 4].map(() =>
      spawn(process.execPath, [script, go, ...states], { stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    const printed = children.map(({ stdout }) => text(stdout))
    await Promise.all(children.map(({ stdout }) => once(stdout, 'readable')))
    writeFileSync(go, '')
    const expected = Array.from(children, () => expect.stringMatching(/^ready\n(ed25519:[\w-]{43}\n){50}$/))
    const ids = await Promise.all(printed)
    expect(ids).toEqual(expected)
    const each = ids.map((id) => id.split('\n').slice(1, -1))
    const loaded = states.map((state) => loadDeviceKey(state).id)
    expect(each).toEqual(each.map(() => loaded))
    expect(states.flatMap((state) => readdirSync(join(state, 'tmp')))).toEqual([])
  })

  it.each(['644', '640', '604'])(
    'given a key of mode %s, refuses it with the command that mends it',
    (mode) => {
      const state = join(temporaryDirectory(), 'state')
      loadDeviceKey(state)
      const key = join(state, 'device.pem')
      chmodSync(key, Number.parseInt(mode, 8))
      expect(() => loadDeviceKey(state)).toThrow(
        expect.objectContaining({ code: 'FILE_MODE', hint: `run: chmod 600 ${key}` }),
      )
      chmodSync(key, 0o600)
      expect(loadDeviceKey(state).id).toMatch(/^ed25519:[\w-]{43}$/)
    },
  )

  it('given a directory that others may enter, refuses it with the command that mends it', () => {
    const state = join(temporaryDirectory(), "it's state")
    mkdirSync(state)
    chmodSync(state, 0o755)
    const hint = `run: chmod 700 '${state.replace("'", "'\\''")}'`
    expect(() => loadDeviceKey(state)).toThrow(expect.objectContaining({ code: 'FILE_MODE', hint }))
  })

  it.each([
    ['an empty file', ''],
    ['half a file', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI'],
    [
      'a key of another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('given %s, refuses it and leaves it as it is', (_, text) => {
    const state = join(temporaryDirectory(), 'state')
    loadDeviceKey(state)
    writeFileSync(join(state, 'device.pem'), text)
    expect(() => loadDeviceKey(state)).toThrow(expect.objectContaining({ code: 'DEVICE_KEY' }))
    expect(readFileSync(join(state, 'device.pem'), 'utf8')).toBe(text)
  })

  it('given what a killed process left, removes it once it is old', () => {
    const state = join(temporaryDirectory(), 'state')
    mkdirSync(join(state, 'tmp'), { recursive: true, mode: 0o700 })
    writeFileSync(join(state, 'tmp', 'old'), '')
    writeFileSync(join(state, 'tmp', 'young'), '')
    utimesSync(join(state, 'tmp', 'old'), 1, 1)
    loadDeviceKey(state)
    expect(readdirSync(join(state, 'tmp'))).toEqual(['young'])
  })

  it('given a file where the directory should be, says so', () => {
    const state = join(temporaryDirectory(), 'state')
    writeFileSync(state, '')
    expect(() => loadDeviceKey(state)).toThrow(
      expect.objectContaining({
        code: 'STATE_UNWRITABLE',
        message: expect.stringContaining('is no directory'),
      }),
    )
  })
})

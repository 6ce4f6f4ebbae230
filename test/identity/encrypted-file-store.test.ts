import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encryptedFileStore } from '../../src/identity/encrypted-file-store.ts'
import type { TokenStore } from '../../src/identity/token-store.ts'
import { Secret } from '../../src/secret.ts'
import { temporaryFolder } from './store-surroundings.ts'

const { uid } = userInfo()
const ACCOUNT = 'https://id.example.com hoopctl'
const NAME = `${createHash('sha256').update(ACCOUNT).digest('hex')}.sealed`
const AGAIN = (file: string): string => `remove it (rm -f '${file}'), and run: hoopctl login`
const LOOK = (path: string): string => `look at it, remove it (rm -r '${path}'), and run: hoopctl login`

interface Kept {
  readonly store: TokenStore
  readonly directory: string
  readonly file: string
}

function machineStore(directory = join(temporaryFolder(), 'state', 'tokens'), owner = uid): Kept {
  const store = encryptedFileStore({ directory, uid: owner, key: 'machine', passphrase: async () => null })
  return { store, directory, file: join(directory, NAME) }
}

function passphraseStore(directory: string, ...answers: (string | null)[]): TokenStore {
  const passphrase = async (): Promise<Secret | null> => {
    const answer = answers.shift() ?? null
    return answer === null ? null : new Secret(answer)
  }
  return encryptedFileStore({ directory, uid, key: 'passphrase', passphrase })
}

async function withToken(secret = 'a token'): Promise<Kept> {
  const kept = machineStore()
  await kept.store.set(ACCOUNT, new Secret(secret))
  return kept
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'passed',
    ({ code, message, hint }: { code: string; message: string; hint: string }) => ({ code, message, hint }),
  )
}

describe('encrypted files', () => {
  it.each([
    ['a short one', 'a token'],
    ['an empty one', ''],
    ['6,000 bytes and more', 'x'.repeat(6001)],
    ['characters beyond ASCII and line breaks', 'ß 鍵\n\u{1f511}'],
  ])('given %s, give it back to another process of this user', async (_, secret) => {
    const { directory } = await withToken(secret)
    expect((await machineStore(directory).store.get(ACCOUNT))?.reveal()).toBe(secret)
  })

  it('given no entry, or nothing at all, say so: nobody is signed in', async () => {
    const { store } = await withToken()
    expect([await machineStore().store.get(ACCOUNT), await store.get('another')]).toEqual([null, null])
  })

  it('given an entry that was replaced, then removed, then removed again, have the new one, then none', async () => {
    const { store, directory } = await withToken('before')
    await store.set(ACCOUNT, new Secret('after'))
    const replaced = (await store.get(ACCOUNT))?.reveal()
    writeFileSync(join(directory, `${NAME}.0123.tmp`), 'left by one that was killed while it wrote')
    await store.delete(ACCOUNT)
    await store.delete(ACCOUNT)
    await machineStore().store.delete(ACCOUNT)
    expect([replaced, await store.get(ACCOUNT), readdirSync(directory)]).toEqual([
      'after',
      null,
      ['machine.key'],
    ])
  })

  it('are for this user alone, and hold nothing that can be read', async () => {
    const { directory, file } = await withToken('a token in plain sight')
    const modes = [directory, file, join(directory, 'machine.key')].map((path) => statSync(path).mode & 0o777)
    expect(modes).toEqual([0o700, 0o600, 0o600])
    const contents = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'))
    expect(contents.join('')).not.toContain('plain sight')
    expect(contents.join('')).not.toContain('example.com')
  })

  it('given the same token twice, look different', async () => {
    const { store, file } = await withToken()
    const before = readFileSync(file)
    await store.set(ACCOUNT, new Secret('a token'))
    expect(readFileSync(file).equals(before)).toBe(false)
  })

  it('given ten that write at once, also before there is a key, lose nothing', async () => {
    const { directory } = machineStore()
    const accounts = Array.from({ length: 10 }, (_, index) => `account ${index}`)
    await Promise.all(
      accounts.map((account) => machineStore(directory).store.set(account, new Secret(account))),
    )
    const read = await Promise.all(accounts.map((account) => machineStore(directory).store.get(account)))
    expect(read.map((secret) => secret?.reveal())).toEqual(accounts)
  })
})

describe('encrypted files that somebody changed', () => {
  it('given any flipped bit, do not open [ATK-STORE]', async () => {
    const { store, file } = await withToken()
    const bytes = readFileSync(file)
    const opened: number[] = []
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      writeFileSync(file, flipped)
      const outcome = await refusal(store.get(ACCOUNT))
      if (!JSON.stringify(outcome).includes('"KEYCHAIN"')) opened.push(bit)
    }
    writeFileSync(file, bytes)
    expect([opened, (await store.get(ACCOUNT))?.reveal()]).toEqual([[], 'a token'])
  })

  it('given any beginning of one, or more than one, do not open', async () => {
    const { store, file } = await withToken()
    const bytes = readFileSync(file)
    const told = new Set<string>()
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length))
      told.add(JSON.stringify(await refusal(store.get(ACCOUNT))))
    }
    expect([...told].map((text): unknown => JSON.parse(text))).toEqual([
      { code: 'KEYCHAIN', message: `\`${file}\` is cut short`, hint: AGAIN(file) },
    ])
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('!')]))
    expect(await refusal(store.get(ACCOUNT))).toMatchObject({
      message: `\`${file}\` is damaged: some of its bytes have changed`,
    })
  })

  it.each([
    ['bytes in the middle, and nothing else', 100, false, 'is damaged: some of its bytes have changed'],
    ['bytes of the token, and the digest at the end', 100, true, 'was altered by someone who is not hoopctl'],
    ['the way to the key, and the digest', 16, true, 'was altered by someone who is not hoopctl'],
  ])('given other %s, tell that', async (_, at, digest, what) => {
    const { store, file } = await withToken()
    const bytes = readFileSync(file)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x7f, at)
    writeFileSync(file, digest ? withDigest(bytes) : bytes)
    expect(await refusal(store.get(ACCOUNT))).toEqual({
      code: 'KEYCHAIN',
      message: `\`${file}\` ${what}`,
      hint: AGAIN(file),
    })
  })

  it('given one under the name of another, tell that it was altered [ATK-STORE]', async () => {
    const { store, directory, file } = await withToken()
    await store.set('somebody else', new Secret('theirs'))
    const theirs = readdirSync(directory).filter((name) => name !== NAME && name.endsWith('.sealed'))
    renameSync(join(directory, theirs.join()), file)
    expect(await refusal(store.get(ACCOUNT))).toMatchObject({
      message: `\`${file}\` was altered by someone who is not hoopctl`,
    })
  })

  it('given a file that hoopctl never wrote, or that a newer one did, tell which', async () => {
    const { store, file } = await withToken()
    const newer = withDigest(Buffer.from(readFileSync(file)).fill('hoopctl token 2\n', 0, 16))
    const told: unknown[] = []
    for (const contents of [newer, Buffer.from('{"token":"in plain text, by hand"}')]) {
      writeFileSync(file, contents)
      told.push(await refusal(store.get(ACCOUNT)))
    }
    expect(told).toEqual([
      {
        code: 'KEYCHAIN',
        message: `\`${file}\` was written by a newer hoopctl`,
        hint: 'update hoopctl, or run: hoopctl login',
      },
      {
        code: 'KEYCHAIN',
        message: `\`${file}\` is none of the files that hoopctl writes`,
        hint: AGAIN(file),
      },
    ])
  })

  it('given one that does not open, let a new sign-in replace it', async () => {
    const { store, file } = await withToken()
    writeFileSync(file, 'nothing of ours', { mode: 0o600 })
    await store.set(ACCOUNT, new Secret('a new token'))
    expect((await store.get(ACCOUNT))?.reveal()).toBe('a new token')
  })
})

function withDigest(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, -32)
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}

describe('encrypted files that others may touch', () => {
  it.each([0o640, 0o604, 0o660, 0o644])('given mode %o of a file, are not read', async (mode) => {
    const { store, file } = await withToken()
    chmodSync(file, mode)
    expect(await refusal(store.get(ACCOUNT))).toEqual({
      code: 'KEYCHAIN',
      message: `\`${file}\` has mode 0${mode.toString(8)}: other users may touch it`,
      hint: `run: chmod 600 '${file}'`,
    })
  })

  it('given a directory that others may enter, are neither read nor written', async () => {
    const { store, directory } = await withToken()
    chmodSync(directory, 0o755)
    const refused = {
      code: 'KEYCHAIN',
      message: `\`${directory}\` has mode 0755: other users may touch it`,
      hint: `run: chmod 700 '${directory}'`,
    }
    expect(await refusal(store.get(ACCOUNT))).toEqual(refused)
    expect(await refusal(store.set(ACCOUNT, new Secret('a token')))).toEqual(refused)
  })

  it('given files of another user, are neither read nor written', async () => {
    const { directory } = await withToken()
    const { store } = machineStore(directory, uid + 1)
    const refused = {
      code: 'KEYCHAIN',
      message: `\`${directory}\` belongs to another user`,
      hint: LOOK(directory),
    }
    expect(await refusal(store.get(ACCOUNT))).toEqual(refused)
    expect(await refusal(store.set(ACCOUNT, new Secret('a token')))).toEqual(refused)
  })

  it.each([
    ['a link', (file: string) => symlinkSync('elsewhere', file), 'is a link, which is not followed'],
    ['a directory', (file: string) => mkdirSync(file, 0o700), 'is not a plain file'],
    ['a pipe', (file: string) => void execFileSync('mkfifo', ['-m', '600', file]), 'is not a plain file'],
    [
      'a huge file',
      (file: string) => writeFileSync(file, Buffer.alloc(1024 * 1024 + 1), { mode: 0o600 }),
      'is larger than any that hoopctl writes',
    ],
  ])('given %s in place of a file, are not read', async (_, place, what) => {
    const { store, file } = await withToken()
    rmSync(file)
    place(file)
    expect(await refusal(store.get(ACCOUNT))).toEqual({
      code: 'KEYCHAIN',
      message: `\`${file}\` ${what}`,
      hint: LOOK(file),
    })
  })

  it('given a file in place of their directory, tell that', async () => {
    const directory = join(temporaryFolder(), 'tokens')
    writeFileSync(directory, '')
    const { store } = machineStore(directory)
    expect(await refusal(store.get(ACCOUNT))).toMatchObject({
      code: 'KEYCHAIN',
      message: `\`${directory}\` is not a directory`,
    })
  })

  it('given a directory that cannot be made, tell why', async () => {
    const inTheWay = join(temporaryFolder(), 'state')
    writeFileSync(inTheWay, '')
    const { store, directory, file } = machineStore(join(inTheWay, 'tokens'))
    expect(await refusal(store.set(ACCOUNT, new Secret('a token')))).toEqual({
      code: 'KEYCHAIN',
      message: `\`${file}\` cannot be used: ENOTDIR`,
      hint: `see that you may read and write '${directory}' and that its disk has room`,
    })
  })
})

describe('encrypted files with a passphrase', () => {
  it('given the same one, also in another spelling of its letters, open', async () => {
    const { directory } = machineStore()
    await passphraseStore(directory, 'caf\u00e9 au lait').set(ACCOUNT, new Secret('a token'))
    expect((await passphraseStore(directory, 'cafe\u0301 au lait').get(ACCOUNT))?.reveal()).toBe('a token')
  })

  it('given another one, tell that, and do not repeat it', async () => {
    const { directory, file } = machineStore()
    await passphraseStore(directory, 'correct horse').set(ACCOUNT, new Secret('a token'))
    expect(await refusal(passphraseStore(directory, 'wrong horse').get(ACCOUNT))).toEqual({
      code: 'KEYCHAIN',
      message: `\`${file}\` does not open with this passphrase`,
      hint: 'type the passphrase of this sign-in (HOOPCTL_PASSPHRASE), or run `hoopctl login` to make a new one',
    })
  })

  it('given none, tell that; given one later, open', async () => {
    const { directory } = machineStore()
    await passphraseStore(directory, 'correct horse').set(ACCOUNT, new Secret('a token'))
    const store = passphraseStore(directory, null, 'correct horse')
    expect(await refusal(store.get(ACCOUNT))).toEqual({
      code: 'KEYCHAIN',
      message: 'the tokens are encrypted with a passphrase, and there is none here',
      hint: "set HOOPCTL_PASSPHRASE in the `env` of the client's entry, or run `hoopctl login` and choose this machine's key",
    })
    expect((await store.get(ACCOUNT))?.reveal()).toBe('a token')
  })

  it('given no entry, ask for none', async () => {
    const { directory } = await withToken()
    expect(await passphraseStore(directory).get('another')).toBeNull()
  })

  it('given files of another kind of key than was saved, tell which', async () => {
    const { directory, file } = await withToken()
    expect(await refusal(passphraseStore(directory, 'correct horse').get(ACCOUNT))).toEqual({
      code: 'KEYCHAIN',
      message: `\`${file}\` is encrypted with the key of this machine, which is not what config.yaml says`,
      hint: 'run: hoopctl login',
    })
  })
})

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  ensureMachineKey,
  type MachineKeyPlace,
  machineKey,
  machineKeyProtects,
} from '../../src/identity/machine-key.ts'
import { temporaryFolder } from './store-surroundings.ts'

const SALT = Buffer.alloc(32, 1)
const ID = '3d1219c7c4c5404aaa1f6d2a48adfda4'

function place(id: string | null): MachineKeyPlace & { readonly id: string } {
  const folder = temporaryFolder()
  const idFile = join(folder, 'machine-id')
  if (id !== null) writeFileSync(idFile, `${id}\n`)
  return { file: join(folder, 'machine.key'), uid: userInfo().uid, idFiles: [idFile], id: idFile }
}

function refused(file: string, what: string): object {
  return {
    code: 'KEYCHAIN',
    message: `\`${file}\` ${what}`,
    hint: `remove it (rm -f '${file}'), and run: hoopctl login`,
  }
}

describe('the key of a machine', () => {
  it.each([ID, null])(
    'given the id %o, is made once, for this user alone, and stays the same',
    async (id) => {
      const here = place(id)
      await ensureMachineKey(here)
      const first = await machineKey(here, SALT)
      await ensureMachineKey(here)
      expect([await machineKey(here, SALT), statSync(here.file).mode & 0o777]).toEqual([first, 0o600])
      expect([first.length, first.equals(await machineKey(here, Buffer.alloc(32, 2)))]).toEqual([32, false])
    },
  )

  it('given its file on another machine, is another', async () => {
    const here = place(ID)
    await ensureMachineKey(here)
    const key = await machineKey(here, SALT)
    writeFileSync(here.id, `${ID.replace('3', '4')}\n`)
    expect((await machineKey(here, SALT)).equals(key)).toBe(false)
  })

  it('given another user of the same machine, is another', async () => {
    const [one, two] = [place(ID), place(ID)]
    await ensureMachineKey(one)
    await ensureMachineKey(two)
    expect((await machineKey(one, SALT)).equals(await machineKey(two, SALT))).toBe(false)
  })

  it('given its file where machines have no id, tells that', async () => {
    const here = place(ID)
    await ensureMachineKey(here)
    rmSync(here.id)
    const what = 'was made with the id of a machine, and this one has none'
    await expect(machineKey(here, SALT)).rejects.toMatchObject(refused(here.file, what))
  })

  it('given no file, tells that', async () => {
    const here = place(ID)
    const what = 'is missing, and with it the key of what is kept beside it'
    await expect(machineKey(here, SALT)).rejects.toMatchObject(refused(here.file, what))
  })

  it('given any changed or missing byte of its file, tells that it is damaged', async () => {
    const here = place(ID)
    await ensureMachineKey(here)
    const bytes = readFileSync(here.file)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      for (const contents of [changed, bytes.subarray(0, at)]) {
        writeFileSync(here.file, contents)
        await expect(machineKey(here, SALT)).rejects.toMatchObject(refused(here.file, 'is damaged'))
      }
    }
  })

  it('given a machine without an id, promises less', async () => {
    expect(machineKeyProtects(place(ID).idFiles)).toContain('also lacks the id of this machine')
    expect(machineKeyProtects(place(null).idFiles)).toContain('or a copy of your home directory')
  })
})

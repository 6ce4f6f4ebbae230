import { linkSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { busAddresses, isOurs } from '../../src/identity/bus.ts'
import { type SilentBus, startSilentBus } from './silent-bus.ts'
import { temporaryFolder } from './store-surroundings.ts'

const { uid } = userInfo()
const GUID = '6ee64a24f41bb03a2dcead236b01b547'

describe('a session bus', () => {
  let listening: SilentBus
  const path = (): string => listening.bus.slice('unix:path='.length)
  beforeAll(async () => {
    listening = await startSilentBus()
  })
  afterAll(() => listening.stop())

  it('given a socket of this user, is ours, whatever else the address says', () => {
    const addresses = [listening.bus, `${listening.bus},guid=${GUID}`, listening.bus.replaceAll('-', '%2d')]
    expect(addresses.map((address) => isOurs(address, uid))).toEqual([true, true, true])
  })

  it('given a socket of another user, is not [ATK-FOREIGN-BUS]', () => {
    expect(isOurs(listening.bus, uid + 1)).toBe(false)
  })

  it('given an abstract socket, is ours only with the mark of the bus, which the library compares', () => {
    const abstract = 'unix:abstract=/tmp/dbus-1'
    const addresses = [`${abstract},guid=${GUID}`, abstract, `${abstract},guid=`, `${abstract},guid=zz`]
    expect(addresses.map((address) => isOurs(address, uid))).toEqual([true, false, false, false])
  })

  it.each([
    '',
    'tcp:host=localhost,port=4000',
    'unixexec:path=/bin/sh',
    'autolaunch:',
    'unix:',
    'unix:path=',
    'unix:path=relative',
    'unix:path=/nowhere/bus',
    'unix:path=%zz',
    `unix:abstract=/tmp/x;unix:path=/tmp/y,guid=${GUID}`,
  ])('given %o, is none that can be known to be ours', (address) => {
    expect(isOurs(address, uid)).toBe(false)
  })

  it('given a file or a link in its place, is not ours', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    symlinkSync(path(), join(folder, 'link'))
    const addresses = ['file', 'link'].map((name) => `unix:path=${join(folder, name)}`)
    expect(addresses.map((address) => isOurs(address, uid))).toEqual([false, false])
  })

  it('is sought in the variable, then in the runtime directory, each once', () => {
    const runtime = temporaryFolder()
    linkSync(path(), join(runtime, 'bus'))
    const standard = `unix:path=${join(runtime, 'bus')}`
    const variable = `tcp:host=localhost;${listening.bus};${standard}`
    const found = (env: Record<string, string>): readonly string[] => busAddresses({ env, uid })
    const others = found({})
    expect(found({ DBUS_SESSION_BUS_ADDRESS: variable, XDG_RUNTIME_DIR: runtime })).toEqual([
      listening.bus,
      standard,
      ...others,
    ])
    expect(found({ XDG_RUNTIME_DIR: runtime })).toEqual([standard, ...others])
    expect(found({ XDG_RUNTIME_DIR: 'relative' })).toEqual(others)
  })
})

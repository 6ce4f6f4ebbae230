import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileSource } from '../../src/remote/file-source.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hoopctl-file-'))
})
afterEach(() => rm(root, { recursive: true }))

describe('fileSource', () => {
  it('given a link, as mounted settings have, reads what it leads to', async () => {
    await writeFile(join(root, 'v2.jws'), 'two')
    await symlink('v2.jws', join(root, 'acme.jws'))
    expect(await fileSource(root).read('acme.jws', null, 10)).toMatchObject({ status: 'read' })
  })

  it('given a directory, refuses', async () => {
    await mkdir(join(root, 'acme.jws'))
    await expect(fileSource(root).read('acme.jws', null, 10)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('given a pipe that nobody writes to, refuses and does not wait', async () => {
    await execa('mkfifo', [join(root, 'acme.jws')])
    await expect(fileSource(root).read('acme.jws', null, 10)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('given a device without end, refuses', async () => {
    await symlink('/dev/zero', join(root, 'acme.jws'))
    await expect(fileSource(root).read('acme.jws', null, 10)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('given a file where a folder should be, says that it cannot be read', async () => {
    await writeFile(join(root, 'trust'), '')
    await expect(fileSource(root).read('trust/1.jws', null, 10)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${join(root, 'trust/1.jws')}\` cannot be read (ENOTDIR)`,
    })
  })

  it('given no directory, says that the file is missing', async () => {
    expect(await fileSource(join(root, 'gone')).read('acme.jws', null, 10)).toEqual({ status: 'missing' })
  })

  it('given a file longer than one read, reads all of it', async () => {
    const text = 'y'.repeat(300_000)
    await writeFile(join(root, 'acme.jws'), text)
    const read = await fileSource(root).read('acme.jws', null, 300_000)
    if (read.status !== 'read') throw new Error(read.status)
    expect(Buffer.from(read.bytes).toString()).toBe(text)
  })
})

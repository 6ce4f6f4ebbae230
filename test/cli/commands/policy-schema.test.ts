import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshHome, type Home } from '../hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

describe('policy schema', () => {
  it('prints the file that the package ships', async () => {
    const file = join(import.meta.dirname, '..', '..', '..', 'schema', 'policy.schema.json')
    const stdout = await readFile(file, 'utf8')
    expect(await home.hoopctl(['policy', 'schema'])).toEqual({ exitCode: 0, stdout, stderr: '' })
  })
})

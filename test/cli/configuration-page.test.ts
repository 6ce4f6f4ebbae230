import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfigFile, readManagedFile } from '../../src/policy/settings-file.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8')
const blocks = [...page.matchAll(/```yaml\n([^]*?)```/gu)].map(([, text = '']) => Buffer.from(text))

it('given the examples of docs/configuration.md, hoopctl reads them', () => {
  const [config = Buffer.alloc(0), managed = Buffer.alloc(0), ...more] = blocks
  expect(more).toEqual([])
  expect(readConfigFile(config, 'config.yaml').problems).toEqual([])
  expect(readManagedFile(managed, 'managed.yaml').problems).toEqual([])
})

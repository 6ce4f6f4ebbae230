import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REQUIREMENTS } from './requirements.ts'

const CITATION = /\[((?:INV|ATK)-[A-Z0-9-]+)\]/g

/** The ids that the titles of tests cite, each with the files that do. */
function citations(): Map<string, string[]> {
  const cited = new Map<string, string[]>()
  for (const file of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.test.ts') || file.includes('node_modules') || file === 'requirements.test.ts')
      continue
    for (const [, id = ''] of readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(CITATION)) {
      cited.set(id, [...(cited.get(id) ?? []), file])
    }
  }
  return cited
}

it('given each requirement, some test cites it', () => {
  const cited = citations()
  expect(Object.keys(REQUIREMENTS).filter((id) => !cited.has(id))).toEqual([])
})

it('given each citation, it is of a requirement that there is', () => {
  const unknown = [...citations()].filter(([id]) => REQUIREMENTS[id] === undefined)
  expect(unknown).toEqual([])
})

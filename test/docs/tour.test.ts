import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../e2e/repo.ts'
import { page, pages } from './markdown.ts'

const PATH = /`((?:src|test|bin|scripts|examples)\/[\w./-]*\w(?:\.\w+|\/)?)`/g

describe('files and functions in the documentation', () => {
  const paths = pages().flatMap(({ path, text }) =>
    [...text.matchAll(PATH)].map(([, file = '']) => ({ path, file })),
  )
  it.each(unique(paths))('given `$file` in $path, it is there', ({ file }) => {
    expect(existsSync(join(ROOT, file))).toBe(true)
  })

  it.each(namedFunctions())(
    'given `$name()` after `$file` in docs/tour.md, the file defines it',
    ({ name, file }) => {
      const source = readFileSync(join(ROOT, file), 'utf8')
      // A function, or a method at the beginning of its line.
      const definition = new RegExp(
        `^(?:export )?(?:async )?function\\*? ${name}\\b|^  (?:async )?${name}\\([^)]*\\).*\\{$`,
        'm',
      )
      expect(definition.test(source)).toBe(true)
    },
  )
})

describe('docs/design.md, as code cites it', () => {
  const design = page('docs/design.md').text
  it('given seven invariants, they are numbered as code numbers them', () => {
    const [, section = ''] = design.split('\n## Invariants\n')
    const numbers = [...(section.split('\n## ')[0] ?? '').matchAll(/^(\d)\. \*\*/gm)].map(
      ([, number]) => number,
    )
    expect(numbers).toEqual(['1', '2', '3', '4', '5', '6', '7'])
  })

  it.each(citations())('given the citation "$cited" in $file, there is such a place', ({ cited }) => {
    expect(
      design.includes(`## ${cited}\n`) ||
        design.includes(`**${cited}.**`) ||
        design.includes(`- **${cited}**`),
    ).toBe(true)
  })
})

/** Functions are of the file that was named last, or of the one that follows them with "of" or "in". */
function namedFunctions(): { readonly name: string; readonly file: string }[] {
  const { text } = page('docs/tour.md')
  const words = [
    ...text.matchAll(/`(src\/[\w./-]+\.ts)`|`(\w+)\(\)`(?:\s+(?:of|in)\s+`(src\/[\w./-]+\.ts)`)?/g),
  ]
  let last = ''
  return words.flatMap(([, file, name, own]) => {
    last = file ?? own ?? last
    return name === undefined ? [] : [{ name, file: last }]
  })
}

function citations(): { readonly file: string; readonly cited: string }[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true }).map(String)
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = readFileSync(join(ROOT, 'src', file), 'utf8')
      return [...source.matchAll(/design\.md, "([^"]+)"/g)].map(([, cited = '']) => ({ file, cited }))
    })
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}

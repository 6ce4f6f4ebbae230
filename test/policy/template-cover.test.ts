import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressPattern } from '../../src/policy/address-pattern.ts'
import { checkAddress } from '../../src/policy/address.ts'
import type { Pattern } from '../../src/policy/name-pattern.ts'
import { coversTemplate } from '../../src/policy/template-cover.ts'

function compiled(text: string): Pattern {
  const { pattern, why } = addressPattern(text)
  if (pattern === null) throw new Error(why)
  return pattern
}

const covers = (pattern: string, uriTemplate: string) => coversTemplate(compiled(pattern), uriTemplate)

describe('a pattern over a template', () => {
  it.each([
    ['file:///p/*', 'file:///p/{x}'],
    ['file:///p/*', 'file:///p/a-{x}.{y}'],
    ['file:///p/*.md', 'file:///p/{x}.md'],
    ['file:///*/p/*', 'file:///{a}/p/{x}'],
    ['file:///p/**', 'file:///p/{+x}'],
    ['file:///p/**', 'file:///p/{x}{/y*}{?z}'],
    ['file:///p/**', 'file:///p/{x'],
    ['file:///p/**/q/*', 'file:///p/{+a}/q/{x}'],
    ['https://*/p', 'https://{host}/p'],
    ['file:///p/q', 'file:///p/q'],
    ['*', '{+any}'],
  ])('given %s and %s, covers every expansion', (pattern, uriTemplate) => {
    expect(covers(pattern, uriTemplate)).toBe(true)
  })

  it.each([
    ['file:///p/*', 'file:///p/{+x}'],
    ['file:///p/*', 'file:///p/{x}/{y}'],
    ['file:///p/*', 'file:///p/{x}{?y}'],
    ['file:///p/*', 'file:///p{/x}'],
    ['file:///p/*', 'file:///p/{x*}'],
    ['file:///p/*', 'file:///p/{x'],
    ['file:///p/*', 'file:///p/x}'],
    ['file:///p/*', 'file:///p/{{x}}'],
    ['file:///p/*', 'file:///{x}'],
    ['file:///p/*.md', 'file:///p/{x}'],
    ['file:///p/*.md', 'file:///p/{x}.m{y}'],
    ['file:///p/a*', 'file:///p/{x}a'],
    ['file:///p/**/q', 'file:///p/{+x}'],
    ['file:///p/q', 'file:///p/{x}'],
    ['https://*.a/p', 'https://{host}/p'],
  ])('given %s and %s, does not', (pattern, uriTemplate) => {
    expect(covers(pattern, uriTemplate)).toBe(false)
  })

  it('given any that it covers, matches each address that the template expands to', () => {
    const pieces = (...more: string[]) =>
      fc.array(fc.constantFrom('a', 'b', '/', ...more), { maxLength: 6 }).map((all) => all.join(''))
    const simple = pieces('%2F', '%C3%BC', '').map((value) => value.replaceAll('/', '%3A'))
    const anything = pieces('?', '%C3%BC', 'c')
    let covered = 0
    const law = fc.property(
      pieces('*', '**'),
      pieces('{x}', '{+y}'),
      fc.array(fc.tuple(simple, anything), { minLength: 4, maxLength: 4 }),
      (pattern, template, values) => {
        const { pattern: deny } = addressPattern(`x:/a${pattern}`)
        if (deny === null || !coversTemplate(deny, `x:/a${template}`)) return
        for (const [x, y] of values) {
          const uri = `x:/a${template.replaceAll('{x}', x).replaceAll('{+y}', y)}`
          if (!checkAddress(uri).ok) continue
          covered++
          expect(deny.matches(uri), uri).toBe(true)
        }
      },
    )
    fc.assert(law, { numRuns: 5000 })
    expect(covered).toBeGreaterThan(100) // or the law was never asked about anything
  })
})

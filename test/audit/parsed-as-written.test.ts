import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsedAsWritten } from '../../src/audit/parsed-as-written.ts'

it('given any number in a message, JSON.stringify writes it as it came', () => {
  const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`, 'u'))
  const whole = fc.oneof(
    fc.constant('0'),
    fc.tuple(fc.integer({ min: 1, max: 9 }), digits(20)).map((two) => two.join('')),
  )
  const exponent = fc.tuple(fc.constantFrom('e', 'E', 'e-', 'E+'), digits(3)).map((two) => two.join(''))
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      whole,
      fc.oneof(
        fc.constant(''),
        digits(20).map((some) => `.${some}`),
      ),
      fc.oneof(fc.constant(''), exponent),
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(number, fc.constantFrom('', ' ', '\t'), (source, space) => {
      const written = (text: string, from: number) => JSON.stringify(parsedAsWritten(text, from))
      expect(written(source, 0)).toBe(source)
      const text = `{"seq":1,"message":{"jsonrpc":"2.0","a":[${source}${space},1],"b":${source}${space}}}`
      expect(written(text, text.indexOf(',"message":'))).toBe(
        text.replaceAll(space === '' ? '\n' : space, ''),
      )
    }),
    { numRuns: 3000 },
  )
})

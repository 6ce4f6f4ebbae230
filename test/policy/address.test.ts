import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAddress } from '../../src/policy/address.ts'

describe('checkAddress', () => {
  it.each([
    'file:///srv/docs/a.md',
    'file:///',
    'file:///srv/.hidden/a%20b',
    'https://example.com/',
    'https://example.com/a/%C3%A9?q=/../x',
    'https://user@example.com:8443/a',
    'test://static/resource/1',
    'note:///a',
    'urn:isbn:0451450523',
    'postgres://db.example/orders//x',
  ])('given %s, finds it in normal form', (uri) => {
    expect(checkAddress(uri)).toEqual({ ok: true })
  })

  it.each([
    ['file:///srv/docs/../etc/passwd', 'it holds a dot segment', 'file:///srv/etc/passwd'],
    ['file:///srv/docs/./a', 'it holds a dot segment', 'file:///srv/docs/a'],
    ['file:///srv/docs/..', 'it holds a dot segment', 'file:///srv'],
    ['file:///srv/%2e%2e/etc', 'it encodes a character that needs no encoding', 'file:///etc'],
    ['file:///srv/.%2E/etc', 'it encodes a character that needs no encoding', 'file:///etc'],
    ['https://example.com/%61', 'it encodes a character that needs no encoding', 'https://example.com/a'],
    ['https://example.com/%c3%a9', 'an escape is not in upper case', 'https://example.com/%C3%A9'],
    ['FILE:///a', 'its scheme is not in lower case', 'file:///a'],
    ['https://Example.com/', 'its host is not in lower case', 'https://example.com/'],
    ['test://Static/x', 'its host is not in lower case', 'test://static/x'],
    ['https://example.com', 'it has no path', 'https://example.com/'],
    ['https://example.com:443/', 'it names the default port', 'https://example.com/'],
    ['http://example.com:/', 'it names the default port', 'http://example.com/'],
    ['https://example.com/#a', 'it has a fragment', 'https://example.com/'],
    ['file://localhost/a', 'it has a host', 'file:///a'],
    ['file://user@/a', 'it has user info', 'file:///a'],
    ['file:/a', 'it has no `//`', 'file:///a'],
    ['file:///a//b', 'it has an empty path segment', 'file:///a/b'],
    ['file:///secret.txt/', 'it has an empty path segment', 'file:///secret.txt'],
    ['file:///secret.txt?x', 'it has a query', 'file:///secret.txt'],
  ])('given %s, refuses it: %s, and gives %s', (uri, why, normal) => {
    expect(checkAddress(uri)).toEqual({ ok: false, why: `${why}: write \`${normal}\``, normal })
    expect(checkAddress(normal)).toEqual({ ok: true })
  })

  it.each([
    ['file:///a%2fb', 'it holds an encoded slash or backslash'],
    ['file:///a%5Cb', 'it holds an encoded slash or backslash'],
    ['file:///a\\b', 'it holds a backslash'],
    ['file:///a b', 'it holds white space or a control character'],
    ['file:///a\nb', 'it holds white space or a control character'],
    ['file:///a%00', 'it holds an encoded control character'],
    ['file:///a%0Ab', 'it holds an encoded control character'],
    ['file:///\u00e9', 'it holds a character beyond ASCII that is not percent-encoded'],
    ['https://ex\u00e4mple.com/', 'it holds a character beyond ASCII that is not percent-encoded'],
    ['file:///\uff0e\uff0e/etc', 'it holds a character beyond ASCII that is not percent-encoded'],
    ['file:///%C0%AE%C0%AE/etc', 'its escapes are not valid UTF-8'],
    ['file:///a%', 'it holds a `%` that begins no escape'],
    ['file:///a|b', 'it holds `|`, which must be percent-encoded'],
    ['srv/docs', 'it has no scheme'],
    [`file:///${'a'.repeat(9000)}`, 'it is longer than 8192 characters'],
  ])('given %s, refuses it without a normal form: %s', (uri, why) => {
    expect(checkAddress(uri)).toEqual({ ok: false, why, normal: null })
  })

  it('given any text, gives a normal form that is one', () => {
    const unit = fc.constantFrom(
      'a',
      'Z',
      '.',
      '..',
      '/',
      '//',
      ':',
      '%2e',
      '%41',
      '%e9',
      '%C3%A9',
      '@',
      '?',
      '#',
      '*',
    )
    const scheme = fc.constantFrom('file:', 'https:', 'HTTP:', 'x:', '')
    fc.assert(
      fc.property(scheme, fc.string({ unit, maxLength: 12 }), (start, rest) => {
        const checked = checkAddress(start + rest)
        if (checked.ok || checked.normal === null) return
        expect(checkAddress(checked.normal), start + rest).toEqual({ ok: true })
      }),
      { numRuns: 5000 },
    )
  })

  it('given what the fast road takes, agrees with the slow one', () => {
    const unit = fc.constantFrom('a', 'Z', '.', '/', '-', '~')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (rest) => {
        const uri = `https://h/${rest}`
        // An empty query is no difference to what a rule sees, and keeps an address off the fast road.
        expect(checkAddress(`${uri}?`).ok).toBe(checkAddress(uri).ok)
      }),
      { numRuns: 2000 },
    )
  })
})

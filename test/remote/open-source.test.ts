import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openSource } from '../../src/remote/open-source.ts'
import { sourceOf } from '../../src/remote/policy-place.ts'
import { BARE } from './requests.ts'

const HINT = 'write https://HOST/PATH/NAME.jws, s3://BUCKET/PATH/NAME.jws or file:///PATH/NAME.jws'

describe('sourceOf', () => {
  it.each([
    ['https://h.example/p/acme.jws', 'https://h.example/p/', 'acme'],
    ['https://h.example/acme.jws', 'https://h.example/', 'acme'],
    ['https://h.example:8443/a/b/../acme-eu.v2.jws', 'https://h.example:8443/a/', 'acme-eu.v2'],
    ['http://localhost:8080/acme.jws', 'http://localhost:8080/', 'acme'],
    ['s3://bucket/acme.jws', 's3://bucket/', 'acme'],
    ['s3://my.bucket/policies/eu/acme.jws', 's3://my.bucket/policies/eu/', 'acme'],
    ['file:///srv/policies/acme.jws', 'file:///srv/policies/', 'acme'],
  ])('given %s, finds %s and %s', (url, base, name) => {
    const place = sourceOf(url)
    expect([place.base.href, place.name]).toEqual([base, name])
    expect(new URL('trust/3.jws', place.base).href).toBe(`${base}trust/3.jws`)
  })

  it.each([
    ['ftp://h.example/acme.jws', '`ftp://` is no place that policies come from'],
    ['javascript:acme.jws', '`javascript://` is no place that policies come from'],
    ['/srv/acme.jws', 'this is not the URL of a policy'],
    ['acme.jws', 'this is not the URL of a policy'],
    ['', 'this is not the URL of a policy'],
    ['https://h.example/', 'the URL of a policy ends in its name and `.jws`, such as `acme.jws`'],
    ['https://h.example/acme', 'the URL of a policy ends in its name and `.jws`, such as `acme.jws`'],
    ['https://h.example/.jws', 'the URL of a policy ends in its name and `.jws`, such as `acme.jws`'],
    ['https://h.example/ac%6de.jws', 'the URL of a policy ends in its name and `.jws`, such as `acme.jws`'],
    ['https://h.example/acme.jws/', 'the URL of a policy ends in its name and `.jws`, such as `acme.jws`'],
    ['https://h.example/acme.jws?sig=1', 'the URL of a policy has no `?` and no `#`'],
    ['https://h.example/acme.jws#x', 'the URL of a policy has no `?` and no `#`'],
    ['https://anna:hunter2@h.example/acme.jws', 'the URL of a policy holds no credentials'],
    ['s3:///acme.jws', 'the URL names no S3 bucket'],
    ['s3://b/acme.jws', 'the URL names no S3 bucket'],
    ['s3://bucket:80/acme.jws', 'the URL names no S3 bucket'],
    [
      's3://bucket//acme.jws',
      'the path in the bucket has a part that is not letters, digits, `.`, `_` and `-`',
    ],
    [
      's3://bucket/a%2Fb/acme.jws',
      'the path in the bucket has a part that is not letters, digits, `.`, `_` and `-`',
    ],
    ['file://host/srv/acme.jws', 'a file:// URL has an absolute path and no host'],
    ['file:///srv/a%2Fb/acme.jws', 'a file:// URL has an absolute path and no host'],
  ])('given %j, refuses it: %s', (url, message) => {
    expect(() => sourceOf(url)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message, hint: HINT }),
    )
  })
})

describe('openSource', () => {
  it.each(['ftp://h.example/', 'data:text/plain,x'])(
    'given %s, refuses it, and names the schemes that there are',
    (url) => {
      const aws = { endpoint: null, region: null, credentials: null }
      expect(() => openSource(new URL(url), { http: createHttpClient(BARE), aws })).toThrow(
        expect.objectContaining({ code: 'INPUT_INVALID', hint: HINT }),
      )
    },
  )
})

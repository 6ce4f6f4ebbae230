import type { ServerResponse } from 'node:http'
import { type Lie, OTHER_PUBLIC, OWN_PRIVATE } from './hostile-provider.ts'

/** A lie, and words of its refusal. */
export interface ToldLie {
  readonly given: string
  readonly lie: Lie
  readonly words: string
  /** SIGN_IN_FAILED where it is not named. */
  readonly code?: 'UNREACHABLE'
}

type Json = Readonly<Record<string, unknown>>

const now = () => Math.floor(Date.now() / 1000)
const header = (change: Json): Lie => ({ header: (honest) => ({ ...honest, ...change }) })
const claims = (change: Json): Lie => ({ claims: (honest) => ({ ...honest, ...change }) })
const json = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
  return (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}
const cutSignature = (token: string) => token.slice(0, token.lastIndexOf('.') + 1)

const signatures: ToldLie[] = [
  {
    given: '`alg: none`, without a signature',
    lie: { ...header({ alg: 'none' }), signer: 'nobody' },
    words: 'algorithm `none` is never accepted',
  },
  {
    given: '`alg: nOnE`',
    lie: { ...header({ alg: 'nOnE' }), signer: 'nobody' },
    words: 'algorithm `nOnE` is never accepted',
  },
  {
    given: 'HS256 with the public key as secret',
    lie: { ...header({ alg: 'HS256' }), signer: 'public-as-secret' },
    words: 'algorithm `HS256` is never accepted',
  },
  {
    given: 'no algorithm',
    lie: header({ alg: undefined }),
    words: 'its header names no algorithm',
  },
  {
    given: 'an algorithm that the provider does not announce',
    lie: header({ alg: 'PS256' }),
    words: 'which its provider does not announce',
  },
  { given: 'the signature of another key', lie: { signer: 'other' }, words: 'its signature does not hold' },
  {
    given: 'a signature that was cut off',
    lie: { token: cutSignature },
    words: 'its signature does not hold',
  },
  {
    given: 'claims that were changed after signing',
    lie: { token: (token) => swapClaims(token) },
    words: 'its signature does not hold',
  },
  {
    given: 'a key id that is not published',
    lie: { ...header({ kid: 'other' }), signer: 'other' },
    words: 'the provider publishes no key `other`',
  },
  {
    given: 'the key id of an RSA key with an elliptic algorithm',
    lie: header({ alg: 'ES256' }),
    words: 'the key that it names is not for `ES256`',
  },
  {
    given: 'the id of a key that is for encryption',
    lie: { keys: (keys) => keys.map((key) => ({ ...key, use: 'enc' })) },
    words: 'the key that it names is not for `RS256`',
  },
  {
    given: 'one id for two keys',
    lie: { keys: (keys) => [...keys, { ...OTHER_PUBLIC, kid: 'own' }] },
    words: 'it does not say which of several keys',
  },
  {
    given: 'no key id where there are two keys',
    lie: { ...header({ kid: undefined }), keys: (keys) => [...keys, OTHER_PUBLIC] },
    words: 'it does not say which of several keys',
  },
  { given: 'an RSA key of 1024 bits', lie: { signer: 'weak' }, words: 'fewer than 2048 bits' },
  {
    given: 'a key in the token itself',
    lie: { ...header({ jwk: OTHER_PUBLIC }), signer: 'other' },
    words: 'it brings a key of its own (`jwk`)',
  },
  {
    given: 'the address of a key in the token itself',
    lie: { ...header({ jku: 'https://evil.example/jwks' }), signer: 'other' },
    words: 'it brings a key of its own (`jku`)',
  },
]

const forms: ToldLie[] = [
  { given: '`typ: at+jwt`', lie: header({ typ: 'at+jwt' }), words: 'its type (`typ`) is `at+jwt`' },
  { given: '`typ: logout+jwt`', lie: header({ typ: 'logout+jwt' }), words: 'is `logout+jwt`, not `JWT`' },
  { given: '`typ` that is no text', lie: header({ typ: ['JWT'] }), words: 'its type (`typ`) is no text' },
  { given: '`crit`', lie: header({ crit: ['x'], x: 1 }), words: 'demands an extension (`crit`)' },
  { given: '`b64: false`', lie: header({ b64: false }), words: '(`b64`)' },
  {
    given: 'a header with a key twice',
    lie: { headerText: (text) => text.replace('{', '{"alg":"none",') },
    words: 'of its header, an object in it has a key twice',
  },
  {
    given: 'claims with a key twice',
    lie: { claimsText: (text) => text.replace('{', '{"sub":"bob",') },
    words: 'of its payload, an object in it has a key twice',
  },
  {
    given: 'claims that are no object',
    lie: { claimsText: () => '["alice"]' },
    words: 'its payload is no JSON object',
  },
  { given: 'two parts', lie: { token: () => 'a.b' }, words: 'it is not a signed JWT' },
  { given: 'five parts', lie: { token: () => 'a.b.c.d.e' }, words: 'it is encrypted' },
  { given: 'a token of 40 KiB', lie: claims({ x: 'x'.repeat(30_720) }), words: 'more than 32768 bytes' },
]

const said: ToldLie[] = [
  {
    given: 'another issuer',
    lie: claims({ iss: 'https://evil.example' }),
    words: 'it was issued by `https://evil.example`',
  },
  { given: 'no issuer', lie: claims({ iss: undefined }), words: 'it was issued by nobody' },
  {
    given: 'another audience',
    lie: claims({ aud: 'other' }),
    words: 'it is not for client `hoopctl` (`aud`)',
  },
  { given: 'no audience', lie: claims({ aud: undefined }), words: 'it is not for client `hoopctl` (`aud`)' },
  {
    given: 'several audiences, and not whose it is',
    lie: claims({ aud: ['hoopctl', 'other'] }),
    words: 'does not say who may use it (`azp`)',
  },
  {
    given: 'several audiences, and that it is of another',
    lie: claims({ aud: ['hoopctl', 'other'], azp: 'other' }),
    words: 'it was given to another client (`azp`)',
  },
  {
    given: 'one audience, and that it is of another',
    lie: claims({ azp: 'other' }),
    words: 'it was given to another client (`azp`)',
  },
  {
    given: 'that it expired 61 seconds ago',
    lie: claims({ exp: now() - 61, iat: now() - 100 }),
    words: 'it has expired (`exp`)',
  },
  { given: 'no end', lie: claims({ exp: undefined }), words: 'when it expires (`exp`)' },
  { given: 'an end that is text', lie: claims({ exp: '9999999999' }), words: 'when it expires (`exp`)' },
  {
    given: 'that it was issued in ten minutes',
    lie: claims({ iat: now() + 600 }),
    words: 'it was issued in the future (`iat`)',
  },
  {
    given: 'a token that was issued an hour ago',
    lie: claims({ iat: now() - 3600 }),
    words: 'it was issued long before it was asked for (`iat`)',
  },
  { given: 'no instant of issue', lie: claims({ iat: undefined }), words: 'when it was issued (`iat`)' },
  {
    given: 'that it holds in ten minutes',
    lie: claims({ nbf: now() + 600 }),
    words: 'not valid yet (`nbf`)',
  },
  { given: 'a `nbf` that is no time', lie: claims({ nbf: 'now' }), words: 'is no time (`nbf`)' },
  { given: 'no person', lie: claims({ sub: undefined }), words: 'it does not say who signed in (`sub`)' },
  { given: 'an empty person', lie: claims({ sub: '' }), words: 'it does not say who signed in (`sub`)' },
  { given: 'a person that is a number', lie: claims({ sub: 7 }), words: 'who signed in (`sub`)' },
  { given: 'a person of 256 characters', lie: claims({ sub: 'a'.repeat(256) }), words: 'more than 255' },
]

const doors: ToldLie[] = [
  {
    given: 'metadata that name another issuer',
    lie: { metadata: (honest) => ({ ...honest, issuer: 'https://evil.example' }) },
    words: 'the provider names another: `https://evil.example`',
  },
  {
    given: 'metadata whose issuer has a slash more',
    lie: { metadata: (honest) => ({ ...honest, issuer: `${String(honest['issuer'])}/` }) },
    words: 'the provider names another',
  },
  {
    given: 'a token endpoint over http elsewhere',
    lie: { metadata: (honest) => ({ ...honest, token_endpoint: 'http://login.acme.example/token' }) },
    words: '`token_endpoint` of',
  },
  {
    given: 'a key set that is a file',
    lie: { metadata: (honest) => ({ ...honest, jwks_uri: 'file:///etc/passwd' }) },
    words: '`jwks_uri` of',
  },
  {
    given: 'no key set',
    lie: { metadata: (honest) => ({ ...honest, jwks_uri: undefined }) },
    words: 'names no `jwks_uri`',
  },
  {
    given: 'metadata that are a page',
    lie: { at: 'discovery', reply: json(200, '<p>', { 'content-type': 'text/html' }) },
    words: 'answers with something other than JSON',
  },
  {
    given: 'metadata with a key twice',
    lie: { at: 'discovery', reply: json(200, '{"issuer":"a","issuer":"b"}') },
    words: 'an object in it has a key twice',
  },
  {
    given: 'metadata elsewhere',
    lie: { at: 'discovery', reply: json(302, '', { location: 'https://evil.example' }) },
    words: 'answers with a redirect (302)',
  },
  {
    given: 'metadata of 300 KiB',
    lie: { at: 'discovery', reply: json(200, `{"x":"${'x'.repeat(300 * 1024)}"}`) },
    words: 'sent more than 262144 bytes',
    code: 'UNREACHABLE',
  },
  {
    given: 'metadata that never come',
    lie: { at: 'discovery', reply: () => undefined },
    words: 'did not answer within 2 s',
    code: 'UNREACHABLE',
  },
  { given: 'no keys', lie: { keys: () => [] }, words: 'has no keys' },
  {
    given: 'keys that are no list',
    lie: { keys: () => ({ own: OTHER_PUBLIC }) },
    words: 'has no keys',
  },
  { given: 'the private key', lie: { keys: () => [OWN_PRIVATE] }, words: 'publishes a private key' },
  {
    given: 'a symmetric key',
    lie: { keys: (keys) => [...keys, { kty: 'oct', k: 'c2VjcmV0', kid: 'own' }] },
    words: 'publishes a symmetric key',
  },
  { given: 'a key that is none', lie: { keys: () => ['own'] }, words: 'has an entry that is no key' },
  {
    given: 'a token endpoint that redirects',
    lie: { at: 'token', reply: json(307, '', { location: 'https://evil.example/token' }) },
    words: 'answers with a redirect (307), which is never followed',
  },
  {
    given: 'tokens in a page',
    lie: { at: 'token', reply: json(200, '{}', { 'content-type': 'text/html' }) },
    words: 'answers with something other than JSON',
  },
  {
    given: 'tokens in a list',
    lie: { at: 'token', reply: json(200, '[]') },
    words: 'answers with no JSON object',
  },
  {
    given: 'tokens of 300 KiB, whenever asked',
    lie: { at: 'token', reply: json(200, `{"x":"${'x'.repeat(300 * 1024)}"}`) },
    words: 'sent more than 262144 bytes',
    code: 'UNREACHABLE',
  },
  {
    given: 'no ID token',
    lie: { answer: (honest) => ({ ...honest, id_token: undefined }) },
    words: 'gave no ID token',
  },
  {
    given: 'an answer that is not of a token endpoint',
    lie: { answer: (honest) => ({ ...honest, token_type: undefined }) },
    words: 'against the rules of OpenID Connect',
  },
  {
    given: 'an error that nobody knows, with a token in its description',
    lie: { at: 'token', reply: json(400, `{"error":"odd","error_description":"no ${'t'.repeat(60)}"}`) },
    words: 'refuses (odd): no …',
  },
  {
    given: 'a page of another scheme to send the person to',
    lie: { device: (honest) => ({ ...honest, verification_uri: 'javascript:alert(1)' }) },
    words: 'sends the person to an address that is not https',
  },
  {
    given: 'a complete page elsewhere over http',
    lie: { device: (honest) => ({ ...honest, verification_uri_complete: 'http://evil.example/' }) },
    words: 'sends the person to an address that is not https',
  },
  {
    given: 'a code that moves the cursor',
    lie: { device: (honest) => ({ ...honest, user_code: 'A\u001b[2J' }) },
    words: 'cannot be shown',
  },
]

function swapClaims(token: string): string {
  const [head, payload = '', tail] = token.split('.')
  const text = Buffer.from(payload, 'base64url').toString().replace('"alice"', '"bob"')
  return [head, Buffer.from(text).toString('base64url'), tail].join('.')
}

/** Each way in which an ID token or an endpoint can lie to a device flow. */
export const LIES: readonly ToldLie[] = [...signatures, ...forms, ...said, ...doors]

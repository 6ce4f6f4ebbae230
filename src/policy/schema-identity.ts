import * as v from 'valibot'
import { condition, described, text, time } from './schema-words.ts'

const oneAtLeast = <const T extends v.GenericSchema>(schema: T) =>
  v.pipe(v.array(schema), v.minLength(1, 'this list is empty'))

const groups = v.strictObject({
  claim: v.optional(
    described(text, 'The claim that holds the groups, such as `realm_access.roles`; absent: `groups`.'),
  ),
  map: v.optional(
    described(
      v.record(text, text),
      "The policy's words for groups that the issuer calls otherwise; what is not here keeps its name.",
    ),
  ),
})

const workload = v.strictObject({
  issuer: described(text, 'The issuer of its tokens, as they spell it.'),
  audience: described(text, 'The audience that its tokens must name.'),
  groups: v.optional(described(oneAtLeast(text), 'The groups that such a workload is in.')),
  when: v.optional(condition),
})

const part = (what: string) =>
  v.optional(
    described(
      v.pipe(v.string(), v.regex(/^[\w-]{1,2048}$/u, 'this part of a key is base64url')),
      `${what}, base64url.`,
    ),
  )
const word = (what: string) =>
  v.optional(described(v.pipe(text, v.maxLength(256, 'this is longer than 256 characters')), `${what}.`))

// What RFC 7517 and RFC 7518 have for a public key, and nothing of a private one: that must not stand in a policy.
const publicJwk = v.strictObject({
  kty: described(v.picklist(['EC', 'RSA', 'OKP']), 'The type of the key.'),
  crv: word('The curve, of EC and OKP keys'),
  x: part('The x coordinate, or the public key of an OKP key'),
  y: part('The y coordinate'),
  n: part('The modulus of an RSA key'),
  e: part('The exponent of an RSA key'),
  kid: word('The name of the key'),
  use: word('What it is for: `sig`'),
  alg: word('The algorithm'),
})

/** How subjects sign in. */
export const identity = v.strictObject({
  issuer: described(text, "The OpenID provider's issuer URL, as its tokens spell it."),
  clientId: described(text, 'The client that people sign in with.'),
  scopes: v.optional(
    described(
      oneAtLeast(v.pipe(text, v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/u, 'a scope is a word without spaces'))),
      'What a sign-in asks for; absent: `[openid, email, offline_access]`.',
    ),
  ),
  redirectPort: v.optional(
    described(
      v.pipe(
        v.number(),
        v.integer('this must be a whole number'),
        v.minValue(1024, 'a port is a number from 1024 to 65535'),
        v.maxValue(65_535, 'a port is a number from 1024 to 65535'),
      ),
      'The port of 127.0.0.1 that browsers come back to, for providers that compare ports (RFC 8252 says they must not); absent: any that is free.',
    ),
  ),
  groups: v.optional(described(groups, 'Where the groups of a subject are, and what they are called here.')),
  maxAge: v.optional(described(time, 'How long claims count after the issuer last answered; absent: `12h`.')),
  approvals: v.optional(
    described(
      v.strictObject({
        clientId: described(text, 'Its tokens are receipts, and never a sign-in.'),
        acrValues: v.optional(
          described(
            oneAtLeast(v.pipe(text, v.regex(/^[\x21-\x7e]+$/u, 'such a value is a word without spaces'))),
            'What a proof asks the issuer for, the best first (`acr_values`): how a person has to show who they are.',
          ),
        ),
        keys: v.optional(
          described(
            oneAtLeast(publicJwk),
            'Public keys of the issuer (JWK) that this policy vouches for: `sessions verify` confirms receipts by them, also when the issuer publishes them no longer.',
          ),
        ),
      }),
      'The second client, at which a person proves that they ask or answer.',
    ),
  ),
  workloads: v.optional(
    described(oneAtLeast(workload), 'Issuers of tokens that CI jobs and services sign in with.'),
  ),
})

export type IdentityInFile = v.InferOutput<typeof identity>

import * as v from 'valibot'
import { described, text } from './schema-words.ts'

const oneAtLeast = <const T extends v.GenericSchema>(schema: T) =>
  v.pipe(v.array(schema), v.minLength(1, 'this list is empty'))

// An RSA key of 16384 bits, the longest that OpenSSH knows, has 2796 characters.
const key = v.pipe(
  v.string(),
  v.minLength(1, 'this must not be empty'),
  v.maxLength(8192, 'a key is at most 8192 characters'),
)

const person = v.strictObject({
  issuer: described(text, "The issuer that the person signs in at, as the policy's `identity` spells it."),
  sub: described(text, "The issuer's own name for the person, the claim `sub`."),
  email: v.optional(described(text, 'The email address that the policy vouches for.')),
  groups: v.optional(described(oneAtLeast(text), 'The groups that the policy vouches for.')),
  keys: described(
    oneAtLeast(key),
    'Their SSH public keys, each as in an authorized_keys file: `ssh-ed25519 AAAA… comment`, perhaps with `verify-required` before it.',
  ),
})

/** Whose keys count as whose answer. */
export const people = oneAtLeast(person)

export type PersonInFile = v.InferOutput<typeof person>

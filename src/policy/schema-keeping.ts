import * as v from 'valibot'
import { described, time } from './schema-words.ts'

const lock = v.strictObject({
  mode: described(
    v.picklist(['governance', 'compliance']),
    '`compliance`: nobody can end it early; `governance`: whoever has the right to.',
  ),
  for: described(time, 'How long from the upload on: `365d`; at most `36500d`.'),
})

/** How a bucket is asked to keep what is put into it. */
export const kept = v.strictObject({
  encryption: v.optional(
    described(
      v.picklist(['AES256', 'aws:kms']),
      'What the bucket is asked to encrypt each object with; absent: as it does by default.',
    ),
  ),
  kmsKey: v.optional(
    described(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9][A-Za-z0-9:/_-]{0,511}$/u, 'a key is named by its ARN, its id or an alias'),
      ),
      'The KMS key for `encryption: aws:kms`; with `role` its ARN. Absent: the one of the account.',
    ),
  ),
  lock: v.optional(
    described(
      lock,
      'The object lock that is set on each object; absent: what the bucket sets by default. Wants a bucket with object lock.',
    ),
  ),
})

export type KeptInFile = v.InferOutput<typeof kept>

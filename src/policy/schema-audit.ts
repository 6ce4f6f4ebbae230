import * as v from 'valibot'
import { reached } from './schema-approval.ts'
import { kept } from './schema-keeping.ts'
import { described, size, text, time } from './schema-words.ts'

const payloads = v.strictObject({
  max: v.optional(described(size, 'Messages above this size are recorded by digest; absent: `64KiB`.')),
  requests: v.optional(
    described(v.picklist(['whole', 'digest']), 'Whether requests are recorded whole; absent: `whole`.'),
  ),
  results: v.optional(
    described(v.picklist(['whole', 'digest']), 'Whether results are recorded whole; absent: `whole`.'),
  ),
})

const destination = v.strictObject({
  url: described(
    v.pipe(
      text,
      v.regex(
        /^(?:s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*\/?|file:\/\/(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+\/?)$/u,
        'a destination is written like `s3://acme-audit/hoopctl/` or `file:///srv/audit/`',
      ),
    ),
    'A bucket and perhaps a prefix, or a directory: `s3://acme-audit/hoopctl/`, `file:///srv/audit/`.',
  ),
  ...reached,
  ...kept.entries,
})

const upload = v.strictObject({
  to: described(
    v.pipe(v.array(destination), v.minLength(1, 'this list is empty')),
    'Where session logs are sent; each gets all of them.',
  ),
})

/** How sessions are recorded, and where logs are sent. */
export const audit = v.strictObject({
  durability: v.optional(
    described(
      v.picklist(['process', 'disk']),
      '`process` survives the end of the process, `disk` a power cut; absent: `process`.',
    ),
  ),
  payloads: v.optional(described(payloads, 'How much of each message is recorded.')),
  upload: v.optional(described(upload, 'Where session logs are sent; absent: they stay on this machine.')),
  retain: v.optional(described(time, 'How long sessions are kept; absent: for ever.')),
})

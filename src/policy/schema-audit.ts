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
        /^(?:s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*\/?|https?:\/\/[a-z0-9.:[\]-]{1,255}(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*\/?|file:\/\/(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+\/?)$/u,
        'a destination is written like `s3://acme-audit/hoopctl/`, `https://evidence.acme.example/hoopctl/` or `file:///srv/audit/`',
      ),
    ),
    'A bucket and perhaps a prefix, a web server, or a directory: `s3://acme-audit/hoopctl/`, `https://evidence.acme.example/hoopctl/`, `file:///srv/audit/`.',
  ),
  ...reached,
  ...kept.entries,
  audience: v.optional(
    described(
      v.pipe(text, v.regex(/^[\x21-\x7e]{1,512}$/u, 'an audience is a word without spaces')),
      'Of a web server: whom the access token is made for that is sent there, as its `aud` will say.',
    ),
  ),
  scope: v.optional(
    described(
      v.pipe(
        text,
        v.regex(
          /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/u,
          'scopes stand one space apart',
        ),
      ),
      'Of a web server: what the issuer is asked for to make that token, where it does not know `resource` (RFC 8707); absent: `audience` is sent as `resource`.',
    ),
  ),
})

const upload = v.strictObject({
  to: described(
    v.pipe(v.array(destination), v.minLength(1, 'this list is empty')),
    'Where session logs are sent; each gets all of them.',
  ),
  required: v.optional(
    described(
      time,
      'Calls are denied while something waits and a destination has confirmed nothing for so long; absent: they never are.',
    ),
  ),
  wait: v.optional(
    described(
      time,
      'How long the end of a session waits for what was written last to be sent; absent: not at all.',
    ),
  ),
})

const spool = v.strictObject({
  max: described(size, 'How much of the session logs may wait on this machine to be sent.'),
  onFull: described(
    v.picklist(['warn', 'deny']),
    'What becomes of calls while more waits: `warn` tells of it on stderr, `deny` denies them.',
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
  spool: v.optional(
    described(spool, 'Limits what waits on this machine to be sent; absent: there is no limit.'),
  ),
  retain: v.optional(
    described(
      time,
      'How long session logs stay on this machine after their last record, and then until all destinations hold them; absent: for ever.',
    ),
  ),
})

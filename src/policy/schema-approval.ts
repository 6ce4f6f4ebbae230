import * as v from 'valibot'
import { whoIs } from './schema-who.ts'
import { count, described, path, text, time } from './schema-words.ts'

const truth = v.boolean()

const remember = v.strictObject({
  count: described(count, 'How often one answer may be used in all, at least twice.'),
  for: described(time, 'How long one answer may be used; at most `24h`.'),
})

/** What an `ask` rule wants before a call that it matches is sent. */
export const approval = v.strictObject({
  by: v.optional(whoIs('Who may say yes; absent: whoever the proof shows.')),
  notSelf: v.optional(
    described(
      truth,
      'Whether whoever asks is left out of those who may say yes; absent: `true` where `by` stands.',
    ),
  ),
  count: v.optional(described(count, 'How many people must say yes; absent: 1.')),
  proof: v.optional(
    described(
      v.picklist(['terminal', 'key', 'oidc']),
      'How they show who they are: somebody at a terminal of the same user, an SSH key of `people`, a fresh sign-in. Absent: `oidc` in a signed policy, else `terminal`.',
    ),
  ),
  confirm: v.optional(
    described(
      v.picklist(['key', 'type']),
      'Whether one key is enough for a yes, or a word of the call is typed; absent: `key`.',
    ),
  ),
  wait: v.optional(
    described(
      time,
      "How long the client's request is held open; absent: `45s`, or `timeout` if that is shorter; at most `10m`.",
    ),
  ),
  onTimeout: v.optional(
    described(
      v.picklist(['deny', 'queue']),
      'What then becomes of the call: denied, or answered later; absent: `queue`.',
    ),
  ),
  timeout: v.optional(described(time, 'How long the question lives; absent: `30m`; at most `7d`.')),
  valid: v.optional(
    described(time, 'How long an answer lives until it is used; absent: `10m`; at most `24h`.'),
  ),
  edit: v.optional(
    described(truth, 'Whether the person may change the arguments while the call is held; absent: `false`.'),
  ),
  remember: v.optional(
    described(
      remember,
      'How often and how long one answer may cover the very same call again in its session; absent: once.',
    ),
  ),
  message: v.optional(described(text, 'Shown to the person who answers.')),
})

const url = v.pipe(text, v.regex(/^[\x21-\x7e]+$/u, 'a URL has no spaces, and no letters beyond ASCII'))

/** How a bucket is reached. */
export const reached = {
  region: v.optional(described(text, "The bucket's region.")),
  role: v.optional(described(text, 'The role that is assumed to reach it, an ARN.')),
  endpoint: v.optional(described(url, 'The URL of a server that speaks S3; absent: AWS.')),
}

const store = v.strictObject({
  url: described(
    v.pipe(
      text,
      v.regex(
        /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w./+=@,~-]*)?$/u,
        'a store is written like `s3://acme-approvals/` or `s3://acme/approvals/`',
      ),
    ),
    'The bucket, and perhaps a prefix: `s3://acme-approvals/`.',
  ),
  ...reached,
})

const webhook = v.strictObject({
  url: described(url, 'An https URL; plain http for one on this machine.'),
  arguments: v.optional(
    described(truth, 'Whether the values of arguments are told too; absent: `false`, their names alone.'),
  ),
  key: v.optional(
    described(
      v.pipe(text, v.minLength(16, 'a key for HMAC has at least 16 characters')),
      'The key that messages are signed with (HMAC), as it stands.',
    ),
  ),
  keyFile: v.optional(described(path, 'The file that holds this key, an absolute path.')),
})

/** How questions are put to people. */
export const approvals = v.strictObject({
  maxWaiting: v.optional(
    described(
      v.pipe(
        v.number(),
        v.integer('this must be a whole number'),
        v.minValue(1, 'this must be at least 1'),
        v.maxValue(1000, 'this must be at most 1000'),
      ),
      'How many calls of one session may wait at once; absent: 20.',
    ),
  ),
  store: v.optional(
    described(store, 'Where questions and answers of a team lie; absent: on this machine alone.'),
  ),
  notify: v.optional(
    described(
      v.pipe(v.array(webhook), v.minLength(1, 'this list is empty')),
      'Who is told that a call waits.',
    ),
  ),
})

export type ApprovalInFile = v.InferOutput<typeof approval>
export type ApprovalsInFile = v.InferOutput<typeof approvals>

import * as v from 'valibot'
import { rule } from './schema-rule.ts'
import { whoIs } from './schema-who.ts'
import { condition, count, described, dottedName, name, text, time } from './schema-words.ts'

const who = whoIs(
  'Who may activate the grant: `everyone`, or whoever is in any of `groups` or has any of `emails`.',
)

const activate = v.strictObject({
  mode: v.optional(
    described(
      v.picklist(['session', 'request', 'approval']),
      '`session` starts with `wrap`, `request` when the person asks (`hoopctl request`), `approval` when a second person agrees; absent: `request`.',
    ),
  ),
  reason: v.optional(
    described(
      v.picklist(['required', 'optional']),
      'Whether a request must give a reason; absent: `optional`.',
    ),
  ),
  proof: v.optional(
    described(
      v.picklist(['terminal', 'oidc', 'key']),
      'What shows that a person asks, or with `approval` who agrees: somebody at a terminal, a fresh sign-in, an SSH key of `people`. Absent: `oidc` in a signed policy, else `terminal`.',
    ),
  ),
  by: v.optional(
    whoIs('With `approval`: who may agree, never whoever asks; absent: anybody else whom the proof shows.'),
  ),
  count: v.optional(described(count, 'With `approval`: how many people must agree; absent: 1.')),
  timeout: v.optional(
    described(time, 'With `approval`: how long the request waits; absent: `30m`; at most `7d`.'),
  ),
  message: v.optional(described(text, 'With `approval`: shown to whoever may agree.')),
})

const duration = v.strictObject({
  default: v.optional(
    described(
      time,
      'How long it is active if nothing else is asked for; absent: `30m`, or `max` if shorter.',
    ),
  ),
  max: v.optional(described(time, 'How long it may be active at most; absent: as `default`.')),
})

/** One grant. */
export const grant = v.strictObject({
  name: described(name, 'Under this name the grant is cited and activated.'),
  server: described(dottedName, 'The server that the grant is about.'),
  who,
  when: v.optional(condition),
  activate: v.optional(described(activate, 'How it is made active.')),
  listed: v.optional(
    described(
      v.picklist(['available', 'active']),
      'Whether lists show what it gives to whoever may activate it, or only while it is active; absent: `available`.',
    ),
  ),
  duration: v.optional(
    described(duration, 'How long it is active; absent: `30m`, and what starts with a session ends with it.'),
  ),
  uses: v.optional(described(count, 'How many calls one activation lets through, in all sessions together.')),
  rules: described(
    v.pipe(v.array(rule), v.minLength(1, 'this list is empty, so the grant gives nothing')),
    'The rules that hold while the grant is active.',
  ),
})

export type GrantInFile = v.InferOutput<typeof grant>

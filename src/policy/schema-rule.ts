import * as v from 'valibot'
import { approval } from './schema-approval.ts'
import { condition, described, dottedName, name, oneOrMore, patterns, text } from './schema-words.ts'

const matcher = described(
  v.strictObject({
    tool: v.optional(described(patterns, 'Names of tools; `*` is any run of characters.')),
    verb: v.optional(described(oneOrMore(name), 'Verbs that the server defines under `verbs`.')),
    resource: v.optional(
      described(
        patterns,
        'Addresses of resources; `*` stays within a path segment, `**` crosses, a lone `*` is all.',
      ),
    ),
    prompt: v.optional(described(patterns, 'Names of prompts; `*` is any run of characters.')),
    serverRequest: v.optional(
      described(
        patterns,
        'What the server may ask of the client: `sampling`, `elicitation.form`, `elicitation.url`, `roots`.',
      ),
    ),
    server: v.optional(
      described(oneOrMore(dottedName), 'The servers that the rule is about; absent: every server.'),
    ),
  }),
  'What the rule matches: exactly one of `tool`, `verb`, `resource`, `prompt`, `serverRequest`, and perhaps `server`.',
)

/** One rule. */
export const rule = described(
  v.strictObject({
    name: v.optional(
      described(name, 'Under this name the rule is cited: `rules.no-ddl`. Absent: `rules[3]`.'),
    ),
    allow: v.optional(
      described(matcher, 'Calls that this matches may pass, unless another rule asks or denies.'),
    ),
    ask: v.optional(
      described(matcher, 'Calls that this matches wait for a human, unless another rule denies.'),
    ),
    deny: v.optional(described(matcher, 'Calls that this matches are refused, whatever other rules say.')),
    reason: v.optional(
      described(text, 'Shown to the person and to the model when this rule asks or denies.'),
    ),
    when: v.optional(condition),
    approval: v.optional(described(approval, 'Who must answer, and how; of an `ask` rule only.')),
  }),
  'One line of policy: exactly one of `allow`, `ask`, `deny`. The most restrictive rule that matches wins; order has no meaning.',
)

export type RuleInFile = v.InferOutput<typeof rule>
export type MatcherInFile = v.InferOutput<typeof matcher>

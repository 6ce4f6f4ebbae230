import * as v from 'valibot'

// The shape of a policy file. What one key cannot know (names of servers, conditions, patterns) is checked when it is
// compiled. Descriptions are what editors show; schema/policy.schema.json is made of this file.

const described = <const T extends v.GenericSchema>(schema: T, text: string) =>
  v.pipe(schema, v.description(text))

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u
const name = v.pipe(
  v.string(),
  v.regex(NAME, 'a name is up to 64 letters, digits, `-` and `_`, and begins with one of the first two'),
)
const DOTTED_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u
const dottedName = v.pipe(
  v.string(),
  v.regex(
    DOTTED_NAME,
    'a name is up to 64 letters, digits, `.`, `-` and `_`, and begins with one of the first two',
  ),
)
const time = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,8}[smhd]$/u, 'a time is written like `30s`, `5m`, `4h`, `90d`'),
)
const size = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,8}(?:KiB|MiB|GiB)$/u, 'a size is written like `64KiB`, `64MiB`, `1GiB`'),
)
const count = v.pipe(
  v.number(),
  v.integer('this must be a whole number'),
  v.minValue(1, 'this must be at least 1'),
  v.maxValue(1_000_000_000, 'this must be at most 1000000000'),
)
const text = v.pipe(
  v.string(),
  v.minLength(1, 'this must not be empty'),
  v.maxLength(2048, 'this is longer than 2048 characters'),
)
const path = v.pipe(v.string(), v.regex(/^\//u, 'this must be an absolute path'))
const variable = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'this is no name of an environment variable'),
)

const pattern = v.pipe(
  v.string(),
  v.minLength(1, 'a pattern must not be empty'),
  v.maxLength(1024, 'a pattern is at most 1024 characters'),
)
const oneOrMore = <const T extends v.GenericSchema>(schema: T) =>
  v.union([schema, v.pipe(v.array(schema), v.minLength(1, 'this list is empty, so it matches nothing'))])

const patterns = oneOrMore(pattern)
const condition = described(
  v.pipe(v.string(), v.maxLength(8192, 'a condition is at most 8192 characters')),
  'A CEL condition, checked when the policy is loaded. Write `when: |` and the condition on the next line where YAML would take it apart.',
)

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

const rule = described(
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
  }),
  'One line of policy: exactly one of `allow`, `ask`, `deny`. The most restrictive rule that matches wins; order has no meaning.',
)
const rules = described(v.array(rule), 'Rules for every server, with or without a grant.')

const verbEntry = v.strictObject({
  tool: described(patterns, 'Names of tools; `*` is any run of characters.'),
  when: v.optional(condition),
})

const run = v.strictObject({
  command: described(
    text,
    "An absolute path, or a name that is looked up in `path`; never in the client's PATH.",
  ),
  args: v.optional(described(v.array(v.string()), 'The arguments of the command.')),
  env: v.optional(described(v.record(variable, v.string()), "Variables of the server's environment.")),
  passEnv: v.optional(
    described(
      v.array(variable),
      'Names of variables that are passed on, beside the short list of MCP clients.',
    ),
  ),
  cwd: v.optional(described(path, "The working directory, an absolute path; absent: hoopctl's own.")),
  path: v.optional(
    described(
      v.pipe(v.array(path), v.minLength(1, 'this list is empty')),
      'Absolute directories in which the command is looked up.',
    ),
  ),
  sha256: v.optional(
    described(
      v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u, 'a digest is 64 lower-case hexadecimal digits')),
      "SHA-256 that the command's file must have.",
    ),
  ),
})

const server = v.strictObject({
  run: v.optional(
    described(
      run,
      'How the server is started. Absent: the entry holds rules only, for `wrap --server NAME -- COMMAND`.',
    ),
  ),
  verbs: v.optional(
    described(
      v.record(
        name,
        v.pipe(v.array(verbEntry), v.minLength(1, 'this list is empty, so the verb matches nothing')),
      ),
      'Words for what calls do: each a list of tools, with conditions where the tool alone does not say it.',
    ),
  ),
  arguments: v.optional(
    described(
      v.strictObject({
        caseSensitive: v.optional(
          described(
            v.boolean(),
            'Whether sibling keys inside `arguments` may differ in case only. Absent: such calls are refused.',
          ),
        ),
      }),
      'How the arguments of its tools are read.',
    ),
  ),
})

const grant = v.strictObject({
  name: described(name, 'Under this name the grant is cited and activated.'),
  server: described(dottedName, 'The server that the grant is about.'),
  rules: described(
    v.pipe(v.array(rule), v.minLength(1, 'this list is empty, so the grant gives nothing')),
    'The rules that hold while the grant is active.',
  ),
})

const limits = v.strictObject({
  messageSize: v.optional(described(size, 'The largest message that passes; absent: `64MiB`.')),
  callsPerMinute: v.optional(described(count, 'Calls that one session may make in any minute.')),
  callsPerSession: v.optional(described(count, 'Calls that one session may make.')),
  openCalls: v.optional(described(count, 'Calls that may wait for their answer at once.')),
})

const payloads = v.strictObject({
  max: v.optional(described(size, 'Messages above this size are recorded by digest; absent: `64KiB`.')),
  requests: v.optional(
    described(v.picklist(['whole', 'digest']), 'Whether requests are recorded whole; absent: `whole`.'),
  ),
  results: v.optional(
    described(v.picklist(['whole', 'digest']), 'Whether results are recorded whole; absent: `whole`.'),
  ),
})

const audit = v.strictObject({
  durability: v.optional(
    described(
      v.picklist(['process', 'disk']),
      '`process` survives the end of the process, `disk` a power cut; absent: `process`.',
    ),
  ),
  payloads: v.optional(described(payloads, 'How much of each message is recorded.')),
  retain: v.optional(described(time, 'How long sessions are kept; absent: for ever.')),
})

const metadata = v.strictObject({
  name: described(dottedName, "The policy's name."),
  version: v.optional(described(count, 'Grows with each change of a signed policy.')),
  expires: v.optional(
    described(
      v.pipe(
        v.string(),
        v.regex(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/u,
          'a point in time is written like `2026-12-20T00:00:00Z`',
        ),
      ),
      'From then on the policy is refused.',
    ),
  ),
  requires: v.optional(
    described(
      v.pipe(v.string(), v.regex(/^>=\d+(?:\.\d+){0,2}$/u, 'a required version is written like `">=0.4"`')),
      'The oldest hoopctl that understands this policy.',
    ),
  ),
})

/** The shape of a policy file. */
export const PolicyFile = v.strictObject({
  apiVersion: described(v.literal('hoopctl/v1'), 'The version of this format.'),
  kind: described(v.literal('Policy'), 'What the file is.'),
  metadata: described(
    metadata,
    'What the policy is called, and for how long and from which hoopctl on it holds.',
  ),
  servers: v.optional(described(v.record(dottedName, server), 'The wrapped servers, by name.')),
  grants: v.optional(described(v.array(grant), 'Named sets of rules, each on one server.')),
  rules: v.optional(rules),
  limits: v.optional(described(limits, 'What no rule can raise.')),
  audit: v.optional(described(audit, 'How sessions are recorded.')),
})

export type PolicyFile = v.InferOutput<typeof PolicyFile>
export type RuleInFile = v.InferOutput<typeof rule>
export type MatcherInFile = v.InferOutput<typeof matcher>
export type ServerInFile = v.InferOutput<typeof server>

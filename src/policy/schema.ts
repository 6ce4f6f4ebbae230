import * as v from 'valibot'
import { approvals } from './schema-approval.ts'
import { audit } from './schema-audit.ts'
import { grant } from './schema-grant.ts'
import { identity } from './schema-identity.ts'
import { people } from './schema-people.ts'
import { rule } from './schema-rule.ts'
import {
  condition,
  count,
  described,
  dottedName,
  name,
  path,
  patterns,
  size,
  text,
  time,
  variable,
} from './schema-words.ts'

// The shape of a policy file. What one key cannot know (names of servers, conditions, patterns) is checked when it is
// compiled. Descriptions are what editors show; schema/policy.schema.json is made of this file.

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

const limits = v.strictObject({
  messageSize: v.optional(described(size, 'The largest message that passes; absent: `64MiB`.')),
  callsPerMinute: v.optional(described(count, 'Calls that one session may make in any minute.')),
  callsPerSession: v.optional(described(count, 'Calls that one session may make.')),
  openCalls: v.optional(described(count, 'Calls that may wait for their answer at once.')),
})

// Up to 2^31: what is larger is rounded, or negative, somewhere.
const version = v.pipe(
  v.number(),
  v.integer('this must be a whole number'),
  v.minValue(1, 'this must be at least 1'),
  v.maxValue(2_147_483_648, 'a version is at most 2147483648'),
)

const metadata = v.strictObject({
  name: described(dottedName, "The policy's name."),
  version: v.optional(described(version, 'Grows with each change of a signed policy.')),
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
  refresh: v.optional(described(time, 'How often a central policy is looked for anew; absent: `5m`.')),
  maxStale: v.optional(
    described(time, 'How long a copy counts without any contact with the source; absent: `24h`.'),
  ),
  unlisted: v.optional(
    described(
      v.picklist(['allow', 'deny']),
      'Whether `wrap -- COMMAND` may be used under this policy when it is signed; absent: `deny`.',
    ),
  ),
  identity: v.optional(
    described(identity, 'How subjects sign in. Absent: nobody does, the subject is the OS user.'),
  ),
  servers: v.optional(described(v.record(dottedName, server), 'The wrapped servers, by name.')),
  grants: v.optional(described(v.array(grant), 'Named sets of rules, each on one server.')),
  rules: v.optional(described(v.array(rule), 'Rules for every server, with or without a grant.')),
  people: v.optional(described(people, 'Whose SSH keys count as whose answer.')),
  approvals: v.optional(described(approvals, 'How questions are put to people.')),
  limits: v.optional(described(limits, 'What no rule can raise.')),
  audit: v.optional(described(audit, 'How sessions are recorded.')),
})

export type PolicyFile = v.InferOutput<typeof PolicyFile>
export type ServerInFile = v.InferOutput<typeof server>

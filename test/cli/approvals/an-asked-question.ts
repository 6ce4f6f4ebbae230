import type { Question } from '../../../src/approval.ts'
import { callDigest, challengeOf } from '../../../src/call-digest.ts'
import { canonicalJson } from '../../../src/canonical-json.ts'
import type { InboxEntry } from '../../../src/cli/approvals/inbox.ts'
import { sha256 } from '../../../src/digest.ts'
import { parsePolicy } from '../../../src/policy/load.ts'
import type { Policy } from '../../../src/policy/policy.ts'

/** The time at which everything here happens. */
export const NOW = new Date('2026-11-21T09:14:07Z')

/** A policy that asks about writing, and in other ways about other tools. */
export const POLICY = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: files, version: 7 }
servers:
  files: {}
  other: {}
grants:
  - name: files-admin
    server: files
    who: everyone
    rules:
      - ask: { tool: chmod }
rules:
  - name: writes-ask
    ask: { tool: write_file }
    reason: what is written stays
    approval: { edit: true, remember: { count: 3, for: 10m } }
  - name: drops-ask
    ask: { tool: drop_table }
    approval: { confirm: type, message: Is there a backup? }
  - name: big-ids-ask
    ask: { tool: pay }
    when: args.id == 9007199254740993
  - allow: { tool: read_file }
  - deny: { tool: remove_all }
`

/** Parses it. */
export async function policyOf(source = POLICY): Promise<Policy> {
  const { policy, problems } = await parsePolicy(Buffer.from(source), '/etc/files.yaml', { now: NOW })
  if (policy === null) throw new Error(JSON.stringify(problems))
  await policy.ready?.()
  return policy
}

/** What a test says of a call; the rest is as usual. */
export interface Said {
  readonly tool?: string
  /** The JSON text of the arguments. */
  readonly args?: string
  readonly id?: string
  readonly server?: string | null
  readonly grants?: readonly string[]
  readonly email?: string
  readonly client?: string
  readonly note?: string | null
  readonly earlier?: Question['claims']['earlier']
  readonly state?: InboxEntry['state']
  readonly device?: InboxEntry['device']
  readonly annotations?: object
}

/** Makes a question whose digests are right, as a shim asks it, and puts it into an inbox. */
export function askedEntry(
  said: Said = {},
  policy: Pick<Policy, 'digest'> = { digest: 'd'.repeat(64) },
): InboxEntry {
  const { state = 'held', device = 'own' } = said
  return {
    question: askedQuestion(said, policy),
    from: device === 'own' ? 'here' : 'team',
    state,
    answers: [],
    device,
  }
}

function askedQuestion(said: Said, { digest }: Pick<Policy, 'digest'>): Question {
  const { tool = 'write_file', args = '{"path":"/srv/note.txt","content":"hello"}', id = 'A-7K2P9QXM' } = said
  const definitionText = canonicalJson(JSON.stringify(definitionOf(tool, said.annotations)))
  const call = {
    server: {
      name: said.server === undefined ? 'files' : said.server,
      command: '/usr/bin/files',
      sha256: 'f'.repeat(64),
      args: 'a'.repeat(64),
      cwd: '/srv',
    },
    definition: sha256(definitionText),
    method: 'tools/call',
    params: `{"name":${JSON.stringify(tool)},"arguments":${args}}`,
    requester: { issuer: 'https://id.acme.example', sub: 'u-1' },
  }
  const challenged = {
    call: callDigest(call),
    approval: id,
    device: 'ed25519:AAAA',
    random: 'r'.repeat(43),
    expires: '2026-11-21T09:54:04.000Z',
  }
  return {
    format: 'hoopctl-question/1',
    ...call,
    ...challenged,
    challenge: challengeOf({ ...challenged, remember: null }),
    asked: '2026-11-21T09:14:04.000Z',
    heldUntil: '2026-11-21T09:14:49.000Z',
    answerBy: '2026-11-21T09:44:04.000Z',
    session: '01JD6X0000000000000000000',
    policy: { key: 'file:/etc/files.yaml', name: 'files', version: 7, digest, signed: false },
    label: 'files',
    definitionText,
    demand: DEMAND,
    rules: ['rules.writes-ask'],
    reasons: [],
    claims: claimsOf(said),
  }
}

const DEMAND: Question['demand'] = {
  proof: 'terminal',
  confirm: 'key',
  waitMs: 45_000,
  onTimeout: 'queue',
  timeoutMs: 1_800_000,
  validMs: 600_000,
  edit: true,
  remember: null,
  each: [{ by: null, notSelf: false, count: 1, rule: 'rules.writes-ask' }],
  messages: [],
}

function definitionOf(name: string, annotations: object = {}) {
  const properties = { path: { type: 'string' }, content: { type: 'string' }, mode: { type: 'integer' } }
  return { name, description: 'does it', inputSchema: { type: 'object', properties }, annotations }
}

function claimsOf(said: Said): Question['claims'] {
  const { email = 'ann@acme.example', client = 'claude-code', grants = [], note = null, earlier = [] } = said
  return {
    subject: { issuer: 'https://id.acme.example', sub: 'u-1', email, groups: ['dev'], kind: 'human' },
    client: { name: client, version: '2.1.0' },
    grants,
    calls: 14,
    earlier,
    note,
  }
}

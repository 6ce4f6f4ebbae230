import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { type DraftOptions, draftPolicy } from '../../src/policy/draft.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { printProblem } from '../../src/policy/problem.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import { circumstances, tool } from './a-policy.ts'

const SURFACE: DraftOptions = {
  name: 'try',
  server: 'files',
  command: 'npx',
  args: ['-y', 'server-files', '/srv/docs'],
  tools: [
    { name: 'read_file', description: 'Reads a file.\nAll of it.', annotations: { readOnlyHint: true } },
    { name: 'write_file', description: 'Writes.' },
    { name: 'remove', annotations: { readOnlyHint: true, destructiveHint: true } },
  ],
  resources: ['file:///srv/docs/a.md', 'file:///srv/../b'],
  resourceTemplates: ['file:///srv/docs/{name}.md', 'file:///{+path}'],
  prompts: ['review'],
  trustHints: false,
}

async function loaded(text: string): Promise<Policy> {
  const { policy, problems } = await parsePolicy(Buffer.from(text), 'draft.yaml')
  if (policy === null || problems.length > 0)
    throw new Error(`${problems.map(printProblem).join('\n')}\n${text}`)
  return policy
}

function effects(policy: Policy, names: readonly string[]): string[] {
  const rules = rulesInForce(policy, 'files')
  return names.map((name) => decide(tool(name), rules, circumstances({ server: 'files' })).effect)
}

describe('draftPolicy', () => {
  it('given a server, asks for each tool, and denies what is called destructive', async () => {
    const policy = await loaded(draftPolicy(SURFACE))
    expect(effects(policy, ['read_file', 'write_file', 'remove', 'other'])).toEqual([
      'ask',
      'ask',
      'deny',
      'deny',
    ])
    expect(policy.servers.get('files')?.run).toMatchObject({
      command: 'npx',
      args: ['-y', 'server-files', '/srv/docs'],
    })
  })

  it('given `allow` for `ask`, as the comment says, allows what is called read-only', async () => {
    const text = draftPolicy(SURFACE).replace('ask: { tool: read_file', 'allow: { tool: read_file')
    expect(effects(await loaded(text), ['read_file', 'write_file'])).toEqual(['allow', 'ask'])
  })

  it('given trust in hints, allows what is called read-only, but not what is also called destructive', async () => {
    const policy = await loaded(draftPolicy({ ...SURFACE, trustHints: true }))
    expect(effects(policy, ['read_file', 'write_file', 'remove'])).toEqual(['allow', 'ask', 'deny'])
  })

  it('given any thing of the server, cites its rule by a name, each its own', async () => {
    const tools = ['write_file', 'write file', 'write-file', '写', '_', 'a'.repeat(200), 'no'].map(
      (name) => ({ name }),
    )
    const { rules } = await loaded(draftPolicy({ ...SURFACE, tools }))
    expect(rules.map(({ ref }) => ref)).toEqual([
      'rules.write_file',
      'rules.write-file',
      'rules.write-file-2',
      'rules.rule',
      'rules.rule-2',
      `rules.${'a'.repeat(56)}`,
      'rules.no',
      'rules.file-srv-docs-a-md',
      'rules.file-srv-docs-md',
      'rules.file',
      'rules.review',
    ])
  })

  it('given a tool that is called destructive, says at the top what becomes of such tools', () => {
    const denied = '# Tools that the server calls destructive (destructiveHint) are `deny` here.\n'
    const allowed = '# Those that it calls read-only (readOnlyHint) are `allow`'
    const [wary, trusting] = [false, true].map((trustHints) => draftPolicy({ ...SURFACE, trustHints }))
    expect([wary?.includes(denied), wary?.includes(allowed)]).toEqual([true, false])
    expect(trusting).toContain(denied + allowed)
  })

  it('given resources and templates, asks for what can be named and says what cannot', async () => {
    const text = draftPolicy(SURFACE)
    const policy = await loaded(text)
    const rules = rulesInForce(policy, 'files')
    const at = (uri: string): string =>
      decide({ kind: 'resource', uri }, rules, circumstances({ server: 'files' })).effect
    expect([
      at('file:///srv/docs/a.md'),
      at('file:///srv/docs/b.md'),
      at('file:///etc/passwd'),
      at('x:y'),
    ]).toEqual(['ask', 'ask', 'ask', 'deny'])
    expect(text).toContain('# Left out, so denied: no pattern fits the resource "file:///srv/../b"')
  })

  it('given any draft, says who answers a call under `ask`', () => {
    expect(draftPolicy(SURFACE)).toContain(
      '# All else is `ask`: such a call waits until a person answers it, in `hoopctl approve`.\n',
    )
  })

  it('given a server without anything, loads', async () => {
    const { policy } = await parsePolicy(
      Buffer.from(draftPolicy({ ...SURFACE, tools: [], resources: [], resourceTemplates: [], prompts: [] })),
      'draft.yaml',
    )
    expect(policy?.rules).toEqual([])
  })

  it('given a tool called `*`, writes no rule for it', async () => {
    const hostile = { name: '*', annotations: { readOnlyHint: true } }
    const text = draftPolicy({ ...SURFACE, tools: [hostile, { name: 'a' }], trustHints: true })
    expect(effects(await loaded(text), ['*', 'b', 'a'])).toEqual(['deny', 'deny', 'ask'])
  })

  const hostileText = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\u2028',
        '\u0085',
        '"',
        "'",
        '#',
        ' #',
        ': ',
        '{',
        '}',
        '- allow: { tool: "*" }',
        '\\',
        '*',
        '&a',
        '!x',
        '%',
        '|',
        '\u202e',
        '\ud800',
        'yes',
        '~',
        '\0',
        '\t',
        '😀',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
    ),
    maxLength: 8,
  })

  it('given any names and descriptions, loads and gives nothing that was not asked about', async () => {
    const tools = fc.uniqueArray(fc.record({ name: hostileText, description: hostileText }), {
      selector: ({ name }) => name,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(tools, fc.array(hostileText, { maxLength: 3 }), async (hostile, others) => {
        const options = {
          ...SURFACE,
          tools: [...hostile, { name: 'last' }],
          resources: others,
          prompts: others,
          args: others,
        }
        const usable = {
          ...options,
          args: others.map((text) => text.replaceAll('\0', '').replaceAll('${', '').toWellFormed()),
        }
        const policy = await loaded(draftPolicy(usable))
        expect(policy.rules.filter(({ effect }) => effect === 'allow')).toEqual([])
        expect(effects(policy, ['last', 'never listed'])).toEqual(['ask', 'deny'])
        expect(policy.servers.get('files')?.run?.args).toEqual(usable.args)
      }),
      { numRuns: 300 },
    )
  })
})

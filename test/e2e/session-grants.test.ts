import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { type Connected, connectTo } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { type Workspace, workspace } from './workspace.ts'

const grant = (name: string, activate: object, tool: string, server = 'notes') => ({
  name,
  server,
  who: 'everyone',
  activate,
  rules: [{ allow: { tool } }],
})

function space(...grants: readonly object[]): Promise<Workspace> {
  return workspace({
    rules: [],
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
      others: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: { grants },
  })
}

const SESSION = { mode: 'session' }
const WRITING = grant('writing', SESSION, 'write_note')
const READING = grant('reading', SESSION, 'read_note')
const ASKED_FOR = grant('asked-for', { mode: 'request' }, 'delete_note')
const ELSEWHERE = grant('elsewhere', SESSION, '*', 'others')

/** What becomes of writing a note and of reading it. */
async function calls({ callTool }: Connected) {
  const written = await callTool({ name: 'write_note', arguments: { name: 'a.txt', content: 'x' } })
  const read = await callTool({ name: 'read_note', arguments: { name: 'a.txt' } })
  return [written, read].map(({ isError }) => (isError === true ? 'denied' : 'done'))
}

/** Runs wrap for a client that is gone already. */
function wrapAlone({ wrap, root, env }: Workspace, ...words: string[]) {
  const { command, args } = wrap(...words)
  return execa(command, args, { cwd: root, env, extendEnv: false, reject: false, stdin: 'ignore' })
}

describe('wrap --grant', () => {
  it.each([
    { words: [], becomes: ['done', 'done'], active: ['writing', 'reading'] },
    { words: ['--grant', 'writing'], becomes: ['done', 'denied'], active: ['writing'] },
    {
      words: ['--grant', 'reading', '--grant', 'writing'],
      becomes: ['done', 'done'],
      active: ['writing', 'reading'],
    },
  ])(
    'given $words, of the session grants $active start, and no other',
    async ({ words, becomes, active }) => {
      await using at = await space(WRITING, READING)
      await using connected = await connectTo(at.wrap(...words, 'notes'), at)
      expect(await calls(connected)).toEqual(becomes)
      const [log] = await sessionLogs(at)
      expect(log?.records[1]).toMatchObject({ cause: 'start', grants: active.map((name) => ({ name })) })
    },
  )

  it.each([
    {
      given: 'a name that no grant has',
      name: 'writting',
      says: 'there is no grant `writting` on this server (session grants here: writing, reading)',
    },
    {
      given: 'a grant of another server',
      name: 'elsewhere',
      says: 'there is no grant `elsewhere` on this server (session grants here: writing, reading)',
    },
    {
      given: 'a grant that is asked for',
      name: 'asked-for',
      says: 'the grant `asked-for` does not start with a session (run: hoopctl request asked-for)',
    },
  ])('given $given, ends with exit code 2, and says what there is', async ({ name, says }) => {
    await using at = await space(WRITING, READING, ASKED_FOR, ELSEWHERE)
    const ended = await wrapAlone(at, '--grant', 'writing', '--grant', name, 'notes')
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ended.stderr.split('\n')).toContain(`hoopctl: ${says}`)
  })

  it('given one where there are none, says that', async () => {
    await using at = await space(ASKED_FOR)
    const { stderr } = await wrapAlone(at, '--grant', 'writing', 'notes')
    expect(stderr).toContain('(session grants here: none)')
  })
})

describe('wrap --reason', () => {
  const REASONED = grant('writing', { mode: 'session', reason: 'required' }, 'write_note')

  it('given a grant that wants one, starts it, and the record has it', async () => {
    await using at = await space(REASONED)
    await using connected = await connectTo(at.wrap('--reason', 'INC-2211: the index', 'notes'), at)
    expect(await calls(connected)).toEqual(['done', 'denied'])
    const [log] = await sessionLogs(at)
    expect(log?.records[1]).toMatchObject({
      kind: 'context',
      cause: 'start',
      grants: [{ name: 'writing', mode: 'session', reason: 'INC-2211: the index' }],
    })
  })

  it('given none, does not start it, and says how it would', async () => {
    await using at = await space(REASONED)
    await using connected = await connectTo(at.wrap('notes'), at)
    expect(await calls(connected)).toEqual(['denied', 'denied'])
    const refused = await connected.callTool({ name: 'write_note', arguments: { name: 'b.txt' } })
    expect(JSON.stringify(refused.content)).toContain('restart the client, with --reason')
    const [log] = await sessionLogs(at)
    expect(log?.records[1]).toMatchObject({ cause: 'start', grants: [] })
    expect(await at.has('a.txt')).toBe(false)
  })
})

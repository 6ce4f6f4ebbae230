import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { rawClient } from './raw-client.ts'
import { rawSpace } from './raw-space.ts'
import { fixture } from './repo.ts'

const NASTY = 'plain \u001b[2Jcleared \u202etxt.exe grüße'

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('what a wrapped server writes to stderr', () => {
  it('given lines, passes each with the server’s name before it', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await server.tell({ stderr: base64('starting\nlistening on sto') })
    await server.tell({ stderr: base64('ne\nlast') })
    await server.tell({ exit: 0 })
    await client.exited
    const said = client.stderr.all.filter((line) => line.startsWith('[raw] '))
    expect(said).toEqual(['[raw] starting', '[raw] listening on stone', '[raw] last'])
  })

  it('given control characters and no terminal, passes them as they are', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    const server = await raw.server.started()
    await server.tell({ stderr: base64(`${NASTY}\n`) })
    await client.stderr.find((line) => line === `[raw] ${NASTY}`)
  })

  it('given control characters and a terminal, makes them visible', async () => {
    await using raw = await rawSpace()
    const { command, args } = raw.space.wrap('raw')
    const terminal = { command: 'python3', args: [fixture('with-terminal.py'), command, ...args] }
    await using client = rawClient(terminal, raw.space)
    const server = await raw.server.started()
    await server.tell({ stderr: base64(`${NASTY}\n`) })
    const line = await client.stderr.find((said) => said.includes('plain'))
    expect(line).toContain('plain \\u{1b}[2Jcleared \\u{202e}txt.exe grüße')
    expect(line).not.toContain('\u001b[2J')
    client.child.stdin.end()
    await client.exited
  })
})

describe('what hoopctl says on stderr', () => {
  it('given an unsigned policy, says so, and each line of its own says who speaks', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    await client.end()
    expect(client.stderr.all.some((line) => /^hoopctl: .*unsigned/.test(line))).toBe(true)
    expect(client.stderr.all.filter((line) => !/^(hoopctl: |\[raw\] )/.test(line))).toEqual([])
  })

  it('given a denied call, leaves a line for whoever reads the client’s log file', async () => {
    await using raw = await rawSpace({ rules: [{ deny: { tool: 'forbidden' }, name: 'frozen' }] })
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    await client.request('tools/call', { name: 'forbidden', arguments: {} })
    await client.stderr.find((line) => /^hoopctl: .*forbidden.*rules\.frozen/.test(line))
  })

  it('given a server line that is no message, says its length and digest and never its text', async () => {
    await using raw = await rawSpace()
    await using client = rawClient(raw.space.wrap('raw'), raw.space)
    await client.initialize()
    const server = await raw.server.started()
    await server.tell({ write: base64('debug: token=hunter2\n') })
    const digest = createHash('sha256').update('debug: token=hunter2').digest('hex')
    await client.stderr.find(
      (line) => /^hoopctl: .*\b20 bytes/.test(line) && line.includes(digest.slice(0, 16)),
    )
    await client.request('ping')
    expect(client.stderr.all.join('\n')).not.toContain('hunter2')
    expect(client.lines.all.join('\n')).not.toContain('hunter2')
  })
})

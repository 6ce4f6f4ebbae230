import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { workspace } from './workspace.ts'

function servers(command: string, args: readonly string[]): string {
  return `servers: { notes: { run: { command: ${command}, args: [${args.join(', ')}] } } }`
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('given a text of a rule that looks like another command, runs what all of the policy says, and ends the other', async () => {
  await using space = await workspace({})
  const pidFile = space.path('pid')
  const script = space.path('other.sh')
  writeFileSync(
    script,
    `#!/bin/sh\necho $$ > ${pidFile}.new && mv ${pidFile}.new ${pidFile}\nexec sleep 600\n`,
  )
  const policy = [
    '{ apiVersion: hoopctl/v1, kind: Policy, metadata: { name: two },',
    `rules: [ { allow: { tool: "*" }, reason: "${'\n  much is to be said for it'.repeat(40)}`,
    `${servers('/bin/sh', [script])} } # " } ], ${servers(NODE, [fixture('legacy-server.mjs'), space.path()])} }`,
  ].join('\n')
  writeFileSync(space.policyFile, policy, { mode: 0o600 })
  await using client = await connect('notes', space)
  const { isError } = await client.callTool({
    name: 'write_note',
    arguments: { name: 'n.txt', content: 'x' },
  })
  expect([isError ?? false, existsSync(space.path('n.txt'))]).toEqual([false, true])
  // It may have been ended before it came as far as to say its number.
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : null
  await eventually(() => expect(pid !== null && isRunning(pid)).toBe(false))
})

import { describe, expect, it } from 'vitest'
import { connect, connectTo } from './connect.ts'
import { tour, versatileClient } from './everything-tour.ts'
import { NODE, packageFile } from './repo.ts'
import { transcript } from './transcript.ts'
import { ALLOW_ALL, type Workspace, workspace } from './workspace.ts'

const EVERYTHING = packageFile('@modelcontextprotocol/server-everything', 'dist/index.js')
const run = { command: NODE, args: [EVERYTHING, 'stdio'] }

async function direct(space: Workspace): Promise<readonly string[]> {
  const { HOOPCTL_HOME: _, ...env } = space.env
  await using connected = await connectTo(run, { ...space, env }, versatileClient())
  await tour(connected)
  return transcript(connected.wire.all)
}

async function wrapped(space: Workspace): Promise<readonly string[]> {
  await using connected = await connect('everything', space, versatileClient())
  await tour(connected)
  return transcript(connected.wire.all)
}

describe('server-everything', () => {
  it('given a policy that allows everything, is told and tells the same as without hoopctl', async () => {
    await using space = await workspace({ rules: ALLOW_ALL, servers: () => ({ everything: { run } }) })
    const [without, within] = await Promise.all([direct(space), wrapped(space)])
    expect(within).toEqual(without)
    expect(new Set(methodsOf(without))).toEqual(EVERY_METHOD)
  })
})

// The tour would prove little if it became shorter: these are the methods that it must have seen.
const EVERY_METHOD = new Set(
  `initialize notifications/initialized ping tools/list tools/call resources/list resources/templates/list
  resources/read resources/subscribe resources/unsubscribe prompts/list prompts/get completion/complete logging/setLevel
  tasks/get tasks/result tasks/list tasks/cancel sampling/createMessage elicitation/create roots/list
  notifications/tools/list_changed notifications/resources/list_changed notifications/resources/updated
  notifications/message notifications/progress notifications/cancelled notifications/roots/list_changed
  notifications/tasks/status`.split(/\s+/),
)

function methodsOf(said: readonly string[]): readonly string[] {
  return said.flatMap((line) => /"method":"([^"]+)"/.exec(line)?.[1] ?? [])
}

import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { untilGone } from './processes.ts'
import { rawClient } from './raw-client.ts'
import { workspace } from './workspace.ts'

// Sends hoopctl the signal at the very start, before there is a session; and heeds neither that nor the end of its stdin.
const server = (signal: string, pidFile: string) => ({
  command: '/bin/sh',
  args: [
    '-c',
    `trap '' TERM INT HUP; echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; kill -s ${signal} $PPID; exec sleep 300`,
  ],
})

it.each(['TERM', 'INT', 'HUP'] as const)(
  'given SIG%s before the session has begun, ends the server that was started, and itself',
  async (signal) => {
    await using space = await workspace({
      servers: (directory) => ({ stubborn: { run: server(signal, `${directory}/pid`) } }),
    })
    await using client = rawClient(space.wrap('stubborn'), space)
    await eventually(async () => expect(await space.has('pid')).toBe(true))
    expect(await client.exited).toEqual({ code: 128 + constants.signals[`SIG${signal}`], signal: null })
    await untilGone(Number(await space.read('pid')))
  },
)

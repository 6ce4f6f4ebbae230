import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { startChild } from '../../src/shim/child.ts'

it('given that it is killed, ends also where something that it started has left its group and holds its output', async () => {
  const args = ['-c', 'setsid sleep 600 & echo $!; wait']
  const env = { PATH: '/usr/bin:/bin' }
  const child = startChild({ file: '/bin/sh', args, env, cwd: '/', named: true, failure: null })
  if (child === null) throw new Error('there is no /bin/sh')
  const [pid] = await once(child.stdout, 'data')
  onTestFinished(() => void process.kill(Number(pid), 'SIGKILL'))
  child.kill()
  expect(await child.ended).toEqual({ kind: 'killed', signal: 'SIGKILL' })
})

import type { Connected } from './connect.ts'
import type { StoreThief } from './store-thief.ts'

/** A call that people were asked about. */
export interface Asked {
  /** The approval's id. */
  readonly id: string
  readonly called: ReturnType<Connected['callTool']>
}

/** Makes the call that writes a note. */
export const write = (name: string) => ({
  name: 'write_note',
  arguments: { name, content: 'confidential' },
})

/** Calls, and waits until people are asked about it; given a store, until the question is there. */
export async function asks(connected: Connected, name: string, store: StoreThief | null): Promise<Asked> {
  const told = connected.stderr.all.length
  const called = connected.callTool(write(name))
  called.catch(() => undefined) // whoever awaits it sees how it ended
  const isNew = (line: string) => connected.stderr.all.lastIndexOf(line) >= told
  const line = await connected.stderr.find((one) => one.includes('hoopctl approve') && isNew(one))
  const id = /A-\w{8}/u.exec(line)?.[0] ?? ''
  await store?.finds('questions/', id)
  return { called, id }
}

/** Repeats a call that was queued until it is sent; gives what it was told before, and what it was answered. */
export async function repeats(connected: Connected, name: string) {
  const told: unknown[] = []
  for (;;) {
    const result = await connected.callTool(write(name))
    if (result.isError !== true) return { told, result }
    told.push(result)
    if (told.length > 2000) throw new Error(`it never passed: ${JSON.stringify(result)}`)
    await new Promise((resolve) => setTimeout(resolve, 50)) // the answer is on its way
  }
}

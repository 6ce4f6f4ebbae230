import { expect, onTestFinished, vi } from 'vitest'
import { PersonNearby } from './a-desk.ts'
import { type Bench, type BenchOptions, benchOfOne, type Left } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'

/** `b` is asked about, and may be remembered; `c` is asked about now or never. */
export const RULES = `
rules:
  - allow: { tool: a }
  - name: writes
    ask: { tool: b }
    reason: writes reach production
    approval: { remember: { count: 3, for: 10m } }
  - name: now-or-never
    ask: { tool: c }
    approval: { onTimeout: deny }
approvals: { maxWaiting: 3 }
`

interface Asked {
  readonly bench: Bench
  readonly person: PersonNearby
}

/** Sets one shim up whose questions reach a person nearby. */
export async function benchWithPerson(sections = RULES, options: BenchOptions = {}): Promise<Asked> {
  const person = new PersonNearby()
  const bench = await benchOfOne(sections, { desk: person.desk, now: () => person.now, ...options })
  onTestFinished(() => person.close())
  await knowTools(bench, { name: 'a' }, { name: 'b', inputSchema: { type: 'object' } }, { name: 'c' })
  return { bench, person }
}

/** Waits until a held call has left one side or the other. */
export async function untilLeft(bench: Bench, ...lines: string[]): Promise<Left> {
  let sent = lines
  const look = async () => {
    const left = await bench.client(...sent)
    sent = []
    expect(left.client.length + left.server.length).toBeGreaterThan(0)
    return left
  }
  return vi.waitFor(look, { timeout: 60_000, interval: 10 })
}

import { describe, expect, it } from 'vitest'
import type { SessionFilter } from '../../src/audit/session-filter.ts'
import { FOOTER, newState, openLog, request, type State, tickingClock } from './a-log.ts'
import { listSessions } from './listed-sessions.ts'

const person = (email: string | null, sub: string) =>
  ({ issuer: 'https://login', sub, email, groups: [], kind: 'human' }) as const
const decided = (effect: 'allow' | 'ask' | 'deny') => ({ effect, rules: [], why: effect }) as const

/** Three sessions: ann's, on the 1st; bob's, then ann's, on the 2nd; nobody's, open, from the 3rd on. */
function threeSessions(): State {
  const state = newState()
  const first = openLog(state, { clock: tickingClock('2026-11-01T10:00:00.000Z') })
  first.append({ kind: 'context', cause: 'start', subject: person('ann@acme.example', '00u1a') })
  first.append(request(1, { tool: 'read', decision: decided('allow') }))
  first.append(request(2, { tool: 'drop', decision: decided('deny') }))
  first.close(FOOTER)
  const second = openLog(state, { clock: tickingClock('2026-11-02T10:00:00.000Z') })
  second.append({ kind: 'context', cause: 'start', subject: person('bob@acme.example', '00u2b') })
  second.append(request(1, { tool: 'read', decision: decided('deny') }))
  second.append({ kind: 'context', cause: 'sign-in', subject: person('ann@acme.example', '00u1a') })
  second.append(request(2, { tool: 'drop', decision: decided('ask') }))
  second.close(FOOTER)
  const third = openLog(state, { clock: tickingClock('2026-11-03T10:00:00.000Z') })
  third.append(request(1, { method: 'resources/read', decision: decided('allow') }))
  third.commit()
  return state
}

describe('sessions that fit a filter', () => {
  it.each<[Partial<SessionFilter>, number[]]>([
    [{}, [1, 2, 3]],
    [{ person: 'Ann@acme.example' }, [1, 2]],
    [{ person: '00u2b' }, [2]],
    [{ person: 'ann' }, []],
    [{ server: 'orders-db' }, [1, 2, 3]],
    [{ server: 'orders' }, []],
    [{ tool: 'drop' }, [1, 2]],
    [{ tool: 'resources/read' }, []],
    [{ effect: 'allow' }, [1, 3]],
    [{ effect: 'ask' }, [2]],
    [{ effect: 'deny' }, [1, 2]],
    [{ tool: 'drop', effect: 'deny' }, [1]],
    [{ tool: 'read', effect: 'deny' }, [2]],
    [{ since: new Date('2026-11-02T10:00:03Z') }, [2, 3]],
    [{ since: new Date('2026-11-02T10:00:06Z') }, [3]],
    [{ until: new Date('2026-11-02T10:00:00Z') }, [1, 2]],
    [{ until: new Date('2026-11-02T09:59:59Z') }, [1]],
    [{ since: new Date('2026-11-02T00:00:00Z'), until: new Date('2026-11-03T00:00:00Z') }, [2]],
    [{ person: 'ann@acme.example', tool: 'drop', effect: 'ask' }, [2]],
  ])('given %j, lists %j', (filter, numbers) => {
    expect(listSessions(threeSessions().sessions, filter).map(({ number }) => number)).toEqual(numbers)
  })
})

it('given the instants of a session’s first and last record, lists it: both ends count', () => {
  const { sessions } = threeSessions()
  const [, second] = listSessions(sessions, {})
  const [started, last] = [new Date(second?.started ?? ''), new Date(second?.last ?? '')]
  const listed = [listSessions(sessions, { until: started }), listSessions(sessions, { since: last })]
  expect(listed.map((each) => each.map(({ number }) => number))).toEqual([
    [1, 2],
    [2, 3],
  ])
})

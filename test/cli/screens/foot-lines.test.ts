import { expect, it } from 'vitest'
import { examine } from '../../../src/cli/approvals/examine.ts'
import { footLines } from '../../../src/cli/screens/foot-lines.ts'
import { firstState } from '../../../src/cli/screens/state.ts'
import { takeNews } from '../../../src/cli/screens/take-news.ts'
import { askedEntry, NOW, policyOf } from '../approvals/an-asked-question.ts'

it.each([40, 80, 200])(
  'given %i columns, the words before keys count take the room that the keys take',
  async (width) => {
    const own = { kind: 'policy', policy: await policyOf(), me: null, browser: true } as const
    const calls = [examine(askedEntry(), own, NOW)]
    const { state } = takeNews(firstState(null), { calls, remembered: [], ended: () => null })
    const [before, then] = [false, true].map((keysCount) => footLines(state, { width, rows: 24, keysCount }))
    expect([JSON.stringify(before).includes('approve'), JSON.stringify(then).includes('approve')]).toEqual([
      false,
      true,
    ])
    expect(before).toHaveLength(then?.length ?? 0)
  },
)

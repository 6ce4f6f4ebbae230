import { describe, expect, it } from 'vitest'
import { fairShare } from '../../../src/cli/approvals/fair-share.ts'

const whose = (item: string): string => item.charAt(0)

describe('[ATK-APPROVAL-STORE] a share of what is shown', () => {
  it.each([
    { items: ['a1', 'a2', 'b1'], most: 3, shown: ['a1', 'a2', 'b1'] },
    { items: ['a1', 'a2', 'a3', 'a4', 'b1', 'a5', 'c1'], most: 3, shown: ['a1', 'b1', 'c1'] },
    { items: ['a1', 'a2', 'a3', 'a4', 'b1', 'a5', 'c1'], most: 5, shown: ['a1', 'a2', 'a3', 'b1', 'c1'] },
    { items: ['a1', 'b1', 'c1'], most: 2, shown: ['a1', 'b1'] },
    { items: [], most: 2, shown: [] },
  ])('given $items and room for $most, shows $shown', ({ items, most, shown }) => {
    expect(fairShare(items, most, whose)).toEqual(shown)
  })
})

/**
 * Takes so many of what several people have, in the order in which it stands: of each the first before the second of any,
 * so that whoever has very many pushes out nobody else.
 */
export function fairShare<T>(items: readonly T[], most: number, whose: (item: T) => string): readonly T[] {
  if (items.length <= most) return items
  const counts = new Map<string, number>()
  const ranked = items.map((item) => {
    const nth = (counts.get(whose(item)) ?? 0) + 1
    counts.set(whose(item), nth)
    return { item, nth }
  })
  const taken = new Set(
    ranked
      .toSorted((one, other) => one.nth - other.nth)
      .slice(0, most)
      .map(({ item }) => item),
  )
  return items.filter((item) => taken.has(item))
}

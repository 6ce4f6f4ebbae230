/** Reads an instant that stands in a row as text; null: somebody wrote something else there. */
export function storedInstant(value: unknown): Date | null {
  const instant = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(instant.getTime()) ? null : instant
}

const DAYS = 20

/** Lets a policy of the documentation expire in some days: the pages name a date, and go on standing there after it. */
export function notExpired(policy: string): string {
  const soon = new Date(Date.now() + DAYS * 24 * 3600 * 1000).toISOString().replace(/T.*/, 'T00:00:00Z')
  return policy.replaceAll(/(?<=expires: )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, soon)
}

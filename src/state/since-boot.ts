/**
 * Tells the milliseconds of a clock that nobody sets, and that all processes of this machine read alike. After a restart
 * of the machine it begins anew: then a deadline by it is late, and never early.
 */
export function sinceBoot(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}

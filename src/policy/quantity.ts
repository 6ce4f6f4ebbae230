const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** Reads a time (`30s`, `5m`, `4h`, `90d`) as milliseconds or a size (`64KiB`) as bytes; the schema has checked its form. */
export function quantity(text: string): number {
  const [, digits = '0', unit = ''] = /^(\d+)([A-Za-z]+)$/u.exec(text) ?? []
  return Number(digits) * (UNITS[unit] ?? 0)
}

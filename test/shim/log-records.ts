export type LoggedRecord = Readonly<Record<string, unknown>>

/** Reads the records of some kinds out of a log's text, without what the log adds to each. */
export function recordsIn(log: string, kinds: readonly string[]): LoggedRecord[] {
  const records = log.split('\n').filter((line) => line !== '')
  return records
    .map((line): LoggedRecord => {
      const { seq: _seq, at: _at, prev: _prev, tookUs: _tookUs, ...record } = JSON.parse(line)
      return record
    })
    .filter(({ kind }) => kinds.includes(String(kind)))
}

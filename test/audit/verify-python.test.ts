import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifySession } from '../../src/audit/verify-session.ts'
import { exchange, FOOTER, linesOf, message, newState, openLog, request, type State } from './a-log.ts'

const SCRIPT = join(import.meta.dirname, 'verify.py')

/** What the two verifiers must agree on. */
interface Outcome {
  readonly ok: boolean
  readonly state: string
  readonly records: number
  readonly signedTo: number | null
}

function byPython(state: State, paths: readonly string[]): { outcomes: Outcome[]; status: number | null } {
  const args = [SCRIPT, join(state.path, 'device.pub'), ...paths]
  const { stdout, stderr, status } = spawnSync('python3', args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  expect(stderr).toBe('')
  const results = stdout
    .split('\n')
    .slice(0, -1)
    .map((line): Outcome & { problem: unknown } => JSON.parse(line))
  return {
    outcomes: results.map(({ ok, state: each, records, signedTo }) => ({
      ok,
      state: each,
      records,
      signedTo,
    })),
    status,
  }
}

function byUs(state: State, path: string): Outcome {
  const { ok, state: outcome, records, signedTo } = verifySession(path, state.known)
  return { ok, state: outcome, records, signedTo }
}

/** A log with text that verifiers in other languages may trip over. */
function oddLog(state: State): string {
  const log = openLog(state)
  log.append(
    request(1, {
      tool: 'ü \u2028 \u0007 \ud800 "quoted" 💥 /',
      answers: { b: 1, 10: 2, 9: 3, ['__proto__']: 4 },
    }),
  )
  log.append(request(2), {
    bytes: Buffer.from('{"message":{"a":1.50, "a":1e400},"x":"\\ud83d\\ude00 \u2028"} '),
    payload: 'requests',
  })
  log.append(request(3), message('x'.repeat(70_000), 'requests'))
  log.append(
    { kind: 'refused', from: 'client', why: 'no text' },
    { bytes: Buffer.from([255, 0]), payload: 'requests' },
  )
  exchange(log, 4)
  log.close(FOOTER)
  return log.path
}

describe('a verifier in Python, written from docs/session-log.md', () => {
  it('given good logs, finds that they hold', () => {
    const state = newState()
    const odd = oddLog(state)
    const long = openLog(state)
    for (let number = 1; number <= 200; number += 1) exchange(long, number)
    expect(byPython(state, [odd, long.path])).toEqual({
      outcomes: [
        { ok: true, state: 'complete', records: 8, signedTo: 7 },
        { ok: true, state: 'open', records: 402, signedTo: 257 },
      ],
      status: 0,
    })
    expect(byUs(state, odd)).toEqual({ ok: true, state: 'complete', records: 8, signedTo: 7 })
  })

  it('given the commands of docs/session-log.md, openssl finds the footer signed', () => {
    const state = newState()
    oddLog(state)
    const page = readFileSync(join(import.meta.dirname, '../../docs/session-log.md'), 'utf8')
    const commands = /```\n(tail[^`]+)```/.exec(page)?.[1]?.replace('00000017', '00000001') ?? ''
    const { stdout, status } = spawnSync('sh', ['-e', '-c', commands], { cwd: state.path, encoding: 'utf8' })
    expect({ stdout, status }).toEqual({ stdout: 'Signature Verified Successfully\n', status: 0 })
  })

  it('given another device, does not accept its log', () => {
    const state = newState()
    const log = openLog(newState())
    exchange(log, 1)
    log.close(FOOTER)
    expect(byPython(state, [log.path])).toEqual({
      outcomes: [{ ok: false, state: 'complete', records: 4, signedTo: 3 }],
      status: 7,
    })
  })

  it.each<[string, (lines: string[]) => string[]]>([
    ['a line that was taken out', (lines) => lines.toSpliced(2, 1)],
    ['lines that changed places', ([first = '', second = '', ...rest]) => [second, first, ...rest]],
    ['a value that was altered', (lines) => lines.map((line) => line.replace('alice-mbp', 'alice-mbq'))],
    ['a footer with other counts', (lines) => lines.map((line) => line.replace('"denied":1', '"denied":0'))],
    [
      'a key that stands twice',
      (lines) => lines.map((line) => line.replace('"number":1', '"number":1,"number":1')),
    ],
    ['a message that was altered', (lines) => lines.map((line) => line.replace('"a":1.50', '"a":1.51'))],
    ['a line behind the footer', (lines) => [...lines, lines.at(-1) ?? '']],
  ])('given %s, both find it broken', (_, tamper) => {
    const state = newState()
    const path = oddLog(state)
    writeFileSync(
      path,
      tamper(linesOf(path))
        .map((line) => `${line}\n`)
        .join(''),
    )
    const ours = byUs(state, path)
    expect(ours).toMatchObject({ ok: false, state: 'broken' })
    expect(byPython(state, [path])).toEqual({ outcomes: [ours], status: 7 })
  })

  it('given any third byte that is changed, and any third length, both say the same', () => {
    const state = newState()
    const log = openLog(state)
    exchange(log, 1)
    log.close(FOOTER)
    const original = readFileSync(log.path)
    const paths: string[] = []
    const keep = (bytes: Uint8Array) => {
      const path = join(state.path, `changed-${paths.length}.jsonl`)
      writeFileSync(path, bytes)
      paths.push(path)
    }
    for (let at = 0; at < original.length; at += 3) {
      keep(original.map((byte, index) => (index === at ? byte ^ 2 : byte)))
      keep(original.subarray(0, at))
    }
    expect(byPython(state, paths).outcomes).toEqual(paths.map((path) => byUs(state, path)))
  })
})

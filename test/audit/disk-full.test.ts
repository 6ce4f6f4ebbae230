import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionLog } from '../../src/audit/session-log.ts'
import { fileNameOf } from '../../src/audit/session-number.ts'
import { verifySession } from './verify-one.ts'
import { sha256 } from '../../src/digest.ts'
import { exchange, FOOTER, kindsOf, linesOf, message, newState, openLog, request, response } from './a-log.ts'

/** A real file system of 256 KiB; null where this user may not mount one. */
function mountSmallDisk(): string | null {
  const path = mkdtempSync(join(tmpdir(), 'hoopctl-small-'))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path]).status === 0) return path
  rmdirSync(path)
  return null
}

function unmount(path: string): void {
  execFileSync('umount', ['-l', path])
  rmdirSync(path)
}

const probe = mountSmallDisk()
if (probe !== null) unmount(probe)

function smallDisk(): string {
  const path = mountSmallDisk()
  if (path === null) throw new Error('the probe could mount, this could not')
  onTestFinished(() => unmount(path))
  return path
}

/** Fills a disk to its last byte, but for so many blocks. Gives what frees it again. */
function fill(disk: string, freeBlocks = 0): () => void {
  const block = Buffer.alloc(4096, 1)
  const filler = join(disk, 'filler')
  const spare = Array.from({ length: freeBlocks }, (_, index) => join(disk, `spare-${index}`))
  for (const path of [...spare, filler]) {
    const fd = openSync(path, 'w')
    try {
      do writeSync(fd, block)
      while (path === filler)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
    } finally {
      closeSync(fd)
    }
  }
  for (const path of spare) rmSync(path)
  return () => rmSync(filler)
}

/** Fills the last block of a log's file with records that are shorter than an answer and a footer. */
function takeRest(log: SessionLog): void {
  do log.append({ kind: 'notification', from: 'server', method: 'm' })
  while (log.commit() === 'all')
}

const large = (id: number) => message({ jsonrpc: '2.0', id, result: { text: 'x'.repeat(50_000) } })

describe.skipIf(probe === null)('a full disk', () => {
  it('given room that was kept, writes the answer without its message, then recovers when there is space', () => {
    const disk = smallDisk()
    const state = newState(disk)
    const log = openLog(state)
    exchange(log, 1)
    log.append(request(2))
    expect([log.roomFor(1), log.commit()]).toEqual([true, 'all'])
    const free = fill(disk)

    log.append(
      response(2, { changed: { hidden: ['a'], received: { bytes: 9, sha256: 'ab'.repeat(32) } } }),
      large(2),
    )
    expect([log.commit(), log.failure]).toEqual(['answers', 'no space is left on the disk'])
    const short = `,"from":"server","exchange":2,"tookUs":6085,"changed":{"received":{"bytes":9,"sha256":"${'ab'.repeat(32)}"}},"bytes":${large(2).bytes.length},"sha256":"${sha256(large(2).bytes)}"}`
    expect(linesOf(log.path).at(-1)?.slice(-short.length)).toBe(short)

    log.append(request(3), large(3))
    expect(log.commit()).toBe('none')
    free()
    log.append(request(4))
    expect([log.commit(), log.failure, log.roomFor(8)]).toEqual(['all', null, true])
    log.close(FOOTER)
    expect(kindsOf(log.path)).toEqual('header request response request response request footer'.split(' '))
    expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, state: 'complete', records: 7 })
  })

  it('given no room that was kept, writes nothing, not even the answer, and has no room', () => {
    const disk = smallDisk()
    const state = newState(disk)
    const log = openLog(state)
    exchange(log, 1)
    fill(disk)
    takeRest(log)
    const size = statSync(log.path).size
    log.append(response(2), large(2))
    expect([log.commit(), log.failure, log.roomFor(1)]).toEqual([
      'none',
      'no space is left on the disk',
      false,
    ])
    expect(statSync(log.path).size).toBe(size)
    expect(verifySession(log.path, state.known).ok).toBe(true)
  })

  it('given space for a part of a record, leaves no part of it behind', () => {
    const disk = smallDisk()
    const state = newState(disk)
    const log = openLog(state)
    exchange(log, 1)
    const before = statSync(log.path).size
    fill(disk, 3)
    log.append(request(2), large(2))
    expect(log.commit()).toBe('none')
    expect(statSync(log.path).size).toBe(before)
    exchange(log, 3)
    expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, records: 5 })
  })

  it('given 40 open answers and a disk that fills up, records each of them and the footer', () => {
    const disk = smallDisk()
    const state = newState(disk)
    const log = openLog(state)
    for (let open = 1; open <= 40; open += 1) {
      expect(log.roomFor(open)).toBe(true)
      log.append(request(open))
      expect(log.commit()).toBe('all')
    }
    fill(disk)
    const committed = Array.from({ length: 40 }, (_, index) => {
      log.append(response(index + 1, { isError: false }), large(index + 1))
      return log.commit()
    })
    expect(committed).toEqual(committed.map(() => 'answers'))
    takeRest(log)
    log.close(FOOTER)
    expect(kindsOf(log.path).filter((kind) => kind === 'response').length).toBe(40)
    expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, state: 'complete' })
  })

  it('given a disk that is full before the session begins, says so with what helps', () => {
    const disk = smallDisk()
    const state = newState(disk)
    mkdirSync(join(disk, 'more'))
    const free = fill(disk)
    expect(() => openLog(state)).toThrow(
      expect.objectContaining({
        code: 'STATE_UNWRITABLE',
        message: `cannot write \`${state.sessions}\`: no space is left on the disk`,
        hint: 'free some space on that disk',
      }),
    )
    free()
    expect(openLog(state).path).toBe(join(state.sessions, fileNameOf(1)))
  })
})

describe('a file that may not grow', () => {
  it('given a limit on the size of files, keeps the whole lines and says why it writes no more', () => {
    const state = newState()
    const script = join(import.meta.dirname, '../fixtures/audit/append-session.ts')
    const command = `ulimit -f 2000; exec '${process.execPath}' '${script}' '${state.path}'`
    const { stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect(stderr).toContain('the file has reached the largest size that is allowed')
    const verification = verifySession(join(state.sessions, fileNameOf(1)), state.known)
    expect(verification).toMatchObject({ ok: true, state: 'open' })
    expect(verification.note).not.toContain('half a line')
  })
})

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Events } from '../../src/state/events.ts'
import { PinStore } from '../../src/state/pins.ts'
import { TABLES_VERSION } from '../../src/state/tables.ts'
import { VersionMarks } from '../../src/state/version-marks.ts'
import { aQuestion, openApprovals } from './a-question.ts'
import { anActivation, at, edit, HOLDER, newPlace, openActivations } from './a-state.ts'

/** What hoopctl made before there were approvals, as it made it. */
const VERSION_1 = `
  CREATE TABLE IF NOT EXISTS pins (
    identity TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL,
    digest TEXT NOT NULL, definition TEXT NOT NULL, seen TEXT, PRIMARY KEY (identity, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS activations (
    id TEXT PRIMARY KEY, policy TEXT NOT NULL, "grant" TEXT NOT NULL, issuer TEXT NOT NULL, sub TEXT NOT NULL,
    device TEXT NOT NULL, started TEXT NOT NULL, expires TEXT NOT NULL, uses TEXT, reason TEXT,
    proof TEXT NOT NULL, deadline TEXT NOT NULL, used TEXT NOT NULL, ended TEXT, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS clock_mark (
    only INTEGER PRIMARY KEY CHECK (only = 1), at REAL NOT NULL, resets INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS version_marks (
    kind TEXT NOT NULL, key TEXT NOT NULL, version REAL NOT NULL, digest TEXT, PRIMARY KEY (kind, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, fields TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS shims (
    session TEXT PRIMARY KEY, pid INTEGER NOT NULL, mark TEXT NOT NULL, server TEXT NOT NULL, policy TEXT NOT NULL,
    started TEXT NOT NULL, subject TEXT NOT NULL, grants TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = 1`

const NAMES = ['pins', 'activations', 'clock_mark', 'version_marks', 'events', 'shims']

it('given the tables of an older hoopctl, keeps every row of them, and adds those of approvals', () => {
  const [old, place] = [newPlace(), newPlace()]
  // The rows are of today, put into the tables of then; the device key is the same.
  const filled = openActivations({ ...place, state: old.state, run: old.run })
  filled.activations.start(anActivation({ uses: 3 }))
  filled.activations.claimUse('one', at(1))
  const event = { kind: 'request', at: at(1), fields: { grant: 'g' } } as const
  new Events(filled.state).append(event)
  new VersionMarks(filled.state).raise('trust:00/p', 7, 'd')
  edit(old, `INSERT INTO pins VALUES ('id', 'db', 'tool:a', 'd', '1', NULL)`)
  edit(
    old,
    `INSERT INTO shims VALUES ('s1', 7, 'boot', 'orders', 'p', '2026-11-05T12:00:00.000Z', 'null', '[]')`,
  )
  mkdirSync(place.state, { mode: 0o700 })
  const umask = process.umask(0o077)
  edit(place, VERSION_1)
  process.umask(umask)
  const copies = NAMES.map((name) => `INSERT INTO ${name} SELECT * FROM old.${name}`)
  edit(place, `ATTACH '${join(old.state, 'state.db')}' AS old; ${copies.join('; ')}`)

  const rowsOf = ({ database }: typeof filled.state) =>
    NAMES.map((name) => database.all(`SELECT * FROM ${name}`))
  const { state, approvals } = openApprovals(place)
  expect(state.database.get('PRAGMA user_version')).toEqual({ user_version: TABLES_VERSION })
  expect(rowsOf(state)).toEqual(rowsOf(filled.state))
  expect(rowsOf(state).map((rows) => rows.length)).toEqual([1, 1, 1, 1, 1, 1])
  const { activations } = openActivations(place)
  expect([activations.live(HOLDER, at(2)).length, activations.usesLeft('one', at(2))]).toEqual([1, 2])
  expect(new PinStore(place.state).list()).toHaveLength(1)
  approvals.ask(aQuestion(), 7, at(2))
  expect(approvals.waiting(at(2))).toHaveLength(1)
})

/** The version of the tables below: a database with a higher one was made by a newer hoopctl. */
export const TABLES_VERSION = 1

/**
 * The tables of the shared database. All of an activation is text, so that whatever somebody wrote into a row can be read,
 * and then be refused by its seal; a number beyond 2^53 could not.
 */
export const TABLES = `
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
  PRAGMA user_version = ${TABLES_VERSION}`

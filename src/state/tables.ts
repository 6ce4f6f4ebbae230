/** The version of the tables below: a database with a higher one was made by a newer hoopctl. */
export const TABLES_VERSION = 5

/**
 * The tables of the shared database. Each is made where it is not there yet, so that whatever version stands there keeps
 * all that it holds: version 2 added what approvals need, versions 4 and 5 what evidence needs. All of an activation or a question is text, so that whatever
 * somebody wrote into a row can be read, and then be refused by its seal; a number beyond 2^53 could not.
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
  CREATE TABLE IF NOT EXISTS questions (
    id TEXT PRIMARY KEY, call TEXT NOT NULL, asked TEXT NOT NULL, expires TEXT NOT NULL, state TEXT NOT NULL,
    pid TEXT NOT NULL, mark TEXT NOT NULL, deadline TEXT NOT NULL, why TEXT, claim TEXT, seal TEXT NOT NULL,
    question TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS questions_by_state ON questions (state);
  CREATE INDEX IF NOT EXISTS questions_by_call ON questions (call);
  CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, approval TEXT NOT NULL, proof TEXT NOT NULL, answer TEXT NOT NULL,
    UNIQUE (approval, proof)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS claims (approval TEXT PRIMARY KEY, expires TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS remembered (
    approval TEXT PRIMARY KEY, session TEXT NOT NULL, call TEXT NOT NULL, label TEXT NOT NULL, what TEXT NOT NULL,
    times TEXT NOT NULL, until TEXT NOT NULL, deadline TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS remembered_by_call ON remembered (session, call);
  CREATE TABLE IF NOT EXISTS device_pins (
    issuer TEXT NOT NULL, sub TEXT NOT NULL, device TEXT NOT NULL, PRIMARY KEY (issuer, sub, device)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS confirmed_segments (
    number INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, session TEXT NOT NULL, line INTEGER NOT NULL,
    lines INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, object TEXT NOT NULL, sha256 TEXT NOT NULL,
    etag TEXT, version TEXT, confirmed TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0, UNIQUE (destination, session, line)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS confirmed_segments_untold ON confirmed_segments (number) WHERE told = 0;
  CREATE TABLE IF NOT EXISTS doubted_logs (
    destination TEXT NOT NULL, session TEXT NOT NULL, PRIMARY KEY (destination, session)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS uploaded_logs (
    destination TEXT NOT NULL, number INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (destination, number)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS upload_standing (
    policy TEXT NOT NULL, destination TEXT NOT NULL, fine REAL NOT NULL, boot REAL NOT NULL, idle REAL NOT NULL,
    code TEXT, message TEXT, hint TEXT, since TEXT, PRIMARY KEY (policy, destination)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS upload_spool (policy TEXT PRIMARY KEY, bytes REAL NOT NULL, unended TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${TABLES_VERSION}`

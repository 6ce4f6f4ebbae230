import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedFileStore } from '../../src/identity/encrypted-file-store.ts'
import type { SignInsOptions } from '../../src/identity/sign-ins.ts'
import { Locks } from '../../src/state/locks.ts'
import { loopbackHttp } from './http.ts'

/** A home of its own, removed at the end. */
export interface Home extends Disposable {
  readonly directory: string
}

/** Makes a home. */
export function aHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), 'hoopctl-sign-in-'))
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
}

/** Opens real parts in a home: encrypted files, locks between processes, http to loopback. */
export function partsIn(directory: string, now: () => Date): SignInsOptions {
  const locks = new Locks(join(directory, 'run'))
  return {
    store: encryptedFileStore({
      directory: join(directory, 'tokens'),
      uid: process.getuid?.() ?? 0,
      key: 'machine',
      passphrase: async () => null,
    }),
    http: loopbackHttp,
    now,
    withLock: (name, waitMs, work) => locks.withLock(name, waitMs, work),
    onEnded: (_tokens, keep) => keep(),
  }
}

import type { AsyncEntry } from '@napi-rs/keyring'

/** What is asked of a keychain. */
export interface KeychainRequest {
  /** The file that loads the native addon. */
  readonly addon: string
  /** `reach` sees whether somebody answers; `try` writes, reads and removes an entry, to see whether that can be done. */
  readonly verb: 'get' | 'set' | 'delete' | 'reach' | 'try'
  readonly account: string
  readonly secret: string
}

/**
 * What it answered. `absent`: no addon for this machine, or it does not load; `unreached`: nobody keeps secrets there;
 * `refused`: somebody does, and would not do it: locked, and nobody unlocked it.
 */
export type KeychainReply =
  | { readonly ok: true; readonly secret: string | null }
  | { readonly ok: false; readonly failure: 'absent' | 'unreached' | 'refused'; readonly why: string }

/**
 * Answers one request and no more; the program of the process that src/identity/ask-keychain.ts starts. It is handed over as
 * text, so nothing outside of it may be used here: no import, no constant of this file.
 */
export function answerOneRequest(): void {
  const { Worker } = process.getBuiltinModule('node:worker_threads')
  // Also while the keychain holds the thread that asks it (seen: already connecting does), and that thread cannot be ended.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.once('message', (request: KeychainRequest) => {
    const worker = new Worker(`(${ask.toString()})()`, { eval: true, workerData: request })
    worker.once('message', (reply: KeychainReply) => process.send?.(reply))
  })

  // Runs in the worker, as text too.
  async function ask(): Promise<void> {
    const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
    const { createRequire } = process.getBuiltinModule('node:module')
    const { addon, verb, account, secret } = workerData as KeychainRequest
    let failure: 'absent' | 'unreached' | 'refused' = 'absent'
    try {
      // Typed by what the package declares of this very file.
      const keyring = createRequire(addon)(addon) as { readonly AsyncEntry: typeof AsyncEntry }
      failure = 'unreached'
      // Without the pin the addon falls back, without a word, to the kernel's keyring, which a reboot empties.
      const entry = new keyring.AsyncEntry('hoopctl', account, { linux: { store: 'secret-service' } })
      failure = 'refused'
      if (verb === 'set' || verb === 'try') await entry.setPassword(secret)
      const found = verb === 'set' || verb === 'delete' ? null : await entry.getPassword()
      if (verb === 'delete' || verb === 'try') await entry.deletePassword()
      if (verb === 'try' && found !== secret) throw new Error('what was written is not what was read')
      parentPort?.postMessage({ ok: true, secret: verb === 'get' ? found : null })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      parentPort?.postMessage({ ok: false, failure, why })
    }
  }
}

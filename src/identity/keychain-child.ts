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
  process.once('message', (request: KeychainRequest) => {
    // Beside the call and not around it: a call that is answered need not wait for a second thread to start.
    new Worker(`(${endWithParent.toString()})()`, { eval: true }).unref()
    void ask(request).then((reply) => process.send?.(reply))
  })

  // Runs in a thread of its own, as text too: the keychain holds the one that asks it (seen: already connecting does).
  function endWithParent(): void {
    const { readSync } = process.getBuiltinModule('node:fs')
    readSync(0, new Uint8Array(1)) // nobody writes: it returns when whoever asked is gone
    process.kill(process.pid, 'SIGKILL')
  }

  async function ask({ addon, verb, account, secret }: KeychainRequest): Promise<KeychainReply> {
    const { createRequire } = process.getBuiltinModule('node:module')
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
      return { ok: true, secret: verb === 'get' ? found : null }
    } catch (error) {
      return { ok: false, failure, why: error instanceof Error ? error.message : String(error) }
    }
  }
}

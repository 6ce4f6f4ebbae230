import type { AsyncEntry } from '@napi-rs/keyring'

/** What is asked of a keychain. `try` writes, reads and removes an entry, to see whether that can be done. */
export interface KeychainRequest {
  /** The file that loads the native addon. */
  readonly addon: string
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
  // A call into a keychain cannot be interrupted, and would keep this process from exiting (seen: exit waits for it).
  const endNow = (): unknown => process.kill(process.pid, 'SIGKILL')
  process.on('disconnect', endNow) // whoever asked is gone, or has waited long enough
  process.once('message', (request: KeychainRequest) => {
    void answer(request).then((reply) => process.send?.(reply))
  })

  async function answer({ addon, verb, account, secret }: KeychainRequest): Promise<KeychainReply> {
    let failure: 'absent' | 'unreached' | 'refused' = 'absent'
    try {
      const { AsyncEntry: Entry } = load(addon)
      failure = 'unreached'
      // Without this the addon falls back, without a word, to the kernel's keyring, which a reboot empties.
      const entry = new Entry('hoopctl', account, { linux: { store: 'secret-service' } })
      failure = 'refused'
      return { ok: true, secret: await call(entry, verb, secret) }
    } catch (error) {
      return { ok: false, failure, why: error instanceof Error ? error.message : String(error) }
    }
  }

  // Typed by what the package declares of this very file.
  function load(addon: string): { readonly AsyncEntry: typeof AsyncEntry } {
    const { createRequire } = process.getBuiltinModule('node:module')
    return createRequire(addon)(addon) as { readonly AsyncEntry: typeof AsyncEntry }
  }

  async function call(
    entry: AsyncEntry,
    verb: KeychainRequest['verb'],
    secret: string,
  ): Promise<string | null> {
    if (verb === 'set' || verb === 'try') await entry.setPassword(secret)
    const found = verb === 'get' || verb === 'reach' || verb === 'try' ? await entry.getPassword() : null
    if (verb === 'delete' || verb === 'try') await entry.deletePassword()
    if (verb === 'try' && found !== secret) throw new Error('what was written is not what was read')
    return verb === 'get' ? found : null
  }
}

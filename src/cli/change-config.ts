import { resolve } from 'node:path'
import { ensurePrivateDirectory } from '../audit/private-files.ts'
import { Locks } from '../state/locks.ts'
import { type Config, configPath, readConfig } from './config-file.ts'
import { configText } from './config-text.ts'
import type { Context } from './context.ts'
import { replaceWhole } from './replace-whole.ts'

const LOCK_WAIT_MS = 5000

/**
 * Changes the person's settings: reads them, and writes what `change` makes of them, while no other process of ours does
 * the same. Comments are not kept. Throws as `readConfig` does, and STATE_UNWRITABLE.
 */
export async function updateConfig(context: Context, change: (config: Config) => Config): Promise<void> {
  const { config, run } = context.directories()
  ensurePrivateDirectory(config)
  await new Locks(run).withLock('config', LOCK_WAIT_MS, async () => {
    const changed = change(await readConfig(context))
    replaceWhole(
      configPath(context),
      configText({ ...changed, network: anywhere(changed.network, context) }),
      0o600,
    )
  })
}

// Clients start `wrap` in other directories than the one in which a file was named.
function anywhere(network: Config['network'], { workingDirectory }: Context): Config['network'] {
  if (network === null || network.caFile === null) return network
  return { ...network, caFile: resolve(workingDirectory, network.caFile) }
}

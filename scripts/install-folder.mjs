// usage: node scripts/install-folder.mjs DIR…
//
// Installs a folder that has a lock file of its own: programs that only some tests and the bench run (test/nodes/*,
// test/clients, test/bench/firewall). They are no dependencies of the package, so they are installed on demand.
import { resolve } from 'node:path'
import { installFolder } from './npm-ci.mjs'

try {
  for (const folder of process.argv.slice(2)) installFolder(resolve(folder))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

// usage: node scripts/install.mjs [--test-tools]
//
// The first step of every npm script. Runs on Node 18 and newer, silent and fast when nothing is to do.
// --test-tools: also makes sure of the programs that the tests drive.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installFolder } from './npm-ci.mjs'
import { installTestTools } from './test-tools.mjs'

try {
  installFolder(join(dirname(fileURLToPath(import.meta.url)), '..'))
  if (process.argv.includes('--test-tools')) installTestTools()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone that these tests run in. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The launcher that a person installs; `npm test` builds what it starts. */
export const HOOPCTL = join(ROOT, 'bin', 'hoopctl.js')

/** The Node that runs the tests: 24, whatever the system has. */
export const NODE = process.execPath

/** Returns the path of an executable in test/fixtures. */
export function fixture(name: string): string {
  return join(ROOT, 'test', 'fixtures', name)
}

/** Returns the path of a file inside an installed package. */
export function packageFile(name: string, file: string): string {
  const resolve = createRequire(import.meta.url).resolve
  for (const directory of resolve.paths(name) ?? []) {
    const manifest = join(directory, name, 'package.json')
    try {
      return join(dirname(resolve(manifest)), file)
    } catch {
      // not in this node_modules: the next one up may have it
    }
  }
  throw new Error(`${name} is not installed`)
}

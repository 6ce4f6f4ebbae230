// What bin/hoopctl.js loads once Node.js is known to be new enough. Kept small: what it imports is not cached yet.
import { createRequire, enableCompileCache } from 'node:module'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { compileCacheDirectory } from './compile-cache.ts'
import { CompiledCode } from './compiled-code.ts'
import { isLockThere } from './managed-lock.ts'
import { wakeOptimizers } from './optimizers.ts'
import { plainWrap } from './plain-wrap.ts'
import { silenceSqliteWarning } from './sqlite-warning.ts'

// Some clients kill what they started, so compiled code is not kept at the end alone.
const SETTLED_MS = 1000

silenceSqliteWarning(process)
const { platform } = process
const homeDirectory = () => userInfo().homedir
// Under a managed lock no variable says where code comes from. What the lock says is not read yet: that would cost more.
const env = isLockThere(platform) ? {} : process.env
const surroundings = { env, platform, homeDirectory, managed: () => null }
const directory = compileCacheDirectory(surroundings, process.getuid?.() ?? null)
if (plainWrap(process.argv.slice(2)) === null) {
  if (directory !== null) enableCompileCache(directory)
  void import('./main.ts')
} else {
  const isWanted = process.env['NODE_DISABLE_COMPILE_CACHE'] === undefined // as Node.js has it
  startWrap(new CompiledCode(isWanted ? directory : null, createRequire(import.meta.filename)))
}

/** Runs what clients start again and again, in a bundle of its own: src/cli/start-wrap.ts. */
function startWrap(code: CompiledCode): void {
  const keep = (): void => {
    wakeOptimizers()
    code.keep()
  }
  setTimeout(() => {
    keep()
    limitYoungGeneration()
  }, SETTLED_MS).unref()
  process.on('exit', keep)
  code.run(join(import.meta.dirname, 'wrap.cjs'))
}

// The young generation keeps the size that it has then, 8 MB. Left to itself it grows to 64 MB under load: measured, 185 MB in
// all and now 74. V8 reads this factor each time it thinks of growing. Any flag that is set makes V8 compile anew what it finds
// compiled, in the caches and in Node.js itself: set before the start it cost a tenth of it.
function limitYoungGeneration(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1')
}

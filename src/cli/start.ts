// What bin/hoopctl.js loads once Node.js is known to be new enough. Kept small: what it imports is not cached yet.
import { enableCompileCache } from 'node:module'
import { userInfo } from 'node:os'
import { compileCacheDirectory } from './compile-cache.ts'
import { isLockThere } from './managed-lock.ts'
import { plainWrap } from './plain-wrap.ts'
import { silenceSqliteWarning } from './sqlite-warning.ts'

silenceSqliteWarning(process)
const { platform } = process
const homeDirectory = () => userInfo().homedir
// Under a managed lock no variable says where code comes from. What the lock says is not read yet: that would cost more.
const env = isLockThere(platform) ? {} : process.env
const surroundings = { env, platform, homeDirectory, managed: () => null }
const directory = compileCacheDirectory(surroundings, process.getuid?.() ?? null)
// Measured: saves 8 of 73 ms of processor time at a start that loads the policy's packages (Node 24, 30 runs).
if (directory !== null) enableCompileCache(directory)
await (plainWrap(process.argv.slice(2)) === null ? import('./main.ts') : import('./start-wrap.ts'))

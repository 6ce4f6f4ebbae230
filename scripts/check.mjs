// usage: node scripts/check.mjs
//
// Looks the house over: types, lint, format, dead code, package. One line for each check, the output of those that
// fail, and `N passed, N failed` at the end.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const CHECKS = [
  { name: 'types', run: () => command('tsc', '--noEmit') },
  {
    name: 'lint, import directions, purity',
    run: () => command('oxlint', '--type-aware', '--deny-warnings'),
  },
  { name: 'format', run: () => command('biome', 'format', '.') },
  { name: 'dead code', run: () => command('knip', '--no-progress', '--treat-config-hints-as-errors') },
  // Only this one sees what lives for tests alone.
  { name: 'dead code in production', run: () => command('knip', '--no-progress', '--production') },
  { name: 'one version', run: oneVersion },
  { name: 'build', run: () => command('node', 'scripts/build.mjs') },
  { name: 'package', run: () => command('publint', '--strict') },
  {
    name: 'npm pack',
    run: () => command('npm', 'pack', '--dry-run', '--ignore-scripts', '--loglevel=error'),
  },
]

let failed = 0
for (const { name, run } of CHECKS) {
  const { ok, output } = run()
  console.log(`${ok ? 'ok    ' : 'failed'} ${name}`)
  if (ok) continue
  failed += 1
  console.log(output.trim().replaceAll(/^/gm, '    '))
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function command(program, ...args) {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH: path, NO_COLOR: '1' }
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ROOT, env, encoding: 'utf8' })
  if (error !== undefined) return { ok: false, output: error.message }
  return { ok: status === 0, output: `${stdout}\n${stderr}` }
}

function oneVersion() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const source = readFileSync(join(ROOT, 'src', 'version.ts'), 'utf8')
  const ok = source.includes(`VERSION = '${version}'\n`)
  return { ok, output: `package.json says ${version}, src/version.ts says something else` }
}

// Bundles src/cli/start.ts into dist/, with its dependencies but for one native addon, and generates what else the package carries.
//
//   dist/start.cjs, dist/main.js + chunks/, dist/wrap.cjs + wrap/ so that `wrap` loads only what it needs; not minified
//   dist/THIRD-PARTY-LICENSES.txt the licence of every package that went in
//   completions/                  what `hoopctl completion SHELL` prints
//
// Files that would not change are not touched, so a build beside a running hoopctl is harmless.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'
import { licenseTexts } from './licenses.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const COMPLETIONS = { bash: 'hoopctl.bash', zsh: '_hoopctl', fish: 'hoopctl.fish', powershell: 'hoopctl.ps1' }

// What every start loads is one file; what clients start again and again is bundled apart from the other commands.
const start = await bundle({
  root: ROOT,
  entry: 'src/cli/start.ts',
  name: 'start',
  format: 'cjs',
  folder: 'chunks',
  phases: null,
  elsewhere: { '/main.ts': './main.js' },
})
const wrap = await bundle({
  root: ROOT,
  entry: 'src/cli/start-wrap.ts',
  name: 'wrap',
  format: 'cjs',
  folder: 'wrap',
  phases: [
    ['src/cli/central/load-for-wrap.ts', 'src/policy/compile-policy.ts', 'src/cli/carry-session.ts'],
    'src/policy/compile-policy.ts',
    'src/cli/central/load-for-wrap.ts',
    'src/cli/carry-session.ts',
    'src/cli/beyond-local.ts',
  ],
})
const main = await bundle({
  root: ROOT,
  entry: 'src/cli/main.ts',
  name: 'main',
  format: 'esm',
  folder: 'chunks',
  phases: [],
})
const bundles = [start, wrap, main]
const files = bundles.flatMap((one) => one.files.map(([path, contents]) => [join('dist', path), contents]))
const modules = bundles.flatMap((one) => one.modules.map((module) => relative(ROOT, module)))
files.push(['dist/THIRD-PARTY-LICENSES.txt', Buffer.from(licenseTexts(modules, ROOT))])
// The entry comes last: whoever starts it meanwhile finds the chunks that it names.
files.sort(([a], [b]) => Number(a === 'dist/start.cjs') - Number(b === 'dist/start.cjs'))
for (const [path, contents] of files) writeIfChanged(path, contents)
removeAllBut(new Set(files.map(([path]) => path)))

for (const [shell, file] of Object.entries(COMPLETIONS)) {
  // A home of its own: a build leaves nothing in the one of the person who builds.
  const env = { ...process.env, HOOPCTL_HOME: join(ROOT, 'node_modules', '.cache', 'hoopctl') }
  const script = execFileSync(process.execPath, ['bin/hoopctl.js', 'completion', shell], { cwd: ROOT, env })
  writeIfChanged(join('completions', file), script)
}

function writeIfChanged(path, contents) {
  const target = join(ROOT, path)
  if (sameContents(target, contents)) return
  mkdirSync(dirname(target), { recursive: true })
  const temporary = `${target}.${process.pid}`
  writeFileSync(temporary, contents)
  renameSync(temporary, target)
}

function sameContents(target, contents) {
  try {
    return readFileSync(target).equals(contents)
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

function removeAllBut(kept) {
  for (const entry of readdirSync(join(ROOT, 'dist'), { recursive: true, withFileTypes: true })) {
    const path = relative(ROOT, join(entry.parentPath, entry.name))
    if (entry.isFile() && !kept.has(path)) rmSync(join(ROOT, path), { force: true })
  }
}

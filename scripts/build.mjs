// Bundles src/cli/start.ts into dist/, with its dependencies but for one native addon, and generates what else the package carries.
//
//   dist/start.js + dist/chunks/   one chunk for each dynamic import, so `wrap` loads only what it needs; not minified
//   dist/THIRD-PARTY-LICENSES.txt the licence of every package that went in
//   completions/                  what `hoopctl completion SHELL` prints
//
// Files that would not change are not touched, so a build beside a running hoopctl is harmless.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { licenseTexts } from './licenses.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const COMPLETIONS = { bash: 'hoopctl.bash', zsh: '_hoopctl', fish: 'hoopctl.fish', powershell: 'hoopctl.ps1' }

const settings = {
  absWorkingDir: ROOT,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  sourcemap: 'linked',
  // A native addon: the process that loads it finds it beside the package (docs/decisions/0005-keyring.md).
  external: ['@napi-rs/keyring'],
  legalComments: 'none', // dist/THIRD-PARTY-LICENSES.txt has the whole texts
  metafile: true,
  write: false,
}
// What clients start is bundled by itself, into few files: each file more costs a start about a millisecond.
const wrap = await build({
  ...settings,
  entryPoints: { wrap: 'src/cli/start-wrap.ts' },
  splitting: true,
  chunkNames: 'wrap/[name]-[hash]',
})
const wrapElsewhere = {
  name: 'wrap-elsewhere',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/start-wrap\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './wrap.js', external: true } : null,
    ),
}
const rest = await build({
  ...settings,
  entryPoints: ['src/cli/start.ts'],
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [wrapElsewhere],
})
const outputFiles = [...wrap.outputFiles, ...rest.outputFiles]
const inputs = { ...wrap.metafile.inputs, ...rest.metafile.inputs }
const files = outputFiles.map(({ path, contents }) => [relative(ROOT, path), withRequire(contents)])
files.push(['dist/THIRD-PARTY-LICENSES.txt', Buffer.from(licenseTexts(Object.keys(inputs), ROOT))])
// The entry comes last: whoever starts it meanwhile finds the chunks that it names.
files.sort(([a], [b]) => Number(a === 'dist/start.js') - Number(b === 'dist/start.js'))
for (const [path, contents] of files) writeIfChanged(path, contents)
removeAllBut(new Set(files.map(([path]) => path)))

for (const [shell, file] of Object.entries(COMPLETIONS)) {
  // A home of its own: a build leaves nothing in the one of the person who builds.
  const env = { ...process.env, HOOPCTL_HOME: join(ROOT, 'node_modules', '.cache', 'hoopctl') }
  const script = execFileSync(process.execPath, ['bin/hoopctl.js', 'completion', shell], { cwd: ROOT, env })
  writeIfChanged(join('completions', file), script)
}

// A CommonJS package in the bundle asks for Node.js's own modules by `require`, which an ECMAScript module has not. The one
// chunk that stands for it gets a real one, before its first line, so that source maps stay true for all others.
function withRequire(contents) {
  const asks = Buffer.from('typeof require !== "undefined" ? require')
  if (!Buffer.from(contents).includes(asks)) return contents
  const real = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url); '
  return Buffer.concat([Buffer.from(real), contents])
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

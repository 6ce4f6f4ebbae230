import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Collects the licence texts of the packages that the bundled files came from. Throws where a package has none. */
export function licenseTexts(inputs, root) {
  const folders = new Set(
    inputs
      .map(packageFolder)
      .filter((folder) => folder !== null)
      .sort(byName),
  )
  const texts = [...folders].map((folder) => licenseOf(join(root, folder), root))
  return `hoopctl contains these packages.\n\n${texts.join(`\n${'='.repeat(80)}\n\n`)}`
}

// The last `node_modules` counts: a package may bring another inside it.
function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? null
}

function licenseOf(folder, root) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry))
  const text =
    file === undefined ? standardText(name, license, root) : readFileSync(join(folder, file), 'utf8')
  return `${name} ${version} (${license})\n\n${text.trim()}\n`
}

// Some packages of the AWS SDK name their licence and leave out its text. That of Apache 2.0 is ours too, up to its end.
function standardText(name, license, root) {
  if (license !== 'Apache-2.0') throw new Error(`${name} has no licence file, so it cannot be bundled`)
  const own = readFileSync(join(root, 'LICENSE'), 'utf8')
  return own.slice(0, own.indexOf('APPENDIX:'))
}

function byName(a, b) {
  return a < b ? -1 : 1
}

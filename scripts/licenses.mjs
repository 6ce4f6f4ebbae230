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
  const texts = [...folders].map((folder) => licenseOf(join(root, folder)))
  return `hoopctl contains these packages.\n\n${texts.join(`\n${'='.repeat(80)}\n\n`)}`
}

// The last `node_modules` counts: a package may bring another inside it.
function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? null
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`${name} has no licence file, so it cannot be bundled`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}

function byName(a, b) {
  return a < b ? -1 : 1
}

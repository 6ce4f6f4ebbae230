import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// https://spdx.org/licenses/MIT.html
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

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
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry))
  const text =
    file === undefined
      ? standardText({ name, license, author }, root)
      : readFileSync(join(folder, file), 'utf8')
  return `${name} ${version} (${license})\n\n${text.trim()}\n`
}

// Some packages name their licence and leave out its text. That of Apache 2.0 is ours too, up to its end.
function standardText({ name, license, author }, root) {
  if (license === 'MIT' && author !== undefined) return `Copyright (c) ${author.name ?? author}\n\n${MIT}`
  if (license !== 'Apache-2.0') throw new Error(`${name} has no licence file, so it cannot be bundled`)
  const own = readFileSync(join(root, 'LICENSE'), 'utf8')
  return own.slice(0, own.indexOf('APPENDIX:'))
}

function byName(a, b) {
  return a < b ? -1 : 1
}

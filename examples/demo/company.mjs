// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { signInAt } from './browser.mjs'
import { FOLDER, machine } from './home.mjs'
import { succeed } from './hoopctl.mjs'
import { COMPANY, NODE, SERVER } from './places.mjs'

const OFFICE = { ...machine('office'), HOOPCTL_PASSPHRASE: 'of a key that lives as long as the demo' }
const DAY_MS = 24 * 3600 * 1000

/** Where the company keeps its evidence. */
export const EVIDENCE = join(FOLDER, 'evidence')

/** What the security team types: a key, who may sign, a signature. */
export const SIGNING = [
  ['policy', 'keygen', '--out', 'ann.key'],
  ['policy', 'trust', '--key', 'ann.key', '--out', 'trust/1.jws'],
  ['policy', 'sign', 'company.yaml', '--key', 'ann.key', '--trust', 'trust/1.jws', '--out', 'acme.jws'],
]

/** What Alice types: her policy's source, then who she is. Each laptop pins the digest of who may sign. */
export const JOINING = {
  add: (/** @type {string} */ digest) => ['policy', 'add', 'acme.jws', '--trust', digest, '--yes'],
  login: ['login', '--store', 'file'],
}

/**
 * Signs the company's policy for this provider and this machine's paths. Gives the digest that laptops pin, and what the
 * commands printed.
 * @param {string} issuer
 * @returns {Promise<{ digest: string, printed: readonly string[] }>}
 */
export async function signPolicy(issuer) {
  const run = JSON.stringify({ command: NODE, args: [SERVER] })
  const text = (await readFile(COMPANY, 'utf8'))
    .replace('https://login.acme.example', issuer)
    .replace('{ command: /opt/orders-db/server }', run)
    .replace('file:///srv/audit/', pathToFileURL(EVIDENCE).href)
    .replace(/(?<=expires: )[\w:-]+/, new Date(Date.now() + DAY_MS).toISOString())
  await writeFile(join(FOLDER, 'company.yaml'), text, { mode: 0o600 })
  await mkdir(join(FOLDER, 'trust'))
  /** @type {string[]} */
  const printed = []
  for (const words of SIGNING) printed.push(await succeed(OFFICE, words))
  return { digest: printed[1]?.trim() ?? '', printed }
}

/** @typedef {{ env: Readonly<Record<string, string>>, added: string, signedIn: string }} Laptop */

/**
 * Sets up a person's laptop: the company's policy, and a sign-in with a code that the person types in a browser.
 * @param {import('./people.mjs').Person} person
 * @param {string} digest
 * @returns {Promise<Laptop>}
 */
export async function setUpLaptop(person, digest) {
  const env = machine(person.sub)
  const added = await succeed(env, JOINING.add(digest))
  const signedIn = await succeed(env, JOINING.login, {
    // The code stands alone in a frame, its letters apart; the address below is where it is typed.
    told: /│ {3}(\S(?: \S)*) {3}│[^]*Type it at: (\S+)\n/,
    answer: (code, address) => signInAt(withCode(address, code), person),
  })
  return { env, added, signedIn }
}

/**
 * @param {string} address
 * @param {string} code
 */
function withCode(address, code) {
  const url = new URL(address)
  url.searchParams.set('user_code', code.replaceAll(' ', ''))
  return url.href
}

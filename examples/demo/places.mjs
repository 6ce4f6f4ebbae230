// @ts-check
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The Node.js that runs the demo. */
export const NODE = process.execPath
/** The launcher, as `npm install -g hoopctl` would put it on the path. */
export const HOOPCTL = join(ROOT, 'bin', 'hoopctl.js')
export const SERVER = join(ROOT, 'examples', 'orders-db', 'server.mjs')
export const POLICY = join(ROOT, 'examples', 'orders-db', 'policy.yaml')

/** What a company says of the same server; the demo signs it. */
export const COMPANY = join(ROOT, 'examples', 'orders-db', 'company.yaml')

/** Where the page of a session is left for the reader: it outlives the demo. */
export const PAGE = join(ROOT, 'dist', 'demo-session.html')

/** What a client runs without hoopctl. */
export const BARE = [NODE, SERVER]
/** What it runs with hoopctl: the same, behind `wrap`. */
export const WRAPPED = [NODE, HOOPCTL, 'wrap', '--policy', POLICY, '--server', 'orders-db', '--', ...BARE]

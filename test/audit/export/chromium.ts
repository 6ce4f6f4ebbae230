import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { accessSync, constants } from 'node:fs'
import { execa } from 'execa'

/** Says why no page can be opened on this machine; null: it can. For `describe.skipIf`, and for its title. */
export function whyNoChromium(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => isProgram(join(folder, 'chromium'))) ? null : 'no chromium on this machine'
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

// It asks nobody for updates, and its own files are gone with the folder.
const QUIET =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Opens an address in a new Chromium and gives its document, as it is once all has run and loaded. */
export async function documentAt(url: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-chromium-'))
  try {
    const args = [...QUIET.split(' '), `--user-data-dir=${folder}`, '--dump-dom', url]
    const env = { PATH: process.env['PATH'], HOME: folder }
    const { stdout } = await execa('chromium', args, { env, extendEnv: false })
    return stdout
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A server on loopback that remembers what it was asked for. */
export interface Listener extends AsyncDisposable {
  readonly origin: string
  readonly asked: readonly string[]
}

/** Starts one. */
export async function listener(): Promise<Listener> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A socket where a bus might be, that takes connections and never says a word. */
export interface SilentBus {
  readonly bus: string
  /** Fulfilled when somebody has connected. */
  readonly connected: Promise<void>
  /** Whether anybody has. */
  readonly isConnected: () => boolean
  /** Fulfilled when whoever connected is gone. */
  readonly abandoned: Promise<void>
  readonly stop: () => void
}

/** Starts one. */
export async function startSilentBus(): Promise<SilentBus> {
  const folder = mkdtempSync(join(tmpdir(), 'silent-'))
  const connections = new Set<Socket>()
  const opened = Promise.withResolvers<undefined>()
  const closed = Promise.withResolvers<undefined>()
  const server = createServer((connection) => {
    connections.add(connection.resume())
    opened.resolve(undefined)
    connection.on('error', () => undefined)
    connection.on('close', () => closed.resolve(undefined))
  })
  const path = join(folder, 'bus')
  await once(server.listen(path), 'listening')
  const stop = (): void => {
    for (const connection of connections) connection.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    bus: `unix:path=${path}`,
    connected: opened.promise,
    isConnected: () => connections.size > 0,
    abandoned: closed.promise,
    stop,
  }
}

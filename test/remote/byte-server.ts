import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A server that answers every connection with the same bytes, and hangs up. */
export interface ByteServer extends AsyncDisposable {
  readonly url: URL
}

/** Starts a server on loopback that answers the first bytes of a request with these, whatever they mean. */
export async function startAnsweringBytes(bytes: string): Promise<ByteServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined) // the client may hang up first
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

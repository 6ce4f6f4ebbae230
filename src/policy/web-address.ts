const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Says what is wrong with a URL that something is sent to, in one clause; null: nothing. Plain http is for loopback. */
export function faultOfWebAddress(text: string): string | null {
  const url = URL.parse(text)
  if (url === null) return 'it is no URL'
  if (!isHttps(url)) return 'it has no https URL; plain http is for one on this machine'
  if (url.username !== '' || url.password !== '') return 'a URL here has no user or password'
  return url.hash === '' ? null : 'a URL here has no fragment'
}

/** Says whether a URL is https, or plain http to this machine. */
export function isHttps({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))
}

// @ts-check

/** @typedef {{ url: URL, text: string }} Page */

const MOST_STEPS = 12

/**
 * Plays a person in a new browser: opens an address, signs in, agrees to what is asked, until a page asks nothing more.
 * @param {string} address
 * @param {import('./people.mjs').Person} person
 */
export async function signInAt(address, person) {
  /** @type {Map<string, string>} */
  const cookies = new Map()
  let page = await load(new URL(address), null, cookies)
  for (let posts = 0; posts < MOST_STEPS; posts++) {
    const form = formOf(page, person)
    if (form === null) return
    page = await load(form.action, form.fields, cookies)
  }
  throw new Error(`the pages at ${address} never end`)
}

/**
 * Asks for a page, and follows where it leads: the last step of a sign-in is the address where hoopctl waits.
 * @param {URL} address
 * @param {URLSearchParams | null} fields
 * @param {Map<string, string>} cookies
 * @returns {Promise<Page>}
 */
async function load(address, fields, cookies) {
  let [url, body] = [address, fields]
  for (let hops = 0; hops < MOST_STEPS; hops++) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const headers = url.origin === address.origin ? { cookie } : {}
    const method = body === null ? 'GET' : 'POST'
    const answer = await fetch(url, { method, body, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) keep(line, cookies)
    const text = await answer.text()
    const location = answer.headers.get('location')
    if (location === null) return { url, text }
    url = new URL(location, url)
    body = null
  }
  throw new Error(`${address.href} redirects in a circle`)
}

/**
 * @param {string} line
 * @param {Map<string, string>} cookies
 */
function keep(line, cookies) {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
  if (value === '') cookies.delete(name)
  else cookies.set(name, value)
}

/**
 * Reads the first form of a page, and fills it in; null where there is none.
 * @param {Page} page
 * @param {import('./people.mjs').Person} person
 */
function formOf({ url, text }, { sub }) {
  const [, head, inside = ''] = /<form([^>]*)>([\s\S]*?)<\/form>/.exec(text) ?? []
  if (head === undefined) return null
  const fields = new URLSearchParams()
  for (const [input] of inside.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, 'name')
    if (name !== '') fields.set(name, attribute(input, 'value'))
  }
  if (fields.has('login')) fields.set('login', sub)
  if (fields.has('password')) fields.set('password', 'any is taken')
  return { action: new URL(attribute(head, 'action'), url), fields }
}

/**
 * @param {string} tag
 * @param {string} name
 */
function attribute(tag, name) {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? ''
}

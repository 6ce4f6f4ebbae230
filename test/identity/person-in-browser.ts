/** A page as the person sees it: its address, text, and where a redirect left the provider. */
export interface Page {
  readonly url: URL
  readonly status: number
  readonly text: string
}

interface Form {
  readonly id: string | null
  readonly action: URL
  readonly fields: URLSearchParams
}

/** Plays the person in the browser: keeps cookies, follows redirects, posts the forms that it is told to. */
export class PersonInBrowser {
  readonly #cookies = new Map<string, string>()

  /**
   * Opens an address and answers one form after another until a page has none.
   * @param answer fills a form's fields; `close`: closes the window instead; `cancel`: follows the link that says so
   */
  async go(address: URL, answer: (form: Form) => 'post' | 'close' | 'cancel'): Promise<Page> {
    let page = await this.#request(address, null)
    for (let posts = 0; posts < 12; posts++) {
      const form = formOf(page)
      const act = form === null ? 'close' : answer(form)
      if (form === null || act === 'close') return page
      const cancelled = act === 'cancel' ? new URL(`${form.action.pathname}/abort`, form.action) : null
      page = await this.#request(cancelled ?? form.action, cancelled === null ? form.fields : null)
    }
    throw new Error(`the pages of ${address.origin} never end`)
  }

  async #request(address: URL, body: URLSearchParams | null): Promise<Page> {
    let url = address
    let form = body
    for (let hops = 0; hops < 12; hops++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = url.origin === address.origin ? { cookie } : {}
      const method = form === null ? 'GET' : 'POST'
      const answer = await fetch(url, { method, body: form, redirect: 'manual', headers })
      for (const line of answer.headers.getSetCookie()) this.#keep(line)
      const location = answer.headers.get('location')
      if (location === null) return { url, status: answer.status, text: await answer.text() }
      await answer.arrayBuffer()
      url = new URL(location, url)
      form = null
    }
    throw new Error(`${address.href} redirects in a circle`)
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}

function formOf({ url, text }: Page): Form | null {
  const form = /<form([^>]*)>([\s\S]*?)<\/form>/.exec(text)
  if (form === null) return null
  const fields = new URLSearchParams()
  for (const [input] of (form[2] ?? '').matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, 'name')
    if (name !== null) fields.set(name, attribute(input, 'value') ?? '')
  }
  const action = attribute(form[1] ?? '', 'action')
  return { id: attribute(form[1] ?? '', 'id'), action: new URL(action ?? '', url), fields }
}

function attribute(tag: string, name: string): string | null {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? null
}

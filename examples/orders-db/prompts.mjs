// @ts-check

/** The one prompt of this server, as a list shows it. */
export const PROMPTS = [
  {
    name: 'answer_customer',
    description: 'Answer a customer who asks about an order.',
    arguments: [{ name: 'order', description: 'the number of the order', required: true }],
  },
]

/**
 * Writes the messages of a prompt. Throws where there is none of that name.
 * @param {string} name
 * @param {Readonly<Record<string, string>>} args
 */
export function getPrompt(name, args) {
  if (name !== 'answer_customer') throw new Error(`there is no prompt ${JSON.stringify(name)}`)
  const text = `Look up order ${args.order} and write two friendly sentences: where it is, and when it comes.`
  return {
    messages: [
      { role: /** @type {const} */ ('user'), content: { type: /** @type {const} */ ('text'), text } },
    ],
  }
}

// @ts-check

/**
 * @typedef {object} Person somebody of the company, as its provider knows them
 * @property {string} sub
 * @property {string} email
 * @property {readonly string[]} groups
 */

/** @type {Person} */
export const ALICE = { sub: 'alice', email: 'alice@acme.example', groups: ['engineering'] }
/** @type {Person} */
export const BOB = { sub: 'bob', email: 'bob@acme.example', groups: ['support'] }

/**
 * Says what the provider tells of an account; nothing but its name of one that it does not know.
 * @param {string} sub
 */
export function claimsOf(sub) {
  const person = [ALICE, BOB].find((one) => one.sub === sub)
  return { sub, ...(person && { email: person.email, email_verified: true, groups: person.groups }) }
}

// @ts-check

/**
 * @typedef {object} Scene a call that the client makes twice, and what is promised to come of it through hoopctl
 * @property {string} about
 * @property {string} name
 * @property {Record<string, unknown>} args
 * @property {'same' | 'denied'} outcome
 * @property {readonly string[]} rules
 */

/** @type {readonly Scene[]} */
export const SCENES = [
  {
    about: 'A read that a rule allows',
    name: 'read_table',
    args: { table: 'shop.orders', limit: 3 },
    outcome: 'same',
    rules: ['rules.shop-tables'],
  },
  {
    about: 'The same tool with another argument: a condition refuses it',
    name: 'read_table',
    args: { table: 'hr.salaries', limit: 3 },
    outcome: 'denied',
    rules: ['rules.no-salaries'],
  },
  {
    about: 'A tool that the policy denies',
    name: 'delete_customer',
    args: { id: 7 },
    outcome: 'denied',
    rules: ['rules.keep-customers'],
  },
  {
    about: 'A small refund: allowed',
    name: 'refund_order',
    args: { id: 1042, amount: 27.8 },
    outcome: 'same',
    rules: ['rules.small-refunds'],
  },
]

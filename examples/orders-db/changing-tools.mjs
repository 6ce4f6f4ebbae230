// @ts-check
const CHANGES = { readOnlyHint: false, openWorldHint: false }

/**
 * The tools that change something.
 * @type {Readonly<Record<string, import('./tools.mjs').Tool>>}
 */
export const changingTools = {
  refund_order: {
    description: 'Pay back an order, in part or whole, in euros.',
    annotations: { ...CHANGES, destructiveHint: false, idempotentHint: false },
    properties: { id: { type: 'integer' }, amount: { type: 'number', exclusiveMinimum: 0 } },
    run: async (database, { id, amount }) => {
      const sql = `UPDATE shop.orders SET refunded = refunded + $2, status = 'refunded'
        WHERE id = $1 AND refunded + $2 <= total RETURNING total, refunded`
      const { rows } = await database.query(sql, [id, amount])
      const [order] = /** @type {{ total: string, refunded: string }[]} */ (rows)
      if (order === undefined) throw new Error(`order ${id} is unknown, or was not so dear`)
      return `order ${id}: ${order.refunded} of ${order.total} euros paid back`
    },
  },
  delete_customer: {
    description: 'Delete a customer and all of their orders.',
    annotations: { ...CHANGES, destructiveHint: true, idempotentHint: true },
    properties: { id: { type: 'integer' } },
    run: async (database, { id }) => {
      const orders = await database.query('DELETE FROM shop.orders WHERE customer = $1', [id])
      const customers = await database.query('DELETE FROM shop.customers WHERE id = $1', [id])
      return `deleted ${customers.affectedRows} customer and ${orders.affectedRows} orders`
    },
  },
}

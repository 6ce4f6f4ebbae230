/** What oidc-provider keeps of one thing. */
type Payload = Record<string, unknown>

/** Makes what oidc-provider keeps things in: in memory, and still there when its keys are changed by starting it anew. */
export function createMemory(): (model: string) => object {
  const entries = new Map<string, Payload>()
  return (model) => {
    const key = (id: string) => `${model}:${id}`
    const findBy = (name: string, value: string) =>
      [...entries].find(([at, payload]) => at.startsWith(`${model}:`) && payload[name] === value)?.[1]
    return {
      upsert: async (id: string, payload: Payload) => void entries.set(key(id), payload),
      find: async (id: string) => entries.get(key(id)),
      findByUserCode: async (code: string) => findBy('userCode', code),
      findByUid: async (uid: string) => findBy('uid', uid),
      destroy: async (id: string) => void entries.delete(key(id)),
      consume: async (id: string) => {
        const payload = entries.get(key(id))
        if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000)
      },
      revokeByGrantId: async (grantId: string) => {
        for (const [at, payload] of entries) if (payload['grantId'] === grantId) entries.delete(at)
      },
    }
  }
}

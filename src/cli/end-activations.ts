import type { Activation } from '../activation.ts'
import type { Context } from './context.ts'
import { withDeviceState } from './device-state.ts'

/** Which activations end, whatever policy gave them, and why. */
interface Ending {
  readonly issuer: string
  readonly isMeant: (activation: Activation) => boolean
  readonly why: string
}

/** Ends activations of people of one issuer on this device, for good and in all sessions. Throws what opening the state throws. */
export async function endActivations({ issuer, isMeant, why }: Ending, context: Context): Promise<void> {
  await withDeviceState(context, ({ activations, events, shared }) => {
    const now = context.now()
    const meant = activations.live({ issuer }, now).filter(isMeant)
    if (meant.length === 0) return
    shared.database.durably(() => {
      for (const { id, grant } of meant) {
        activations.end({ id }, now)
        events.append({ kind: 'ended', at: now, fields: { grant, why } })
      }
    })
    shared.ring()
  })
}

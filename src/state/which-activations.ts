import type { Activation } from '../activation.ts'

/** Whose activations: of one subject, under one policy, on one device. */
type Holder = Pick<Activation, 'policy' | 'issuer' | 'sub' | 'device'>

/** Which activations: those that agree in each member that is there. */
export type Which = Partial<Holder & Pick<Activation, 'id' | 'grant'>>

/** Tells whether an activation is one of those that are meant. */
export function agrees(activation: Activation, which: Which): boolean {
  const names = ['id', 'policy', 'grant', 'issuer', 'sub', 'device'] as const
  return names.every((name) => which[name] === undefined || which[name] === activation[name])
}

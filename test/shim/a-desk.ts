import { uptime } from 'node:os'
import { join } from 'node:path'
import type { Answer, Question, Receipt } from '../../src/approval.ts'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { challengeOf } from '../../src/call-digest.ts'
import { checkReceipt } from '../../src/identity/check-receipt.ts'
import { SharedApprovals } from '../../src/shim/shared-approvals.ts'
import { Approvals, type StoredQuestion } from '../../src/state/approvals.ts'
import { ClockMark } from '../../src/state/clock-mark.ts'
import { openSharedState, type SharedState } from '../../src/state/shared-state.ts'
import { startMark } from '../../src/state/start-mark.ts'
import { terminalProofText } from '../../src/terminal-proof.ts'
import type { DeskMachine } from './bench-of-one.ts'

function sealKey(device: DeskMachine['device']) {
  return {
    publicKey: device.id,
    sign: (bytes: Uint8Array) => device.sign(bytes),
    verify: (bytes: Uint8Array, signature: Uint8Array) => device.verify(bytes, signature),
  }
}

/** A person at another terminal of the same machine, and the desk at which the bench's shim asks. */
export class PersonNearby {
  /** What the clock of this machine is ahead, in milliseconds. */
  aheadMs = 0
  /** Has the machine gone down since, and its processes with it, as far as the shared state can see? */
  wentDown = false
  #machine: DeskMachine | null = null
  #state: SharedState | null = null
  #own: Approvals | null = null

  /** Opens the desk of the shim, and the person's own look at the same state. */
  readonly desk = (machine: DeskMachine): SharedApprovals => {
    this.#machine = machine
    const run = join(machine.state, 'run')
    const key = sealKey(machine.device)
    const shim = openSharedState(machine.state, run)
    this.#state = openSharedState(machine.state, run)
    const startOf = (pid: number) => `${this.wentDown ? 'after' : 'before'} ${startMark(pid)}`
    this.#own = new Approvals(this.#state, { key, clock: new ClockMark(this.#state), startOf })
    const { say } = machine
    const now = () => this.now
    const onRefused = ({ why }: { readonly why: string }) => say(`a question was removed: ${why}`)
    return new SharedApprovals(shim, {
      approvals: new Approvals(shim, {
        key,
        clock: new ClockMark(shim),
        onRefused,
        startOf,
        uptime: () => (this.wentDown ? 0 : uptime()),
      }),
      device: key.publicKey,
      pid: process.pid,
      now,
      say,
      check: (receipt, question, call, session) =>
        checkReceipt(receipt, question, {
          personOfKey: () => null,
          oidc: null,
          call,
          session,
          now: this.now,
        }),
    })
  }

  get now(): Date {
    return new Date(Date.now() + this.aheadMs)
  }

  get approvals(): Approvals {
    if (this.#own === null) throw new Error('the desk was not opened yet')
    return this.#own
  }

  waiting(): StoredQuestion[] {
    return this.approvals.waiting(this.now)
  }

  /** The one question that waits. */
  question(): Question {
    const [one, ...others] = this.waiting()
    if (one === undefined || others.length > 0) throw new Error(`${others.length} more or none waits`)
    return one.question
  }

  /** Makes a receipt as the screen does; `more` replaces members of it. */
  receipt(question: Question, more: Partial<Receipt> = {}): Receipt {
    const { call, approval, device, random, expires, session } = question
    const head = { call, approval, device, random, expires }
    const made = {
      format: 'hoopctl-approval/1',
      answer: 'approve',
      ...head,
      binds: { session },
      edited: null,
      remember: null,
      at: this.now.toISOString(),
      ...more,
    } as const
    const challenge = challengeOf({ ...head, call: made.call, remember: made.remember, edited: made.edited })
    const signature = Buffer.from(this.#key().sign(terminalProofText(challenge, 'alice'))).toString(
      'base64url',
    )
    return { ...made, proof: more.proof ?? { kind: 'terminal', user: 'alice', signature } }
  }

  approve(question = this.question(), more: Partial<Receipt> = {}): string {
    return this.answer({ kind: 'approve', receipt: this.receipt(question, more) }, question)
  }

  deny(message: string | null = null, question = this.question()): string {
    const { approval } = question
    return this.answer({ kind: 'deny', approval, by: 'alice', message, at: this.now.toISOString() }, question)
  }

  answer(answer: Answer, { approval }: Question): string {
    return this.approvals.answer(approval, answer, this.now)
  }

  close(): void {
    this.#state?.close()
  }

  #key(): DeskMachine['device'] {
    if (this.#machine === null) throw new Error('the desk was not opened yet')
    return loadDeviceKey(this.#machine.state)
  }
}

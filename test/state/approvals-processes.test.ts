import { describe, expect, it } from 'vitest'
import type { ReceiptProof } from '../../src/approval.ts'
import { startMark } from '../../src/state/start-mark.ts'
import { aDenial, anApproval, aQuestion, idOf, openApprovals } from './a-question.ts'
import { at, newPlace, type Place, type Started, startScript } from './a-state.ts'

const numbers = (count: number) => Array.from({ length: count }, (_each, index) => index + 1)
const idsTo = (count: number) => numbers(count).map(idOf)

/** A place where so many questions wait. */
function asked(count: number): Place {
  const place = newPlace()
  const { approvals, state } = openApprovals(place)
  for (const approval of idsTo(count)) {
    approvals.ask(aQuestion({ approval }), 7, at(0))
    approvals.queue(approval, at(0))
  }
  state.close()
  return place
}

async function go(all: readonly Started[]): Promise<void> {
  for (const each of all) expect(await each.line()).toBe('ready')
  for (const { child } of all) child.stdin?.write('go\n')
}

/** What each printed between its mark that it is ready and the one that it is done. */
async function saidBy(all: readonly Started[]): Promise<string[][]> {
  const ended = await Promise.all(all.map(({ ended }) => ended))
  return ended.map(({ lines }) => lines.filter((line) => line !== 'ready' && line !== 'end'))
}

describe('processes', () => {
  it('[ATK-APPROVAL-REPLAY] given eight that claim the same 20 questions at once, each passes once', async () => {
    const place = asked(20)
    const claimers = numbers(8).map((each) =>
      startScript('claim-questions.ts', place, `s${each}`, ...idsTo(20)),
    )
    await go(claimers)
    const won = await saidBy(claimers)
    expect(won.flat().toSorted()).toEqual(idsTo(20).toSorted())
    const { approvals } = openApprovals(place)
    for (const [index, ids] of won.entries()) {
      for (const id of ids) expect(approvals.get(id, at(61))?.claim?.session).toBe(`s${index + 1}`)
    }
  })

  it('[ATK-APPROVAL-REPLAY] given claimers that are killed in the middle, no question passes twice, and who has it is known', async () => {
    const count = 150
    const place = asked(count)
    const known = new Map<string, string>()
    for (let run = 1; run <= 4; run += 1) {
      const names = [`${run}a`, `${run}b`]
      const pair = names.map((name) => startScript('claim-questions.ts', place, name, ...idsTo(count)))
      await go(pair)
      const [first] = pair
      const marks = run < 4 ? numbers(1 + Math.floor(Math.random() * 12)) : []
      for (const _mark of marks) await first?.line()
      if (run < 4) for (const { child } of pair) child.kill('SIGKILL')
      for (const [index, ids] of (await saidBy(pair)).entries()) {
        for (const id of ids) {
          expect(known.get(id)).toBeUndefined()
          known.set(id, names[index] ?? '')
        }
      }
    }
    const { approvals, refused, state } = openApprovals(place)
    expect(state.database.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    for (const id of idsTo(count)) {
      const found = approvals.get(id, at(61))
      // One that nobody told of was claimed by a process that died before it could: its outcome stays unknown.
      const session = known.get(id) ?? expect.stringMatching(/^[123][ab]$/u)
      expect(found).toMatchObject({ state: 'used', claim: { session, exchange: 1, outcome: 'unknown' } })
    }
    expect(refused).toEqual([])
  })

  it('given eight that answer one question at once, all answers are kept', async () => {
    const place = asked(1)
    const proofs = numbers(8).map(
      (each): ReceiptProof => ({ kind: 'key', key: `k${each}`, signature: `s${each}` }),
    )
    const answers = proofs.map((proof) => anApproval(aQuestion({ approval: idOf(1) }), proof))
    const people = answers.map((answer) =>
      startScript('answer-questions.ts', place, JSON.stringify(answer), idOf(1)),
    )
    await go(people)
    expect(await saidBy(people)).toEqual(people.map(() => [`${idOf(1)} taken`]))
    const kept = openApprovals(place).approvals.get(idOf(1), at(61))?.answers ?? []
    expect(kept).toHaveLength(8)
    expect(kept).toEqual(expect.arrayContaining(answers))
  })

  it('given one that denies while another claims, each question is either denied or used', async () => {
    const place = asked(40)
    const denial = JSON.stringify(aDenial('ID'))
    const denier = startScript('answer-questions.ts', place, denial, ...idsTo(40))
    const claimer = startScript('claim-questions.ts', place, 's1', ...idsTo(40).toReversed())
    await go([denier, claimer])
    const [said = [], won = []] = await saidBy([denier, claimer])
    const denied = said.filter((line) => line.endsWith(' taken')).map((line) => line.replace(' taken', ''))
    expect([...denied, ...won].toSorted()).toEqual(idsTo(40).toSorted())
  })

  it('given a shim that holds a question and is killed, the question is off the screens', async () => {
    const place = newPlace()
    const shim = startScript('ask-question.ts', place)
    shim.child.stdin?.end(JSON.stringify(aQuestion()))
    expect(await shim.line()).toBe('asked')
    const { approvals } = openApprovals(place, { startOf: startMark })
    expect(approvals.waiting(at(1))).toMatchObject([{ pid: shim.child.pid, state: 'held' }])
    shim.child.kill('SIGKILL')
    await shim.ended
    expect(approvals.waiting(at(1))).toEqual([])
  })
})

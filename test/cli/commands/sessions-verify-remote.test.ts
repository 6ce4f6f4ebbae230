import { appendFile, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadDeviceKey } from '../../../src/audit/device-key.ts'
import { prunedLine, readPrunedNotes } from '../../../src/audit/pruned-note.ts'
import { sha256 } from '../../../src/digest.ts'
import { python } from '../../audit/by-python.ts'
import { rewritten } from '../../audit/rewritten-log.ts'
import { POLICY, policyTo, type SendingHome, sendingHome } from '../sending-home.ts'

let home: SendingHome
beforeEach(async () => {
  home = await sendingHome()
})
afterEach(() => home[Symbol.asyncDispose]())

async function edit(path: string, from: string, by: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  const edited = lines.map((line) => line.replace(from, by))
  await writeFile(path, rewritten(edited, loadDeviceKey(home.stateDirectory)))
}

describe('sessions verify --remote', () => {
  it('given what was sent, says what each destination holds; other policies’ logs are verified here alone', async () => {
    const [one, two] = [home.record(), home.record({ ...POLICY, name: 'other' })]
    const waits = await home.verify('--remote', '1')
    expect(waits.stdout).toBe(
      `${one.session}: ok, complete, 6 records\n  ${home.to}: holds nothing of it yet\n`,
    )
    await home.upload()
    expect(await home.verify('--remote', '1', '2')).toEqual({
      exitCode: 0,
      stdout: `${one.session}: ok, complete, 6 records\n  ${home.to}: holds all of it, byte for byte (1 object)\n${two.session}: ok, complete, 6 records\n2 sessions of 1 device: 2 complete\n`,
      stderr: '',
    })
    const { stdout } = await home.verify('--remote', '--json', '1')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      state: 'complete',
      remote: [{ destination: home.to, state: 'whole', objects: 1, lines: 6, problem: null }],
    })
  })

  it('[ATK-REWRITTEN-LOG] given a log that was rewritten to say another policy, compares it where it was confirmed', async () => {
    const { session, path } = home.record()
    home.record()
    await home.upload()
    await edit(path, '"policy":{"name":"acme"', '"policy":{"name":"other"')
    const sessions = join(home.stateDirectory, 'sessions')
    expect((await home.verify(sessions)).exitCode).toBe(0)
    for (const named of ['1', sessions]) {
      const { exitCode, stdout } = await home.verify('--remote', named)
      expect([named, exitCode]).toEqual([named, 7])
      expect(stdout).toContain(`${session}`)
      expect(stdout).toContain(`  it is not what lies at \`${home.to}\`\n`)
    }
  })

  it('[ATK-REWRITTEN-LOG] given a log that was cut to its header, exits with 7: it was seen at a destination', async () => {
    const { session, path } = home.record()
    await home.upload()
    const [header] = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, `${header}\n`)
    expect((await home.verify('1')).exitCode).toBe(0)
    expect(await home.verify('--remote', '1')).toEqual({
      exitCode: 7,
      stdout: `${session}: broken, 1 record\n  it does not say under which policy it was recorded, and \`${home.to}\` was seen to hold it: it was cut or rewritten\n`,
      stderr: '',
    })
  })

  it('[ATK-REWRITTEN-LOG] given a log that was rewritten with the device’s own key, exits with 7 and says since when it is another', async () => {
    const { session, path } = home.record()
    await home.upload()
    await edit(path, '"list_tables"', '"list_things"')
    expect((await home.verify('1')).exitCode).toBe(0)
    const { exitCode, stdout } = await home.verify('--remote', '1')
    expect([exitCode, stdout.split('\n')[0]]).toEqual([7, `${session}: broken, 6 records`])
    expect(stdout).toContain(`  it is not what lies at \`${home.to}\`\n`)
    expect(stdout).toMatch(
      /\(as it was confirmed on 2\S+Z\) differ from record 2 on: the log here was rewritten\n/u,
    )
  })

  it('[ATK-REWRITTEN-LOG] given a log that was rewritten under another id, exits with 7: the next session follows on the old one', async () => {
    const [{ session, path }, two] = [home.record(), home.record()]
    await home.upload()
    expect((await home.verify('1', '2')).exitCode).toBe(0)
    await edit(path, session, `${session.slice(0, -1)}${session.endsWith('0') ? '1' : '0'}`)
    for (const named of [['1'], ['--remote', path]]) {
      const { exitCode, stdout } = await home.verify(...named)
      expect([named, exitCode]).toEqual([named, 7])
      expect(stdout).toContain('session 2 does not follow on it: it was altered or replaced')
    }
    await rm(two.path)
    expect((await home.verify('1')).exitCode).toBe(0) // nothing here says otherwise
  })

  it('[ATK-REWRITTEN-LOG] given a directory with logs of both kinds, verifies both, and so does the script', async () => {
    const [one, two] = [home.record(), home.record()]
    await home.upload()
    const [, object = ''] = await home.objects()
    await edit(object, '"list_tables"', '"list_things"')
    await writeFile(object, (await readFile(object, 'utf8')).replace('list_things', 'drop_tables'))
    await copyFile(one.path, join(home.evidence, '00000001.jsonl'))
    const script = () => python('--device', one.device, home.evidence)
    const said = await home.verify(home.evidence)
    expect([said.exitCode, script().status]).toEqual([7, 7])
    expect(said.stdout).toContain(`${one.session}, number 1: ok, complete, 6 records\n`)
    for (const { stdout } of [said, script()]) expect(stdout).toContain(`${two.session}`)
    const sessions = join(home.stateDirectory, 'sessions')
    await rm(one.path)
    await mkdir(join(sessions, 'tmp/x'), { recursive: true })
    await copyFile(two.path, join(sessions, 'tmp/x/0000000000.jsonl'))
    for (const { stdout } of [await home.verify(sessions), python(sessions)])
      expect(stdout).toContain('session 1 is missing')
  })

  it('[ATK-REWRITTEN-LOG] given an object that was replaced or is gone, exits with 7', async () => {
    home.record()
    await home.upload()
    const [object = ''] = await home.objects()
    const whole = await readFile(object)
    await writeFile(object, 'another\n')
    expect((await home.verify('--remote', '1')).stdout).toContain('was altered since it was confirmed on')
    await rm(object)
    const { exitCode, stdout } = await home.verify('--remote', '1')
    expect([exitCode, stdout.includes('and is not there any more')]).toEqual([7, true])
    await writeFile(object, whole)
    expect((await home.verify('--remote', '1')).exitCode).toBe(0)
  })

  it('[ATK-REWRITTEN-LOG] given all logs of this machine, misses one that a destination was seen to hold', async () => {
    const [one, two] = [home.record(), home.record()]
    await home.upload()
    const directory = join(home.stateDirectory, 'sessions')
    await rm(two.path)
    await rm(join(directory, 'last.json'), { force: true })
    expect((await home.verify(directory)).exitCode).toBe(0)
    const { exitCode, stdout } = await home.verify('--remote', directory)
    expect([exitCode, stdout.split('\n').slice(0, 3)]).toEqual([
      7,
      [
        `${one.session}, number 1: ok, complete, 6 records`,
        `  ${home.to}: holds all of it, byte for byte (1 object)`,
        `${two.session}: broken`,
      ],
    ])
    expect(stdout).toContain(`its log is not here, and \`${home.to}\` was seen to hold it on 2`)
  })

  describe('of a session that was pruned', () => {
    let one: ReturnType<SendingHome['record']>
    let object: string
    const sessions = () => join(home.stateDirectory, 'sessions')
    beforeEach(async () => {
      ;[one] = [home.record(), home.record()]
      await home.upload()
      object = join(home.evidence, `2026-11-21/orders-db/alice/${one.session}/0000000000.jsonl`)
      const prune = ['sessions', 'prune', '--policy', 'policy.yaml', '--older-than', '1h']
      const { exitCode, stdout } = await home.hoopctl(prune)
      expect([exitCode, stdout.includes(one.session)]).toEqual([0, true])
    })
    const parted = ({ exitCode, stdout, stderr }: Awaited<ReturnType<SendingHome['verify']>>) => {
      return { exitCode, stderr, stdout: stdout.replace(/on 2\S+Z/gu, 'on DATE') }
    }

    it('given all of it where its note says, reads it back and verifies it, by its number and among all', async () => {
      const line = `${one.session}, number 1, pruned here on DATE: ok, complete, 6 records\n  ${home.to}: holds all of it, byte for byte (1 object)\n`
      expect(parted(await home.verify('--remote', '1'))).toEqual({ exitCode: 0, stdout: line, stderr: '' })
      const all = parted(await home.verify('--remote', sessions()))
      expect([
        all.exitCode,
        all.stderr,
        all.stdout.endsWith(`${line}2 sessions of 1 device: 2 complete\n`),
      ]).toEqual([0, '', true])
      const { stdout } = await home.verify('--remote', '--json', one.session)
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        session: one.session,
        state: 'complete',
        records: 6,
        remote: [{ destination: home.to, state: 'whole', objects: 1, lines: 6, problem: null }],
      })
      const cache = await readdir(join(home.folder, 'home', 'cache'))
      expect(cache.filter((name) => name.startsWith('evidence-'))).toEqual([])
    })

    it('given no `--remote`, says what looks for it', async () => {
      const { exitCode, stderr } = await home.verify('1')
      expect(exitCode).toBe(2)
      expect(stderr).toContain('(1 segment); to read it back: hoopctl sessions verify --remote 1\n')
      const all = await home.verify(sessions())
      expect(all.stderr).toMatch(
        new RegExp(
          `^hoopctl: session 1 \\(${one.session}\\) was pruned at 2\\S+Z; then it lay at: file://`,
          'u',
        ),
      )
    })

    it.each([
      ['that is gone', () => rm(object), 'holds nothing of it any more, and held all of it'],
      [
        'that was altered',
        () => writeFile(object, 'another\n'),
        'of it and not what follows|holds its first 8 bytes',
      ],
      [
        'that was altered and is as long',
        async () => writeFile(object, (await readFile(object, 'utf8')).replace('list_tables', 'list_things')),
        'holds other bytes of it than',
      ],
      ['that was added to', () => appendFile(object, 'x\n'), 'holds more of it than'],
      [
        'behind which another lies',
        () => writeFile(object.replace('0.jsonl', '6.jsonl'), 'x\n'),
        'holds more of it than',
      ],
    ])(
      '[ATK-REWRITTEN-LOG] given an object %s, exits with 7 and says so',
      async (_given, change, expected) => {
        await change()
        const { exitCode, stdout, stderr } = await home.verify('--remote', sessions())
        expect([exitCode, stderr]).toEqual([7, ''])
        expect(stdout).toMatch(
          new RegExp(`pruned here on \\S+: broken.*\n  it is not what lay at .*\n  .*(?:${expected})`, 'u'),
        )
        expect(stdout).toMatch(/2 sessions of 1 device: 1 complete, 1 broken\n$/u)
      },
    )

    it('[ATK-REWRITTEN-LOG] given a note that names the objects of another session, exits with 7', async () => {
      const path = join(sessions(), 'pruned.jsonl')
      const [note] = readPrunedNotes(sessions()).notes
      const other = (await home.objects()).find((each) => each !== object) ?? ''
      const bytes = await readFile(other)
      const prefix = dirname(other).slice(home.evidence.length + 1)
      const copies = [{ destination: home.to, prefix: `${prefix}/`, segments: 1 }]
      if (note === undefined) throw new Error('nothing was pruned')
      const forged = { ...note, copies, bytes: bytes.length, sha256: sha256(bytes) }
      const beginning = { seq: 0, prev: '0'.repeat(64), bytes: 0 }
      await writeFile(path, `${prunedLine(beginning, note.at, forged, loadDeviceKey(home.stateDirectory))}\n`)
      const { exitCode, stdout } = await home.verify('--remote', sessions())
      expect([exitCode, stdout.includes('\n  what lies there is another session\n')]).toEqual([7, true])
    })

    it('given a destination that is away, exits with 8 and accuses nobody', async () => {
      await rename(home.evidence, `${home.evidence}.away`)
      await writeFile(home.evidence, 'a file where the directory should be')
      const { exitCode, stdout } = await home.verify('--remote', '--json', '1')
      expect([exitCode, JSON.parse(stdout)]).toMatchObject([
        8,
        { ok: true, session: one.session, state: 'open', records: 0, remote: [{ state: 'unreachable' }] },
      ])
    })

    it('given a policy that does not name the place any more, says where to look', async () => {
      await home.write('policy.yaml', policyTo(`file://${home.folder}/other/`))
      const { exitCode, stderr } = await home.verify('--remote', '1')
      expect(exitCode).toBe(2)
      expect(stderr).toContain(`look there: hoopctl sessions verify ${home.to}2026-11-21/orders-db/alice/`)
    })
  })

  it('given a destination that is away, exits with 8 and says so; the log itself holds', async () => {
    home.record()
    await writeFile(home.evidence, 'a file where the directory should be')
    const { exitCode, stdout } = await home.verify('--remote', '--json', '1')
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      8,
      { ok: true, remote: [{ destination: home.to, state: 'unreachable' }] },
    ])
  })

  it('given a log that cannot be read among others, says so, and compares the others', async () => {
    const [one, two] = [home.record(), home.record()]
    await home.upload()
    await rm(one.path)
    await mkdir(one.path)
    const { exitCode, stdout, stderr } = await home.verify('--remote', join(home.stateDirectory, 'sessions'))
    expect([exitCode, stderr]).toEqual([7, ''])
    expect(stdout).toContain('  the file cannot be read: the system says EISDIR\n')
    expect(stdout).toContain(
      `${two.session}, number 2: ok, complete, 6 records\n  ${home.to}: holds all of it, byte for byte (1 object)\n`,
    )
  })

  it.each([
    {
      args: ['--remote', 'file:///srv/audit/'],
      code: 2,
      error: '`--remote` compares logs of this machine, and this is none',
    },
    {
      args: ['ftp://evidence.acme.example/'],
      code: 3,
      error: '`ftp://` is no place that evidence is sent to',
    },
  ])('given $args, says what is wrong', async ({ args, code, error }) => {
    home.record()
    const { exitCode, stderr } = await home.verify(...args)
    expect([exitCode, stderr.split('\n')[0]]).toEqual([code, `hoopctl: ${error}`])
  })

  it('given a policy that sends nothing, says what to name', async () => {
    home.record()
    await home.write('policy.yaml', policyTo(home.to).replace(/audit:.*/u, ''))
    const { exitCode, stderr } = await home.verify('--remote', '1')
    expect([exitCode, stderr]).toEqual([
      3,
      'hoopctl: the policy `acme` names no destination\n  hint: add `audit.upload.to`, or name the place: hoopctl sessions verify s3://…\n',
    ])
  })
})

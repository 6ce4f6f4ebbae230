import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadDeviceKey } from '../../../src/audit/device-key.ts'
import { python } from '../../audit/by-python.ts'
import { rewritten } from '../../audit/rewritten-log.ts'
import { startRadosgw, whyNoRadosgw } from '../../services/radosgw.ts'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

const POLICY = { name: 'acme', version: null, digest: '0'.repeat(64), signed: false }

let home: Home
let stateDirectory: string
let evidence: string
let to: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
  evidence = join(home.folder, 'evidence')
  to = `file://${evidence}/`
  await home.write('policy.yaml', policyTo(to))
})
afterEach(() => home[Symbol.asyncDispose]())

const policyTo = (url: string) =>
  `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: acme }\nrules: []\naudit: { upload: { to: [{ url: "${url}" }] } }\n`

function record(policy = POLICY) {
  return recordSession({ stateDirectory, calls: CALLS, policy })
}

async function upload(): Promise<void> {
  const { exitCode } = await home.hoopctl(['sessions', 'upload', '--policy', 'policy.yaml'])
  expect(exitCode).toBe(0)
}

const verify = (...args: string[]) => home.hoopctl(['sessions', 'verify', '--policy', 'policy.yaml', ...args])

async function objects(): Promise<string[]> {
  const found = await readdir(evidence, { recursive: true, withFileTypes: true })
  return found
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
}

async function edit(path: string, from: string, by: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  const edited = lines.map((line) => line.replace(from, by))
  await writeFile(path, rewritten(edited, loadDeviceKey(stateDirectory)))
}

describe('sessions verify --remote', () => {
  it('given what was sent, says what each destination holds; other policies’ logs are verified here alone', async () => {
    const [one, two] = [record(), record({ ...POLICY, name: 'other' })]
    const waits = await verify('--remote', '1')
    expect(waits.stdout).toBe(`${one.session}: ok, complete, 6 records\n  ${to}: holds nothing of it yet\n`)
    await upload()
    expect(await verify('--remote', '1', '2')).toEqual({
      exitCode: 0,
      stdout: `${one.session}: ok, complete, 6 records\n  ${to}: holds all of it, byte for byte (1 object)\n${two.session}: ok, complete, 6 records\n`,
      stderr: '',
    })
    const { stdout } = await verify('--remote', '--json', '1')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      state: 'complete',
      remote: [{ destination: to, state: 'whole', objects: 1, lines: 6, problem: null }],
    })
  })

  it('[ATK-REWRITTEN-LOG] given a log that was rewritten to say another policy, compares it where it was confirmed', async () => {
    const { session, path } = record()
    record()
    await upload()
    await edit(path, '"policy":{"name":"acme"', '"policy":{"name":"other"')
    const sessions = join(stateDirectory, 'sessions')
    expect((await verify(sessions)).exitCode).toBe(0)
    for (const named of ['1', sessions]) {
      const { exitCode, stdout } = await verify('--remote', named)
      expect([named, exitCode]).toEqual([named, 7])
      expect(stdout).toContain(`${session}`)
      expect(stdout).toContain(`  it is not what lies at \`${to}\`\n`)
    }
  })

  it('[ATK-REWRITTEN-LOG] given a log that was cut to its header, exits with 7: it was seen at a destination', async () => {
    const { session, path } = record()
    await upload()
    const [header] = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, `${header}\n`)
    expect((await verify('1')).exitCode).toBe(0)
    expect(await verify('--remote', '1')).toEqual({
      exitCode: 7,
      stdout: `${session}: broken, 1 record\n  it does not say under which policy it was recorded, and \`${to}\` was seen to hold it: it was cut or rewritten\n`,
      stderr: '',
    })
  })

  it('[ATK-REWRITTEN-LOG] given a log that was rewritten with the device’s own key, exits with 7 and says since when it is another', async () => {
    const { session, path } = record()
    await upload()
    await edit(path, '"list_tables"', '"list_things"')
    expect((await verify('1')).exitCode).toBe(0)
    const { exitCode, stdout } = await verify('--remote', '1')
    expect([exitCode, stdout.split('\n')[0]]).toEqual([7, `${session}: broken, 6 records`])
    expect(stdout).toContain(`  it is not what lies at \`${to}\`\n`)
    expect(stdout).toMatch(
      /\(as it was confirmed on 2\S+Z\) differ from record 2 on: the log here was rewritten\n/u,
    )
  })

  it('[ATK-REWRITTEN-LOG] given a directory with logs of both kinds, verifies both, and so does the script', async () => {
    const [one, two] = [record(), record()]
    await upload()
    const [, object = ''] = await objects()
    await edit(object, '"list_tables"', '"list_things"')
    await writeFile(object, (await readFile(object, 'utf8')).replace('list_things', 'drop_tables'))
    await copyFile(one.path, join(evidence, '00000001.jsonl'))
    const script = () => python('--device', one.device, evidence)
    const said = await verify(evidence)
    expect([said.exitCode, script().status]).toEqual([7, 7])
    expect(said.stdout).toContain(`${one.session}, number 1: ok, complete, 6 records\n`)
    for (const { stdout } of [said, script()]) expect(stdout).toContain(`${two.session}`)
    const sessions = join(stateDirectory, 'sessions')
    await rm(one.path)
    await mkdir(join(sessions, 'tmp/x'), { recursive: true })
    await copyFile(two.path, join(sessions, 'tmp/x/0000000000.jsonl'))
    for (const { stdout } of [await verify(sessions), python(sessions)])
      expect(stdout).toContain('session 1 is missing')
  })

  it('[ATK-REWRITTEN-LOG] given an object that was replaced or is gone, exits with 7', async () => {
    record()
    await upload()
    const [object = ''] = await objects()
    const whole = await readFile(object)
    await writeFile(object, 'another\n')
    expect((await verify('--remote', '1')).stdout).toContain('was altered since it was confirmed on')
    await rm(object)
    const { exitCode, stdout } = await verify('--remote', '1')
    expect([exitCode, stdout.includes('and is not there any more')]).toEqual([7, true])
    await writeFile(object, whole)
    expect((await verify('--remote', '1')).exitCode).toBe(0)
  })

  it('[ATK-REWRITTEN-LOG] given all logs of this machine, misses one that a destination was seen to hold', async () => {
    const [one, two] = [record(), record()]
    await upload()
    const directory = join(stateDirectory, 'sessions')
    await rm(two.path)
    await rm(join(directory, 'last.json'), { force: true })
    expect((await verify(directory)).exitCode).toBe(0)
    const { exitCode, stdout } = await verify('--remote', directory)
    expect([exitCode, stdout.split('\n').slice(0, 3)]).toEqual([
      7,
      [
        `${one.session}, number 1: ok, complete, 6 records`,
        `  ${to}: holds all of it, byte for byte (1 object)`,
        `${two.session}: broken`,
      ],
    ])
    expect(stdout).toContain(`its log is not here, and \`${to}\` was seen to hold it on 2`)
  })

  it('given a session that was pruned, says where it lies, and misses nothing', async () => {
    const [one] = [record(), record()]
    await upload()
    const pruned = await home.hoopctl(['sessions', 'prune', '--policy', 'policy.yaml', '--older-than', '1h'])
    expect([pruned.exitCode, pruned.stdout.includes(one.session)]).toEqual([0, true])
    const { exitCode, stderr } = await verify('--remote', join(stateDirectory, 'sessions'))
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(
      new RegExp(
        `^hoopctl: session 1 \\(${one.session}\\) was pruned at 2\\S+Z; then it lay at: file://`,
        'u',
      ),
    )
  })

  it('given a destination that is away, exits with 8 and says so; the log itself holds', async () => {
    record()
    await writeFile(evidence, 'a file where the directory should be')
    const { exitCode, stdout } = await verify('--remote', '--json', '1')
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      8,
      { ok: true, remote: [{ destination: to, state: 'unreachable' }] },
    ])
  })

  it('given a log that cannot be read among others, says so, and compares the others', async () => {
    const [one, two] = [record(), record()]
    await upload()
    await rm(one.path)
    await mkdir(one.path)
    const { exitCode, stdout, stderr } = await verify('--remote', join(stateDirectory, 'sessions'))
    expect([exitCode, stderr]).toEqual([7, ''])
    expect(stdout).toContain('  the file cannot be read: the system says EISDIR\n')
    expect(stdout).toContain(
      `${two.session}, number 2: ok, complete, 6 records\n  ${to}: holds all of it, byte for byte (1 object)\n`,
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
    record()
    const { exitCode, stderr } = await verify(...args)
    expect([exitCode, stderr.split('\n')[0]]).toEqual([code, `hoopctl: ${error}`])
  })

  it('given a policy that sends nothing, says what to name', async () => {
    record()
    await home.write('policy.yaml', policyTo(to).replace(/audit:.*/u, ''))
    const { exitCode, stderr } = await verify('--remote', '1')
    expect([exitCode, stderr]).toEqual([
      3,
      'hoopctl: the policy `acme` names no destination\n  hint: add `audit.upload.to`, or name the place: hoopctl sessions verify s3://…\n',
    ])
  })
})

describe('sessions verify of where evidence was sent', () => {
  it('given a directory, a URL or one session below it, verifies what lies there', async () => {
    const [one, two] = [record(), record()]
    await upload()
    const prefix = (session: string) => `2026-11-21/orders-db/alice/${session}/`
    const both = [one, two].map(({ session }) => `${prefix(session)}: ok, complete, 6 records\n`).toSorted()
    for (const place of [evidence, to]) {
      expect(await verify(place)).toEqual({
        exitCode: 0,
        stdout: both.join(''),
        stderr: 'hoopctl: their checkpoints vouch for 0 objects\n',
      })
    }
    const single = await verify(join(evidence, prefix(one.session)))
    expect(single.stdout).toBe(`${to}${prefix(one.session)}: ok, complete, 6 records\n`)
  })

  it('given an object that was altered, or another device, exits with 7', async () => {
    record()
    await upload()
    const elsewhere = await freshHome()
    const stranger = await elsewhere.hoopctl(['sessions', 'verify', evidence])
    expect([stranger.exitCode, stranger.stdout.includes('not trusted')]).toEqual([7, true])
    await elsewhere[Symbol.asyncDispose]()
    const [object = ''] = await objects()
    await writeFile(object, (await readFile(object, 'utf8')).replace('list_tables', 'list_things'))
    const { exitCode, stdout } = await verify(evidence)
    expect([
      exitCode,
      stdout.includes('does not match its `sha256`') || stdout.includes('was altered'),
    ]).toEqual([7, true])
  })
})

describe('sessions show and export of what lies elsewhere', () => {
  it('given a log, a directory with one session, or its URL, reads it as one of this machine; given several, says so', async () => {
    const [one] = [record(), record()]
    await upload()
    await using auditor = await freshHome()
    const below = `2026-11-21/orders-db/alice/${one.session}`
    const shown = (await home.hoopctl(['sessions', 'show', '1'])).stdout
    expect(shown).toContain('tools/call query')
    for (const where of [one.path, join(evidence, below), `${to}${below}`]) {
      expect(await auditor.hoopctl(['sessions', 'show', where])).toEqual({
        exitCode: 0,
        stdout: shown,
        stderr: '',
      })
      const { stdout } = await auditor.hoopctl(['sessions', 'export', '--format', 'csv', where])
      expect(stdout).toBe((await home.hoopctl(['sessions', 'export', '--format', 'csv', '1'])).stdout)
    }
    for (const where of [evidence, join(stateDirectory, 'sessions')]) {
      const { exitCode, stderr } = await auditor.hoopctl(['sessions', 'show', where])
      expect([exitCode, stderr.split('\n')[0]]).toEqual([
        2,
        `hoopctl: there is more than one session in \`${where}\``,
      ])
    }
    const left = await readdir(join(auditor.folder, 'home', 'cache'))
    expect(left.filter((name) => name.startsWith('evidence-'))).toEqual([])
  })
})

const noStore = whyNoRadosgw()

describe.skipIf(noStore !== null)(noStore ?? 'sessions verify of a bucket', () => {
  it('given credentials and the device key, verifies what lies below a prefix, also where no policy is', async () => {
    await using gateway = await startRadosgw()
    const { endpoint, region, admin } = gateway
    const owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
    await owner.send(new CreateBucketCommand({ Bucket: 'audit' }))
    const recorded = [record(), record()]
    await upload()
    for (const path of await objects()) {
      const Key = `hoopctl/${relative(evidence, path)}`
      await owner.send(new PutObjectCommand({ Bucket: 'audit', Key, Body: await readFile(path) }))
    }
    await using auditor = await freshHome()
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
    }
    const device = ['--device', recorded[0]?.device ?? '']
    const all = await auditor.hoopctl(['sessions', 'verify', ...device, 's3://audit/hoopctl'], { env })
    const prefixes = recorded.map(({ session }) => `2026-11-21/orders-db/alice/${session}/`).toSorted()
    expect([all.exitCode, all.stdout]).toEqual([
      0,
      prefixes.map((name) => `${name}: ok, complete, 6 records\n`).join(''),
    ])
    const none = await auditor.hoopctl(['sessions', 'verify', ...device, 's3://audit/other/'], { env })
    expect([none.exitCode, none.stderr.split('\n')[0]]).toEqual([
      2,
      'hoopctl: no session lies below `s3://audit/other/`',
    ])
    const refused = await auditor.hoopctl(['sessions', 'verify', 's3://audit/'], {
      env: { ...env, AWS_SECRET_ACCESS_KEY: 'no' },
    })
    expect([refused.exitCode, refused.stderr.split('\n')[0]]).toEqual([
      8,
      'hoopctl: `s3://audit/` may not be listed (403)',
    ])
    owner.destroy()
  })
})

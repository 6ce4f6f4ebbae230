import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadDeviceKey } from '../../../src/audit/device-key.ts'
import { segmentName } from '../../../src/audit/upload/segment-key.ts'
import { segmentsOf } from '../../../src/audit/upload/segments.ts'
import { sha256 } from '../../../src/digest.ts'
import { tellingLog } from '../../audit/a-log.ts'
import { startRadosgw, whyNoRadosgw } from '../../services/radosgw.ts'
import { freshHome } from '../hoopctl.ts'
import { type SendingHome, sendingHome } from '../sending-home.ts'

let home: SendingHome
beforeEach(async () => {
  home = await sendingHome()
})
afterEach(() => home[Symbol.asyncDispose]())

describe('sessions verify of where evidence was sent', () => {
  it('given a directory, a URL or one session below it, verifies what lies there', async () => {
    const [one, two] = [home.record(), home.record()]
    await home.upload()
    const prefix = (session: string) => `2026-11-21/orders-db/alice/${session}/`
    const both = [one, two].map(({ session }) => `${prefix(session)}: ok, complete, 6 records\n`).toSorted()
    for (const place of [home.evidence, home.to]) {
      expect(await home.verify(place)).toEqual({
        exitCode: 0,
        stdout: `${both.join('')}2 sessions of 1 device: 2 complete\n`,
        stderr: 'hoopctl: their checkpoints vouch for 0 objects\n',
      })
    }
    const single = await home.verify(join(home.evidence, prefix(one.session)))
    expect(single.stdout).toBe(`${home.to}${prefix(one.session)}: ok, complete, 6 records\n`)
  })

  it('given an object that was altered, or another device, exits with 7', async () => {
    home.record()
    await home.upload()
    const elsewhere = await freshHome()
    const stranger = await elsewhere.hoopctl(['sessions', 'verify', home.evidence])
    expect([stranger.exitCode, stranger.stdout.includes('not trusted')]).toEqual([7, true])
    await elsewhere[Symbol.asyncDispose]()
    const [object = ''] = await home.objects()
    await writeFile(object, (await readFile(object, 'utf8')).replace('list_tables', 'list_things'))
    const { exitCode, stdout } = await home.verify(home.evidence)
    expect([
      exitCode,
      stdout.includes('does not match its `sha256`') || stdout.includes('was altered'),
    ]).toEqual([7, true])
  })
})

describe('sessions verify of a copy', () => {
  const at = (object: string) => `${home.to}${object.slice(home.evidence.length + 1)}`

  async function vouching(): Promise<void> {
    const { session } = home.record()
    await home.upload()
    const [object = ''] = await home.objects()
    const bytes = await readFile(object)
    const claim = {
      session,
      to: home.to,
      key: at(object).slice(home.to.length),
      bytes: bytes.length,
      sha256: sha256(bytes),
    }
    const sessions = join(home.stateDirectory, 'sessions')
    const path = tellingLog(
      {
        path: home.stateDirectory,
        sessions,
        device: loadDeviceKey(home.stateDirectory),
        known: { isKnown: () => true },
      },
      [{ ...claim, etag: null, version: null, at: '2026-11-21T10:00:00.000Z' }],
    )
    const copy = join(home.folder, 'copy')
    await cp(home.evidence, copy, { recursive: true })
    await mkdir(join(copy, 'S'))
    for (const { line, bytes: part } of segmentsOf(path, { line: 0, start: 0 }, true))
      await writeFile(join(copy, 'S', segmentName(line)), part)
    await rm(join(copy, at(object).slice(home.to.length)))
  }

  it('given what it is a copy of, looks in it for what checkpoints name; without, says that it did not', async () => {
    await vouching()
    const copy = join(home.folder, 'copy')
    const alone = await home.verify(copy)
    expect([alone.exitCode, alone.stderr]).toEqual([
      0,
      expect.stringContaining('1 lie at other places, and were NOT looked for'),
    ])
    for (const named of [home.to, home.to.slice(0, -1)]) {
      const { exitCode, stdout, stderr } = await home.verify('--copy-of', named, copy)
      expect([exitCode, stdout]).toEqual([7, expect.stringContaining('and is not there any more')])
      expect(stderr).not.toContain('NOT looked for')
    }
  })
})

describe('sessions show and export of what lies elsewhere', () => {
  it('given a session of which an object is missing, shows the rest and says so', async () => {
    const { session } = home.record()
    await home.upload()
    const [object = ''] = await home.objects()
    await rename(object, object.replace('0000000000.jsonl', '0000000003.jsonl'))
    const { exitCode, stderr } = await home.hoopctl([
      'sessions',
      'show',
      join(home.evidence, '2026-11-21/orders-db/alice', session),
    ])
    expect([exitCode, stderr]).toEqual([
      0,
      'hoopctl: it is not all of the session: an object is missing, or was renamed: after 0 lines comes `0000000003.jsonl`\n',
    ])
  })

  it('given a log, a directory with one session, or its URL, reads it as one of this machine; given several, says so', async () => {
    const [one] = [home.record(), home.record()]
    await home.upload()
    await using auditor = await freshHome()
    const below = `2026-11-21/orders-db/alice/${one.session}`
    const shown = (await home.hoopctl(['sessions', 'show', '1'])).stdout
    expect(shown).toContain('tools/call query')
    for (const where of [one.path, join(home.evidence, below), `${home.to}${below}`]) {
      expect(await auditor.hoopctl(['sessions', 'show', where])).toEqual({
        exitCode: 0,
        stdout: shown,
        stderr: '',
      })
      const { stdout } = await auditor.hoopctl(['sessions', 'export', '--format', 'csv', where])
      expect(stdout).toBe((await home.hoopctl(['sessions', 'export', '--format', 'csv', '1'])).stdout)
    }
    for (const where of [home.evidence, join(home.stateDirectory, 'sessions')]) {
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
    const recorded = [home.record(), home.record()]
    await home.upload()
    for (const path of await home.objects()) {
      const Key = `hoopctl/${relative(home.evidence, path)}`
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
      `${prefixes.map((name) => `${name}: ok, complete, 6 records\n`).join('')}2 sessions of 1 device: 2 complete\n`,
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

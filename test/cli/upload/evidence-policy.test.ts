import { describe, expect, it } from 'vitest'
import { evidencePolicy } from '../../../src/cli/upload/evidence-policy.ts'

const URL = 's3://acme-audit/hoopctl/'
const OBJECTS = 'arn:aws:s3:::acme-audit/hoopctl/*'
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd'
const LISTS = {
  Effect: 'Allow',
  Action: 's3:ListBucket',
  Resource: 'arn:aws:s3:::acme-audit',
  Condition: { StringLike: { 's3:prefix': 'hoopctl/*' } },
}
const BARE = { encryption: null, kmsKey: null, lock: null } as const

function statements(keeping: Parameters<typeof evidencePolicy>[1]): unknown {
  return JSON.parse(evidencePolicy(URL, keeping) ?? '{}').Statement
}

describe('the session policy of an upload', () => {
  it.each([
    null,
    BARE,
    { ...BARE, encryption: 'AES256' },
    { ...BARE, encryption: 'aws:kms', kmsKey: 'alias/a' },
  ] as const)('given %o, gives what it takes to write below the prefix and to read it back', (keeping) => {
    const puts = { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: OBJECTS }
    expect(statements(keeping)).toEqual([puts, LISTS])
  })

  it('given a lock and a key, gives the right to set the one and to use the other, and no more', () => {
    const lock = { mode: 'compliance', forMs: 1000 } as const
    const Action = ['s3:PutObject', 's3:GetObject', 's3:PutObjectRetention']
    expect(statements({ encryption: 'aws:kms', kmsKey: KEY, lock })).toEqual([
      { Effect: 'Allow', Action, Resource: OBJECTS },
      LISTS,
      { Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: KEY },
    ])
  })

  it('given a directory, is none', () => {
    expect(evidencePolicy('file:///srv/audit/')).toBeNull()
  })
})

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EXIT_CODES } from '../../src/errors.ts'
import { errorsPage } from './errors-page.ts'

it('given the table of errors, docs/errors.md is what is written from it', async () => {
  // `vitest run test/cli/errors-page.test.ts -u` writes it anew.
  await expect(errorsPage()).toMatchFileSnapshot(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'))
})

it('given what scripts rely on, the exit codes are these', () => {
  expect(EXIT_CODES).toEqual({
    USAGE: 2,
    UNKNOWN_SERVER: 2,
    UNKNOWN_SESSION: 2,
    UNKNOWN_GRANT: 2,
    UNKNOWN_APPROVAL: 2,
    NO_TERMINAL: 2,
    CANCELLED: 2,
    NO_POLICY: 3,
    POLICY_INVALID: 3,
    POLICY_UNREADABLE: 3,
    POLICY_TEST_FAILED: 3,
    FILE_MODE: 3,
    INPUT_INVALID: 3,
    MANAGED_LOCK: 3,
    NOT_SIGNED_IN: 4,
    SIGN_IN_FAILED: 4,
    GRANT_DENIED: 5,
    NOT_APPROVER: 5,
    APPROVAL_DENIED: 6,
    APPROVAL_OVER: 6,
    APPROVAL_ALTERED: 7,
    DIGEST_MISMATCH: 7,
    POLICY_ALTERED: 7,
    LOG_BROKEN: 7,
    UPLOAD_CONFLICT: 7,
    DEVICE_KEY: 7,
    UNREACHABLE: 8,
    SERVER_UNREACHABLE: 8,
    STATE_UNWRITABLE: 8,
    KEYCHAIN: 8,
  })
})

import { EXIT_CODES, type ErrorCode } from '../../src/errors.ts'

// A code that is added to the table of src/errors.ts fails to compile here until it is explained.
const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  USAGE:
    'The command line cannot be understood: an unknown flag or command, a missing argument, a file that would be overwritten, a definition to accept that did not change.',
  UNKNOWN_SERVER: 'The policy names no such server; or, for `pins accept`, nothing of it is pinned.',
  UNKNOWN_SESSION: 'No session of this device has that id.',
  UNKNOWN_GRANT: 'The policy has no such grant.',
  UNKNOWN_APPROVAL: 'No call with that id waits for an answer, or ever did here.',
  NO_TERMINAL: 'A screen wants a terminal, and there is none.',
  CANCELLED:
    'You were asked, and did not say yes. (Control-C during a sign-in: 130, as of any signal n: 128+n.)',
  NO_POLICY: 'No policy was named, and there is none in the configuration directory.',
  POLICY_INVALID: 'The policy has errors; each is told with file, line and column.',
  POLICY_UNREADABLE: 'The policy file cannot be read.',
  POLICY_TEST_FAILED: 'A policy test gives another decision than it expects.',
  FILE_MODE:
    'Other users may read or change a file or directory that must be yours alone; the hint is the command that mends it.',
  INPUT_INVALID: 'A file or a line that was handed in is not what it should be.',
  MANAGED_LOCK:
    'The lock that an administrator put on this machine is there and cannot be read or trusted, or forbids what was asked.',
  NOT_SIGNED_IN: 'The policy asks for a sign-in, and there is none that counts.',
  SIGN_IN_FAILED: 'The sign-in was denied, ran out, or its tokens are not what they should be.',
  GRANT_DENIED: 'The grant is not for you, not now, or not for so long.',
  NOT_APPROVER: 'No rule that asks about the call names you.',
  APPROVAL_DENIED:
    'Somebody who was asked said no to the grant; the message says who, and what they say of it.',
  APPROVAL_OVER:
    'The question was answered, used, withdrawn or ran out, before you answered or before enough people agreed; the message says which.',
  APPROVAL_ALTERED:
    'A call that waits for an answer is not the one that was asked about: its digest or its challenge is another.',
  DIGEST_MISMATCH: 'A file is not the one whose SHA-256 the policy names.',
  POLICY_ALTERED:
    'A signed policy or trust document is not what its signers signed, is older than one that was seen, or has ended.',
  LOG_BROKEN:
    'A session’s log was altered, reordered or cut, or was signed by a device key that is not known.',
  UPLOAD_CONFLICT:
    'A destination of session logs holds other bytes under a segment’s name than the log here; both are left as they are.',
  DEVICE_KEY: 'The key that signs this device’s sessions cannot be read or is no such key.',
  UNREACHABLE: 'Something remote could not be reached.',
  SERVER_UNREACHABLE: 'A server does not start or does not answer.',
  STATE_UNWRITABLE: 'A directory or file in which hoopctl keeps its state cannot be written.',
  KEYCHAIN: 'The keychain, or the file that stands for it, cannot be reached or opened from here.',
}

/** Writes docs/errors.md from the table of src/errors.ts. */
export function errorsPage(): string {
  const codes = Object.keys(MEANINGS) as ErrorCode[] // the record has these keys and no others
  const rows = codes.map((code) => `| \`${code}\` | ${EXIT_CODES[code]} | ${MEANINGS[code]} |`)
  return `# Errors

What goes wrong in a way that a person can mend has a code. On a terminal it is told on stderr as

    hoopctl: what is wrong
      hint: what to type or do next

and with \`--json\` as \`{"error":{"code":"…","message":"…","hint":"…"}}\` on stdout. The exit code is the same. Scripts may
rely on codes and exit codes; messages and hints are for people and may change.

| code | exit code | what is wrong |
| --- | --- | --- |
${rows.join('\n')}
| \`BUG\` | 1 | Something that nobody foresaw. Its stack is printed on stderr: please report it. |
`
}

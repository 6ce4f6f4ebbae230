import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactCommand } from '../../src/audit/redact-command.ts'

describe('redactCommand', () => {
  it.each([
    ['a password in a URL', ['postgres://app:hunter2@db/orders'], ['postgres://app:[removed]@db/orders']],
    ['no user before it', ['redis://:hunter2@cache:6379/0'], ['redis://:[removed]@cache:6379/0']],
    ['an @ and a / in the password', ['pg://app:hun@t/er2@db/x'], ['pg://app:[removed]@db/x']],
    ['a password of digits', ['pg://app:123456@db'], ['pg://app:[removed]@db']],
    ['a token as the user', ['https://ghp_x1@github.com/a.git'], ['https://[removed]@github.com/a.git']],
    ['secrets in a query', ['https://h/a?token=t1&x=1#f'], ['https://h/a?token=[removed]&x=1#f']],
    [
      'several of them',
      ['https://h/?password=a&api_key=b'],
      ['https://h/?password=[removed]&api_key=[removed]'],
    ],
    ['a flag with =', ['--db-password=hunter2'], ['--db-password=[removed]']],
    ['a flag and its value', ['--token', 'abc', 'next'], ['--token', '[removed]', 'next']],
    ['a variable', ['GITHUB_TOKEN=abc'], ['GITHUB_TOKEN=[removed]']],
    ['a list of keys', ['host=db password=a user=b'], ['host=db password=[removed] user=b']],
    ['a quoted value', ["host=db password='a b' user=b"], ['host=db password=[removed] user=b']],
    ['a URL within an argument', ['--url=pg://a:b@c/d'], ['--url=pg://a:[removed]@c/d']],
  ])('given %s, removes it', (_, args, redacted) => {
    expect(redactCommand(args)).toEqual(redacted)
  })

  it.each([
    [['/usr/bin/node', 'server.js', '--port', '8080']],
    [['https://host:8443/path?x=1']],
    [['https://host:8443/@scope/name']],
    [['ssh://git@host/repo.git']],
    [['user@example.com', '--token-file', '/etc/token']],
    [['--token', '--verbose']],
  ])('given %j, changes nothing', (args) => {
    expect(redactCommand(args)).toEqual(args)
  })

  it('given what is redacted already, changes nothing', () => {
    const piece = fc.constantFrom(
      '://',
      'a',
      ':',
      '@',
      '/',
      '?',
      '&',
      'password=',
      'token',
      '--',
      '=',
      "'",
      ' ',
      '#',
    )
    const arg = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.array(arg, { maxLength: 4 }), (args) => {
        const once = redactCommand(args)
        expect(redactCommand(once)).toEqual(once)
      }),
    )
  })
})

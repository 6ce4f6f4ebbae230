import { describe, expect, it } from 'vitest'
import { allowedWhen, decided, outcomeOf, tool } from './a-policy.ts'

const ANNOTATIONS = {
  title: 'T',
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
}

describe('what a condition reads', () => {
  it.each([
    ['args.path.startsWith("/srv/")', '{"path":"/srv/a"}'],
    ['args.id == 9007199254740993', '{"id":9007199254740993}'],
    ['args.n % 2 == 0', '{"n":4}'],
    ['args.price < 1.5', '{"price":1.25}'],
    ['"a" in args.tags', '{"tags":[1,"a"]}'],
    ['args.tags.exists(t, t == "a")', '{"tags":["b","a"]}'],
    ['args.deep.list[1].x == "y"', '{"deep":{"list":[0,{"x":"y"}]}}'],
    ['args.path.matches("^/srv/[a-z]+$")', '{"path":"/srv/abc"}'],
    ['args.a.matches(args.b)', '{"a":"xxay","b":"a."}'],
    ['tool.name == "t" && server.name == ""', '{}'],
    ['subject.sub == "ann" && "dev" in subject.groups && subject.kind == "human"', '{}'],
    ['!has(subject.email)', '{}'],
    ['client.name == "claude-code" && session.calls == 3', '{}'],
    ['now.getHours("Europe/Berlin") == 10 && now < timestamp("2027-01-01T00:00:00Z")', '{}'],
    ['!("constructor" in args) && !has(args.toString)', '{}'],
    ['args.constructor == "x"', '{"constructor":"x"}'],
    ['args["__proto__"].a == 1', '{"__proto__":{"a":1}}'],
  ])('given `%s`, holds', async (when, args) => {
    expect(await allowedWhen(when, args)).toBe('allow')
  })

  it.each([
    ['args.path == "x"', '{}'],
    ['args.path.startsWith("x")', '{"path":5}'],
    ['args.constructor == "x"', '{}'],
    ['args.toString == "x"', '{}'],
    ['args["__proto__"] == 1', '{}'],
    ['args.flag', '{"flag":"yes"}'],
    ['args.n / 0 == 1', '{"n":1}'],
    ['subject.email == "a@b"', '{}'],
    ['tool.annotations.readOnlyHint', '{}'],
    ['args.a.matches(args.b)', '{"a":"x","b":"("}'],
    ['args.l[3] == 1', '{"l":[1]}'],
    ['args.x == 1', '{"x":1'],
  ])('given `%s` over %s, fails', async (when, args) => {
    expect(await outcomeOf(when, args)).toBe('failed')
  })

  it('given annotations that are known, reads them', async () => {
    const sections =
      'rules:\n  - allow: { tool: t, server: s }\n    when: tool.annotations.readOnlyHint\nservers: { s: {} }\n'
    expect((await decided(sections, tool('t', '{}', ANNOTATIONS), { server: 's' })).effect).toBe('allow')
    const writes = { ...ANNOTATIONS, readOnlyHint: false }
    expect((await decided(sections, tool('t', '{}', writes), { server: 's' })).effect).toBe('deny')
  })

  it('given claims, reads whole numbers as ints', async () => {
    const subject = {
      issuer: 'i',
      sub: 's',
      email: 'a@b',
      groups: [],
      kind: 'human',
      claims: { level: 3, org: { id: 'x' } },
    } as const
    const when = 'subject.claims.level == 3 && subject.claims.org.id == "x" && subject.email == "a@b"'
    expect(await allowedWhen(when, '{}', { subject })).toBe('allow')
  })

  it('given a client that has not said its name, fails where the name is read', async () => {
    expect(await allowedWhen('client.name != "cursor"', '{}')).toBe('allow')
    expect(await allowedWhen('client.name != "cursor"', '{}', { client: null })).toBe('deny')
  })
})

describe('what a hostile call can make a condition cost', () => {
  it('given a text that hangs a backtracking engine, matches() answers', async () => {
    const text = `${'a'.repeat(50_000)}!`
    expect(await outcomeOf('args.s.matches("^(a+)+$")', JSON.stringify({ s: text }))).toBe('no')
    expect(await outcomeOf('args.s.matches("^(a+)+!$")', JSON.stringify({ s: text }))).toBe('yes')
  })

  it('given more text than matches() looks through, fails', async () => {
    expect(await outcomeOf('args.s.matches("b$")', JSON.stringify({ s: 'a'.repeat(2 ** 20) }))).toBe('failed')
  })

  it('given loops in loops over many arguments, fails instead of running on', async () => {
    const nested = 'args.l.all(a, args.l.all(b, args.l.all(c, a + b + c >= 0)))'
    expect(await outcomeOf(nested, JSON.stringify({ l: Array.from({ length: 20 }, () => 1) }))).toBe('yes')
    expect(await outcomeOf(nested, JSON.stringify({ l: Array.from({ length: 2000 }, () => 1) }))).toBe(
      'failed',
    )
  })

  it('given a loop that a later part would make irrelevant, fails all the same', async () => {
    const list = JSON.stringify({ l: Array.from({ length: 2000 }, () => 1), x: 1 })
    expect(await outcomeOf('args.l.all(a, args.l.all(b, a + b > 0)) || args.x == 1', list)).toBe('failed')
  })

  it('given arguments nested too deeply to read, fails', async () => {
    expect(await outcomeOf('args.x == 1', `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)).toBe(
      'failed',
    )
  })
})

import { HEADER, linesOf } from './a-session.ts'

const TOOL = 'drop\u001b[2J\u001b]0;pwned\u0007\n> 9 of 9 approved\r\u202e'

/** A log that tries to draw on the screen: in names, reasons, arguments, results, and in a line that is no record. */
export const HOSTILE = linesOf([
  { ...HEADER, host: 'h\u001b[2J', server: { name: 'ev\u202eil│\n> q', command: ['\u009b2J'] } },
  {
    time: '09:14:08.000',
    kind: 'request',
    from: 'client',
    exchange: 1,
    method: 'tools/call\u0000',
    tool: TOOL,
    facts: { '\u001b[31m': '━━━━' },
    decision: { effect: 'deny', rules: ['ru\u200bles'], why: 'оne dеnies\u2028│ paused' },
    message: {
      params: {
        name: TOOL,
        arguments: { '\u001b]8;;x\u0007': '\u001b[2Jclear\nnew ┆ line\u202e', z: 'ｗｉｄｅ日本' },
      },
    },
  },
  {
    time: '09:14:09.000',
    kind: 'response',
    from: 'server',
    exchange: 1,
    tookUs: 1,
    message: { result: { content: [{ type: 'text', text: `\u001b[1;1H${'─'.repeat(300)}\u0085\u2029` }] } },
  },
  {
    time: '09:14:10.000',
    kind: 'refused',
    from: 'server',
    why: '\u001b[?25l\u001bc',
    bytes: 3,
    head: Buffer.from('\u001b[31mHELLO').toString('base64'),
  },
  'not json \u001b[2J\u202e at all',
  {
    time: '\u001b[5m',
    kind: 'context',
    cause: 'start\u001b[7m',
    subject: { issuer: '\u001b[H', email: 'bob\u202e@acme.example', groups: ['\u001b[K'] },
    client: { name: '\u001b[0m', version: '\u2066' },
  },
])

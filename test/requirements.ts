/**
 * What hoopctl promises, each with the id that tests cite in their titles as `[ID]`. The invariants are those of
 * docs/design.md; the attacks are what somebody on one side would try.
 */
export const REQUIREMENTS: Readonly<Record<string, string>> = {
  'INV-1': 'default deny: what no rule allows, nobody knows or cannot be read is denied, with the reason',
  'INV-2': 'most restrictive wins: deny over ask over allow, whatever the order of the rules',
  'INV-3': 'what was decided on is what is sent, in any parser of the field, numbers too',
  'INV-4': 'no action without a record: it is written before the request is forwarded',
  'INV-5':
    'secrets stay inside: none in a message to the client, the log, process arguments, stderr or an error',
  'INV-6': 'the log holds what the client saw',
  'INV-7':
    'the client and the server cannot tell: bytes, order, ids, progress, cancellation stay as they were',
  'ATK-ADDRESS': 'an address that is spelled in another way walks around a rule',
  'ATK-CLAIMS':
    'claims that are unverified, incomplete or of another type pass for an email, a group or somebody else',
  'ATK-CLOCK-BACK': 'a clock set back, or stopped, revives or extends what was to end',
  'ATK-APPROVAL-REPLAY':
    'an approval is used twice: by two processes at once, after a kill, an edit of the state or a clock set back',
  'ATK-APPROVAL-STORE':
    'whoever writes the approval store alters, replays, renames, floods or withholds questions and answers',
  'ATK-DECEPTION': 'text from a model looks like something else, or like hoopctl’s own frame',
  'ATK-CHANGED-CALL': 'another call is sent than the one that a person approved',
  'ATK-HASTE': 'a key that was meant for another call, a paste or Return approves',
  'ATK-ALTERED-QUESTION': 'what arrives at a screen is not what was asked about',
  'ATK-EDITED-STATE':
    'an activation or a question is written or edited in the database, past all of our code',
  'ATK-ENDLESS-ANSWER':
    'what the network answers never ends, comes in drops, or unfolds to more than memory holds',
  'ATK-FLOOD': 'so many entries, notifications or refused lines that something gives way',
  'ATK-FORGED-AGREEMENT':
    'a grant that a second person must agree to is activated without them: their answer is made up, or was to something else',
  'ATK-FORGED-PRUNE':
    'a session log that somebody removed looks as if it had been pruned: by a note that they wrote, altered or took from elsewhere',
  'ATK-UNHELD-PRUNE':
    'a session log is removed though a destination does not hold all of it: what is kept here says that it does',
  'ATK-FORGED-RECEIPT':
    'an approval looks as if a person had given it: another key, an untouched key, a token made for something else',
  'ATK-REPLAYED-RECEIPT':
    'a receipt is used for another call, question, session, device or requester, or twice',
  'ATK-LATE-RECEIPT': 'a receipt is used after its time, or dated so that it lives longer',
  'ATK-FOREIGN-BUS':
    'another user listens where a session bus was, to be handed tokens or to hand out their own',
  'ATK-FORGED-REQUEST':
    'a program of this user makes an activation look as if a person had asked for it: seals it, reuses a sign-in',
  'ATK-FOREIGN-TASK': 'a task that somebody else’s call made is read or told of',
  'ATK-FOREIGN-TOKEN': 'progress is told under a token that no allowed call made',
  'ATK-FOREIGN-UPDATE': 'a server tells of addresses or lists that nobody subscribed to',
  'ATK-FORGED-CALLBACK': 'another program or page of this machine answers in place of the browser',
  'ATK-FORGED-DECISION': 'a server or client speaks in hoopctl’s name, in `_meta` or in an error’s data',
  'ATK-FORGED-SIGN-IN':
    'a program of this user writes where the sign-in is kept: claims that no provider signed, or that it took back',
  'ATK-FORGED-TOKEN':
    'a token that the provider did not give to this client for this question, or an endpoint that lies',
  'ATK-ONE-IS-TWO': 'two answers of one person count as two people',
  'ATK-SELF-APPROVAL': 'whoever asks answers themselves',
  'ATK-WEAK-PROOF': 'a weaker proof than demanded counts',
  'ATK-STORE-WRITER': 'whoever writes the approval store answers',
  'ATK-ID-REUSE':
    'an id is used again, so that the late answer to one request passes for the answer to another',
  'ATK-IMITATION':
    'a key that differs from a member of the protocol in case only is read by one parser and not by another',
  'ATK-IMPOSTOR-HOST':
    'somebody on the network speaks for a host: another certificate, a proxy that swaps it, a redirect, plain http',
  'ATK-MIX-UP': 'the answer of one provider passes for that of another',
  'ATK-PARSER': 'a line that two parsers read as two different messages',
  'ATK-REFRESH-REUSE': 'a refresh token is used twice, at which the provider signs everyone out',
  'ATK-REWRITTEN-LOG':
    'a log or what was sent of it is cut, replaced or rewritten as a whole, also with the key of its device',
  'ATK-REVIVED-GRANT': 'what a policy, a group or a sign-in took away comes back by itself',
  'ATK-ROLLBACK': 'an older policy or trust document is served, or a second one of the same version',
  'ATK-POLICY-SOURCE':
    'whoever writes the policy store serves an older, altered, renamed or unsigned policy, or other signers',
  'ATK-POLICY-COPY': 'a program of this user changes the copies that are kept of a signed policy',
  'ATK-LOCK': 'a variable, a flag or a file of the person passes by the managed lock',
  'ATK-RUG-PULL': 'a tool or the instructions change after a person looked at them',
  'ATK-SERVER-ASKS':
    'a server asks the client for something where nobody looks: in results, tasks, notifications, errors',
  'ATK-SHADOW': 'one name is listed with two definitions',
  'ATK-SIGN-ALGORITHM':
    'a signed file names the algorithm by which it is to be verified: `none`, a weaker one',
  'ATK-SIGN-HEADER':
    'a header that a verifier passes over changes what a signature means, or whose key it is by',
  'ATK-SIGN-OTHER-TYPE': 'a signature that was made for one kind of file is used for another',
  'ATK-SIGN-TWICE': 'one person’s key counts twice towards a threshold',
  'ATK-SPLICE': 'an entry of a list is written so that cutting it out cuts elsewhere',
  'ATK-STORE': 'an encrypted token is changed, cut, or put under another account’s name',
  'ATK-STRAY-ANSWER': 'an answer to nothing, a second one, or one under an id of another type',
  'ATK-STRAY-CANCEL': 'a cancellation of what the one who cancels did not ask for',
  'ATK-TERMINAL': 'text of a client or server moves the cursor, hides or forges lines on a person’s terminal',
  'ATK-TRUST': 'a trust document that those before did not agree to names new keys',
  'ATK-TYPED-AHEAD': 'a yes is typed before the question is there, or where no person is at a terminal',
  'ATK-ANY-WORKLOAD': 'any token of an issuer that serves the whole world signs in',
  'ATK-WEAK-KEY': 'a public key for which anybody can sign, or that can be written in two ways',
}

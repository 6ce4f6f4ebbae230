/**
 * What is done to a message of each method. `list`: entries that policy can never allow are taken out of the answer.
 * `call`: decided by the rules. `task`: belongs to the call that made the task. `listen`: each address in it is decided.
 * `pass`: the protocol needs it and it reaches nothing. `ask`: something that the server asks of the client, decided by
 * a `serverRequest` rule. `own`: passed only where it belongs to a request, token, task or subscription that is known.
 */
export type Treatment = 'handshake' | 'list' | 'call' | 'task' | 'listen' | 'pass' | 'ask' | 'own'

export interface MethodRow {
  readonly treatment: Treatment
  /** Why, for people who read this table and for the log. */
  readonly why: string
}

// Every method of the revisions 2024-11-05 … 2025-11-25 and 2026-07-28, and of the tasks extension. What is not in here
// is denied.

/** Requests that a client sends. */
export const CLIENT_REQUESTS = table({
  initialize: {
    treatment: 'handshake',
    why: 'the handshake; its answer is trimmed to what policy could allow',
  },
  'server/discover': {
    treatment: 'handshake',
    why: 'the handshake of 2026-07-28; its answer is trimmed likewise',
  },
  ping: { treatment: 'pass', why: 'a sign of life reaches nothing' },
  'logging/setLevel': { treatment: 'pass', why: 'it changes only what the server reports to this client' },
  'tools/list': { treatment: 'list', why: 'lists are filtered' },
  'resources/list': { treatment: 'list', why: 'lists are filtered' },
  'resources/templates/list': { treatment: 'list', why: 'lists are filtered' },
  'prompts/list': { treatment: 'list', why: 'lists are filtered' },
  'tasks/list': { treatment: 'list', why: 'lists are filtered to the tasks of this session' },
  'tools/call': { treatment: 'call', why: 'rules decide' },
  'resources/read': { treatment: 'call', why: 'rules decide' },
  'resources/subscribe': { treatment: 'call', why: 'rules decide, as for reading' },
  'resources/unsubscribe': { treatment: 'call', why: 'rules decide, as for reading' },
  'prompts/get': { treatment: 'call', why: 'rules decide' },
  'completion/complete': {
    treatment: 'call',
    why: 'rules decide on the prompt or template that it completes',
  },
  'tasks/get': { treatment: 'task', why: 'a task belongs to the call that made it' },
  'tasks/result': { treatment: 'task', why: 'a task belongs to the call that made it' },
  'tasks/update': { treatment: 'task', why: 'a task belongs to the call that made it' },
  'tasks/cancel': { treatment: 'task', why: 'a task belongs to the call that made it' },
  'subscriptions/listen': { treatment: 'listen', why: 'each address in it is decided' },
})

/** Notifications that a client sends. */
export const CLIENT_NOTIFICATIONS = table({
  'notifications/initialized': { treatment: 'pass', why: 'the end of the handshake' },
  'notifications/roots/list_changed': { treatment: 'pass', why: 'it names no root' },
  'notifications/cancelled': { treatment: 'own', why: 'only for a request that the server got' },
  'notifications/progress': { treatment: 'own', why: 'only for a request of the server that is open' },
  'notifications/tasks/status': { treatment: 'own', why: 'only for a task that the server asked for' },
})

/** Requests that a server sends (until 2025-11-25). */
export const SERVER_REQUESTS = table({
  ping: { treatment: 'pass', why: 'a sign of life reaches nothing' },
  'sampling/createMessage': { treatment: 'ask', why: 'it spends the client’s model and may carry data out' },
  'elicitation/create': { treatment: 'ask', why: 'it asks a person for something' },
  'roots/list': { treatment: 'ask', why: 'it tells where the person’s files are' },
  'tasks/get': { treatment: 'task', why: 'a task belongs to the request that made it' },
  'tasks/result': { treatment: 'task', why: 'a task belongs to the request that made it' },
  'tasks/list': { treatment: 'task', why: 'it would tell of the tasks of others' },
  'tasks/cancel': { treatment: 'task', why: 'a task belongs to the request that made it' },
})

/** Notifications that a server sends. */
export const SERVER_NOTIFICATIONS = table({
  'notifications/message': { treatment: 'pass', why: 'a log line for the client' },
  'notifications/tools/list_changed': {
    treatment: 'pass',
    why: 'it names nothing; the list that follows is filtered',
  },
  'notifications/prompts/list_changed': { treatment: 'pass', why: 'it names nothing' },
  'notifications/resources/list_changed': { treatment: 'pass', why: 'it names nothing' },
  'notifications/resources/updated': {
    treatment: 'own',
    why: 'only for an address that was subscribed and is allowed',
  },
  'notifications/cancelled': {
    treatment: 'own',
    why: 'only for a request of the server, or a subscription, that is open',
  },
  'notifications/progress': { treatment: 'own', why: 'only for a token that an allowed call made' },
  'notifications/tasks/status': { treatment: 'own', why: 'only for a task that an allowed call made' },
  'notifications/tasks': { treatment: 'own', why: 'only for a task that an allowed call made' },
  'notifications/elicitation/complete': {
    treatment: 'own',
    why: 'only for an elicitation that was let through',
  },
  'notifications/subscriptions/acknowledged': {
    treatment: 'own',
    why: 'only for a subscription that is open',
  },
})

// A Map, because `constructor` and the like are no methods.
function table(rows: Readonly<Record<string, MethodRow>>): ReadonlyMap<string, MethodRow> {
  return new Map(Object.entries(rows))
}

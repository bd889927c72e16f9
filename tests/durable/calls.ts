import { createTask, openStatuses, type JsonValue, type TaskStore, type WriteGuard } from '@longcall/core'
import fc from 'fast-check'

/*
 * What is done to a store at random: first by numbers, so that it can be written down before anything has happened, then as a
 * call, when it is known which tokens and cursors there are.
 */

export type Method = Exclude<keyof TaskStore, 'watch' | 'close'>

/** A call as it is drawn: which method, on which task, with which of everything else. */
export interface Draw {
  readonly method: Method
  readonly task: number
  /** Which of the tokens that were given for the task, counted from the newest; where there is none, none. */
  readonly token: number
  readonly key: string
  /** Draws one of the variants of a method. */
  readonly n: number
  readonly value: JsonValue
}

/** What somebody who calls a store remembers of earlier calls. */
export interface Known {
  isThere(id: string): boolean
  tokensOf(id: string): readonly string[]
  readonly cursors: { readonly [method in Method]?: string | undefined }
  newToken(id: string): string
}

export function idOf(task: number): string {
  return `t${task}`
}

const shapes = [
  { ttlMs: 100, maxTtlMs: 1_000, onCrash: 'rerun', maxAttempts: 2, owner: 'ann' },
  { ttlMs: 0, maxTtlMs: 300, onCrash: 'fail', maxAttempts: 1, tool: 'other' },
  { ttlMs: 200, maxTtlMs: null, onCrash: 'fail', maxAttempts: 1 },
  { ttlMs: 100, maxTtlMs: null, onCrash: 'rerun', maxAttempts: 3, owner: 'ann' },
  { ttlMs: 0, maxTtlMs: null, onCrash: 'rerun', maxAttempts: 1 },
  { ttlMs: 200, maxTtlMs: 500, onCrash: 'rerun', maxAttempts: 2, hidden: true },
  { ttlMs: null, maxTtlMs: null, onCrash: 'fail', maxAttempts: 1, owner: 'ann' },
] as const
const endings = ['completed', 'failed', 'cancelled'] as const
const namespace = 'default'

/** A short lease, which runs out, and a long one, which only the death of its holder ends. */
const leases = [50, 10_000, 50] as const

const argumentsOf: Record<Method, (draw: Draw, id: string, known: Known) => readonly unknown[]> = {
  create: ({ n, value }, id) => {
    const shape = { quota: 'all', id, arguments: { value }, ...pick(shapes, n) }
    return [
      createTask(shape),
      { maxOpen: pick([3, 100, 100], n >> 2), ...(n % 3 > 0 && { leaseMs: pick(leases, n >> 1) }) },
    ]
  },
  get: ({ n }, id) => [id, ownerOf(n)],
  end: (draw, id, known) => {
    const outcome = { kind: 'result', result: { value: draw.value, isError: draw.n % 4 === 0 } } as const
    const [status, retentionMs] = [pick(endings, draw.n), pick([50, 400], draw.n)]
    return [
      id,
      { status, retentionMs, ...(draw.n % 5 > 0 && { outcome, statusMessage: draw.key }) },
      guard(draw, id, known),
    ]
  },
  note: (draw, id, known) => {
    const progress = { progress: draw.n, total: 60 }
    return [
      id,
      { ...(draw.n % 3 > 0 && { statusMessage: draw.key }), ...(draw.n % 2 > 0 && { progress }) },
      guard(draw, id, known),
    ]
  },
  ask: (draw, id, known) => {
    const { key, value } = draw
    return [id, { key, identity: key, method: 'roots/list', params: { value } }, guard(draw, id, known)]
  },
  answer: ({ key, n, value }, id) => {
    const answer = { kind: 'result', result: { value } } as const
    return [id, new Map((n % 2 === 0 ? [key] : ['q0', key, 'q1']).map((name) => [name, answer])), ownerOf(n)]
  },
  withdraw: (draw, id, known) => [id, draw.n % 2 === 0 ? [draw.key] : ['q1', 'q0'], guard(draw, id, known)],
  saveStep: (draw, id, known) => [id, { key: draw.key, value: draw.value }, guard(draw, id, known)],
  steps: (_, id) => [id],
  history: (_, id) => [id],
  claim: ({ token, n }, id, known) => {
    const last = known.tokensOf(id).at(-1)
    const chosen = token === 0 && last !== undefined ? { token: last } : token < 3 ? { token: known.newToken(id) } : {}
    return [id, { namespace, tools: n % 5 === 0 ? ['task'] : ['task', 'other'], leaseMs: pick(leases, n), ...chosen }]
  },
  claimable: ({ n }, _, { cursors }) => [{ namespace, tools: ['task', 'other'] }, page(n, cursors.claimable)],
  claimLost: ({ n }) => [{ namespace, leaseMs: pick(leases, n) }, pick([1, 100], n >> 1)],
  heartbeat: ({ token, n }, id, known) => {
    const other = idOf(n % 4)
    const held = [id, ...(other === id ? [] : [other])].map((one) => ({
      id: one,
      token: known.tokensOf(one).at(-1 - token) ?? 'none',
    }))
    return [held, pick(leases, n)]
  },
  release: ({ token, n }, id, known) => [id, known.tokensOf(id).at(-1 - token) ?? 'none', { elsewhere: n % 3 === 0 }],
  list: ({ n }, _, { cursors }) => [filterOf(n >> 1), page(n, cursors.list)],
  count: ({ n }) => [filterOf(n >> 1)],
  sweep: ({ n }) => [pick([1, 100], n)],
}

const ofMany: ReadonlySet<Method> = new Set(['claimable', 'claimLost', 'list', 'count', 'sweep'])

/** The call that was drawn, as it can be made now. */
export function toCall(draw: Draw, known: Known): { readonly method: Method; readonly args: readonly unknown[] } {
  const id = idOf(draw.task)
  // Else most of what is done would be done to nothing.
  const method = known.isThere(id) || ofMany.has(draw.method) || draw.n % 4 === 0 ? draw.method : 'create'
  return { method, args: argumentsOf[method](draw, id, known) }
}

/** Draws calls on the first `tasks` tasks. */
export function anyCall(tasks: number): fc.Arbitrary<Draw> {
  const often: readonly Method[] = [
    'claim',
    'claim',
    'release',
    'ask',
    'answer',
    'heartbeat',
    'claimable',
    'claimLost',
    'saveStep',
    'sweep',
  ]
  return fc.record({
    method: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...often) },
      { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(argumentsOf) as Method[])) },
    ),
    task: fc.nat(tasks - 1),
    token: fc.constantFrom(0, 0, 0, 1, 2, 3),
    key: fc.constantFrom('q0', 'q1', 'q2', '', 'é 漢\n\'"'),
    n: fc.nat(59),
    value: fc.constantFrom<JsonValue>(0, null, 'x', { é: ['\u0000', -0.5, {}] }),
  })
}

function guard({ token, n }: Draw, id: string, known: Known): WriteGuard {
  const given = known.tokensOf(id).at(-1 - token)
  const owner = n % 7 === 0 ? ownerOf(n) : undefined
  return {
    from: n % 6 === 5 ? ['working'] : openStatuses,
    ...(given !== undefined && { token: given }),
    ...(owner !== undefined && { owner }),
  }
}

function ownerOf(n: number): string | undefined {
  return pick([undefined, undefined, undefined, 'ann', 'bob'], n)
}

function filterOf(n: number): object {
  return pick(
    [{}, {}, {}, { owner: 'ann' }, { tool: 'other' }, { statuses: ['working', 'completed'] }, { namespace: 'x' }],
    n,
  )
}

/** A first page, or all the rest of an earlier one. */
function page(n: number, cursor: string | undefined): object {
  return n % 2 === 1 && cursor !== undefined ? { cursor, limit: 100 } : { limit: pick([1, 1, 2, 100], n >> 1) }
}

function pick<T>(from: readonly T[], n: number): T {
  return from[n % from.length]!
}

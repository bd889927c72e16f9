import type { Claim, TaskHistoryEntry, TaskStore, WriteAck } from '@longcall/core'
import type { Call, Reply } from './store-process.mjs'

/** What a call to this store gives. */
export async function replyOf(store: TaskStore, { method, args }: Call): Promise<Reply> {
  const methods = store as unknown as Readonly<Record<string, (...given: readonly unknown[]) => Promise<unknown>>>
  try {
    return { value: await methods[method]!.apply(store, args as unknown[]) }
  } catch (error) {
    return { error: (error as { readonly code: string }).code }
  }
}

const acknowledged: ReadonlySet<string> = new Set(['note', 'withdraw', 'saveStep', 'release'])

/** What a call gave, as far as two stores owe the same: neither the times of a history, nor which lost task is taken first. */
export function comparable({ method }: Call, reply: Reply): unknown {
  if ('error' in reply) return reply
  const { value } = reply
  if (method === 'history') return (value as readonly TaskHistoryEntry[]).map((entry) => ({ ...entry, atMs: 0 }))
  // Writes whose task nobody needs back.
  if (acknowledged.has(method)) return { kind: (value as WriteAck).kind }
  if (method !== 'claimLost') return value
  return (value as readonly Claim[]).toSorted((one, other) => (one.task.id < other.task.id ? -1 : 1))
}

/** The same with other names for tokens and cursors, wherever a call has them, or what it gave. */
export function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value
  if (Array.isArray(value)) return value.map((one) => renamed(one, names))
  if (typeof value !== 'object' || value === null || value instanceof Map) return value
  const entries = Object.entries(value).filter(([name]) => ['token', 'cursor', 'nextCursor'].includes(name))
  return { ...value, ...Object.fromEntries(entries.map(([name, named]) => [name, renamed(named, names)])) }
}

/** Tokens and cursors that a call gave, each with its name in the other store that was asked for the same. */
export function namesGiven(heard: unknown, given: unknown): readonly (readonly [heard: string, given: string])[] {
  if (Array.isArray(heard) && Array.isArray(given)) return heard.flatMap((one, nth) => namesGiven(one, given[nth]))
  if (!isNamed(heard) || !isNamed(given)) return []
  return (['token', 'nextCursor'] as const).flatMap((name) => {
    const [one, other] = [heard[name], given[name]]
    return one === undefined || other === undefined ? [] : [[one, other] as const]
  })
}

function isNamed(value: unknown): value is { readonly token?: string; readonly nextCursor?: string } {
  return typeof value === 'object' && value !== null
}

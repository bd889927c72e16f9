import type { Call } from './store-process.mjs'
import type { Happening, MadeCall, World } from './world.ts'

/** Calls that were made at the same time. */
export interface Batch {
  readonly calls: readonly MadeCall[]
  readonly nowMs: number
  /** What others may have known of who is dead: more than one thing, where a process died meanwhile. */
  readonly dead: readonly ReadonlySet<number>[]
}

/** Calls that first see to the leases of the dead, and then do what they do. */
const inTwoParts: ReadonlySet<string> = new Set(['claimable', 'claimLost'])

interface Node {
  readonly world: World
  /** What of each call has not happened yet. */
  readonly left: readonly (readonly Happening['part'][])[]
}

/**
 * All worlds that can have come of a batch: those in which its calls, in one order or another, gave what was heard of them. A
 * call of which nothing was heard happened, did not, or happened in part.
 *
 * @param looks See all that there is to be seen in a world.
 */
export async function worldsAfter(
  worlds: readonly World[],
  batch: Batch,
  looks: readonly Call[],
): Promise<readonly World[]> {
  const { calls } = batch
  const found = new Map<string, World>()
  const visited = new Set<string>()
  const parts = calls.map(({ method }): Happening['part'][] => (inTwoParts.has(method) ? ['leases', 'call'] : ['call']))
  const nodes: Node[] = worlds.map((world) => ({ world, left: parts }))
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const { world, left } = node
    const isOnlyWay = calls.length === 1 && calls[0]!.reply !== undefined
    const key = isOnlyWay && worlds.length === 1 ? String(left.flat().length) : await world.key(looks)
    const place = JSON.stringify([left, key])
    if (visited.has(place)) continue
    visited.add(place)
    const canEnd = left.every((rest, nth) => rest.length === 0 || calls[nth]!.reply === undefined)
    if (canEnd && !found.has(key)) found.set(key, left.flat().length === 0 ? world : await world.fork())
    const nexts = nextOf(node, batch)
    for (const [nth, next] of nexts.entries()) {
      const other = nth === nexts.length - 1 ? world : await world.fork()
      if (await other.take(next.happening)) nodes.push({ world: other, left: next.left })
    }
  }
  return [...found.values()]
}

/** What may happen next. */
function nextOf(
  { left }: Node,
  { calls, nowMs, dead }: Batch,
): readonly { readonly happening: Happening; readonly left: Node['left'] }[] {
  return left.flatMap(([part, ...rest], nth) => {
    if (part === undefined) return []
    const call = calls[nth]!
    const after = left.map((parts, index) => (index === nth ? rest : parts))
    const sights = part === 'leases' ? dead.filter((pids) => !pids.has(call.by)) : dead.slice(0, 1)
    return sights.map((pids) => ({ happening: { part, call, nowMs, dead: pids }, left: after }))
  })
}

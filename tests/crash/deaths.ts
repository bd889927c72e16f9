/** Which deaths server processes die. */
import type { Random } from './random.ts'
import { processPoints, taskPoints, wireNames } from './server/points.mjs'

/** How a process dies. */
export type Death =
  /** At a named point, when it is reached for the nth time. */
  | { readonly kind: 'point'; readonly point: string; readonly wire?: string; readonly nth: number }
  /** At any moment: when it serves, when the client has had so many replies then, and some time after that. */
  | { readonly kind: 'moment'; readonly replies: number; readonly afterMs: number }
  /** It is asked to stop after so many replies, and killed while it does. */
  | { readonly kind: 'stop'; readonly replies: number; readonly afterMs: number }
  /** Of a task whose body kills it, and then the next that runs it, as often as that may be. */
  | { readonly kind: 'poison'; readonly wire: string }

/** Points that come once in a life, or seldom. */
const seldom = new Set(['lost', 'sweep', 'claimLost', 'claimable', 'heartbeat', 'steps', 'cancel', 'reply cancel'])

/** Each named point, on both wires where it belongs to one, in a random order; and a task that kills whoever runs it. */
export function everyDeath(random: Random): readonly Death[] {
  const ofTasks = wireNames.flatMap((wire) => taskPoints.map((point) => ({ kind: 'point', point, wire }) as const))
  const ofProcesses = processPoints.map((point) => ({ kind: 'point', point }) as const)
  const points = [...ofTasks, ...ofProcesses].map((death): Death => ({ ...death, nth: nthOf(death.point, 3, random) }))
  // One that dies of nothing special leaves something to those that come after it.
  const first: Death = { kind: 'moment', replies: 200, afterMs: 0 }
  return [first, ...shuffled(points, random), ...wireNames.map((wire): Death => ({ kind: 'poison', wire }))]
}

/** So many deaths, of all kinds. */
export function randomDeaths(count: number, random: Random): readonly Death[] {
  return Array.from({ length: count }, () => randomDeath(random))
}

function randomDeath(random: Random): Death {
  const kind = random.int(1, 100)
  if (kind <= 55) {
    const isOfTask = random.chance(0.85)
    const point = random.pick(isOfTask ? taskPoints : processPoints)
    const nth = nthOf(point, 25, random)
    return { kind: 'point', point, nth, ...(isOfTask && random.chance(0.5) && { wire: random.pick(wireNames) }) }
  }
  // Replies rather than time: on a busy machine just as much happens.
  if (kind <= 92) return { kind: 'moment', replies: random.int(0, 400), afterMs: random.int(0, 50) }
  if (kind <= 98) return { kind: 'stop', replies: random.int(0, 200), afterMs: random.int(0, 150) }
  return { kind: 'poison', wire: random.pick(wireNames) }
}

function nthOf(point: string, most: number, random: Random): number {
  const [name = ''] = point.split(':')
  return seldom.has(name) ? 1 : random.int(1, most)
}

function shuffled<T>(given: readonly T[], random: Random): T[] {
  const left = [...given]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(random.int(0, left.length - 1), 1))
  return order
}

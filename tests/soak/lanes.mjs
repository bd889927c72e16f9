// @ts-check
/** Doing many things, some at a time, and waiting for what comes soon. */
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Does something `count` times, as many at once as there are lanes. Rejects with the first failure, once all lanes have ended.
 *
 * @param {number} count
 * @param {number} lanes
 * @param {(index: number, lane: number) => Promise<unknown>} work
 */
export async function allInLanes(count, lanes, work) {
  let next = 0
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, async (_, lane) => {
      while (next < count) {
        next += 1
        await work(next - 1, lane)
      }
    }),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/**
 * Whether something comes true within `withinMs`.
 *
 * @param {() => boolean | Promise<boolean>} isTrue
 * @param {number} [withinMs]
 */
export async function eventually(isTrue, withinMs = 5000) {
  const until = performance.now() + withinMs
  while (!(await isTrue())) {
    if (performance.now() > until) return false
    await sleep(20)
  }
  return true
}

/**
 * Rejects where something has not settled in time.
 *
 * @template T
 * @param {number} ms
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function settledWithin(ms, work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not settled within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, /** @type {Promise<never>} */ (late)])
  } finally {
    clearTimeout(timer)
  }
}

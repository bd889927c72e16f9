// @ts-check

/** Bytes that are in use after everything that can go is gone. */
export function usedBytes() {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('run node with --expose-gc')
  for (let round = 0; round < 4; round++) gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/**
 * Runs all of it, at most so many at a time.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T, index: number) => Promise<R>} work
 * @param {number} [atOnce]
 * @returns {Promise<R[]>}
 */
export async function mapSome(items, work, atOnce = 50) {
  /** @type {R[]} */
  const results = []
  const entries = items.entries()
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

/** Warnings of the platform, such as of listeners that pile up. */
export function collectWarnings() {
  /** @type {string[]} */
  const warnings = []
  process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`))
  return warnings
}

/**
 * Does it so many times, so many at once, and keeps nothing: the loop itself costs next to nothing.
 *
 * @param {number} count
 * @param {number} atOnce
 * @param {(index: number) => Promise<unknown>} work
 */
export async function runSome(count, atOnce, work) {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** @typedef {{ cpuUs: number, perSecond: number }} Cost of one operation, and how many are done in a second */

/**
 * What each of so many operations costs this process.
 *
 * @param {number} count
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Cost>}
 */
export async function measureCpu(count, work) {
  const [before, began] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: (user + system) / count, perSecond: (count / (performance.now() - began)) * 1000 }
}

/**
 * The middle of what was measured again and again, and how far half of it lies apart.
 *
 * @typedef {{ median: number, low: number, high: number }} Spread
 *
 * @param {number[]} values
 * @param {number} [digits]
 * @returns {Spread}
 */
export function spread(values, digits = 0) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (/** @type {number} */ part) =>
    Number((sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(digits))
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

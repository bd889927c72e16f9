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

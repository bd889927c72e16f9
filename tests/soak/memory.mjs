// @ts-check
/** What this process holds, sample by sample, and how fast that grows. */
import { setImmediate } from 'node:timers/promises'

/**
 * @typedef {object} Growth bytes
 * @property {number} first
 * @property {number} last
 * @property {number} slope per thing that was done, in the last two thirds of the samples
 * @property {number} grown in these two thirds, by the slope
 */

export class MemoryLog {
  // Of a fixed size: what is measured must not grow by the measuring.
  #done = new Float64Array(capacity)
  #heap = new Float64Array(capacity)
  #rss = new Float64Array(capacity)
  #count = 0

  /** Takes a sample, while nothing is under way. @param {number} done how many things were done so far */
  async take(done) {
    if (this.#count === capacity) throw new Error(`more than ${capacity} samples`)
    const { gc } = globalThis
    if (gc === undefined) throw new Error('Memory can only be measured by node --expose-gc')
    // What is released by a finalizer or in a later turn is found by the second or third collection.
    for (let round = 0; round < 3; round += 1) {
      await setImmediate()
      gc()
    }
    const { heapUsed, external, rss } = process.memoryUsage()
    this.#done[this.#count] = done
    this.#heap[this.#count] = heapUsed + external
    this.#rss[this.#count] = rss
    this.#count += 1
  }

  /** @returns {Growth} of what JavaScript holds, and of what is held for it */
  get heap() {
    return this.#growth(this.#heap)
  }

  /** @returns {Growth} of all that the process has of the system */
  get rss() {
    return this.#growth(this.#rss)
  }

  /** @param {Float64Array} of */
  #growth(of) {
    const bytes = [...of.subarray(0, this.#count)]
    const from = Math.floor(this.#count / 3)
    const done = [...this.#done.subarray(from, this.#count)]
    const slope = slopeOf(done, bytes.slice(from))
    const grown = slope * ((done.at(-1) ?? 0) - (done[0] ?? 0))
    return { first: bytes[0] ?? 0, last: bytes.at(-1) ?? 0, slope, grown }
  }
}

const capacity = 1000

/**
 * The median of the slopes between any two points: one sample that is off changes nothing.
 *
 * Source: the Theil–Sen estimator.
 *
 * @param {readonly number[]} xs
 * @param {readonly number[]} ys
 */
function slopeOf(xs, ys) {
  const slopes = []
  for (const [one, x] of xs.entries()) {
    for (let other = one + 1; other < xs.length; other += 1)
      slopes.push(((ys[other] ?? 0) - (ys[one] ?? 0)) / ((xs[other] ?? 0) - x))
  }
  return slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0
}

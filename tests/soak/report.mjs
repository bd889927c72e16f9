// @ts-check
/** What was done, what it took, and what was not as it must be. */
import { inspect } from 'node:util'

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {number} count
 * @property {number} ms
 * @property {import('./memory.mjs').MemoryLog} [memory]
 * @property {number} [heapBound] bytes for each of what was counted
 * @property {number} [rssBound]
 * @property {string} [remark]
 */

const headings = ['what', 'count', 's', '/s', 'heap MB', 'B each', 'at most', 'RSS MB', 'B each', 'at most', 'remarks']

export class Report {
  /** @type {string[][]} */
  #rows = []
  /** @type {string[]} */
  #violations = []

  /** Whether nothing was violated. */
  get isFine() {
    return this.#violations.length === 0
  }

  /**
   * @param {boolean} holds
   * @param {string} violation
   */
  demand(holds, violation) {
    if (holds) return
    this.#violations.push(violation)
    console.log(`VIOLATED: ${violation}`)
  }

  /** What could not go on. @param {unknown} error */
  failed(error) {
    this.demand(false, inspect(error, { depth: 5 }))
  }

  /** @param {Row} row */
  row({ what, count, ms, memory, heapBound, rssBound, remark = '' }) {
    const cells = [what, String(count), (ms / 1000).toFixed(1), String(Math.round((count / ms) * 1000))]
    for (const [kind, growth, bound, noise] of /** @type {const} */ ([
      ['heap', memory?.heap, heapBound, heapNoise],
      ['RSS', memory?.rss, rssBound, rssNoise],
    ])) {
      if (growth === undefined || bound === undefined) {
        cells.push('', '', '')
        continue
      }
      const { first, last, slope, grown } = growth
      cells.push(`${megabytes(first)} → ${megabytes(last)}`, slope.toFixed(1), String(bound))
      const grows = `${what}: the ${kind} grows by ${slope.toFixed(1)} bytes for each, more than ${bound}`
      this.demand(slope <= bound || grown <= noise, grows)
    }
    cells.push(remark)
    this.#rows.push(cells)
    console.log(cells.filter(Boolean).join(' | '))
  }

  print() {
    const widths = headings.map((heading, column) =>
      Math.max(heading.length, ...this.#rows.map((row) => row[column]?.length ?? 0)),
    )
    console.log('')
    for (const row of [headings, ...this.#rows])
      console.log(
        row
          .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
          .join('  '),
      )
    console.log('')
    for (const violation of this.#violations) console.log(`VIOLATED: ${violation}`)
    console.log(this.isFine ? 'Nothing was violated.' : `${this.#violations.length} violations.`)
  }
}

/** Bytes by which memory goes up and down without a leak, which short soaks would take for one. */
const heapNoise = 100 * 2 ** 10
const rssNoise = 8 * 2 ** 20

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1)
}

// @ts-check
import { appendFileSync, readFileSync } from 'node:fs'

/**
 * @typedef {{ kind: 'start', pid: number }
 *   | { kind: 'request', pid: number, method: string, session?: string, id?: string | number }
 *   | { kind: 'run', pid: number, tool: string }
 *   | { kind: 'end', pid: number, why: string }} Entry
 */

/** What all lives of a server write down, in a file that outlives each of them. */
export class Journal {
  #path

  /** @param {string} path */
  constructor(path) {
    this.#path = path
  }

  /** @param {Entry} entry */
  add(entry) {
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`)
  }

  /** @returns {Entry[]} */
  read() {
    return readFileSync(this.#path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }
}

// @ts-check
/**
 * Which fault hits which message. Shared by the HTTP proxy and the stdio pipe.
 *
 * @typedef {'request' | 'response'} Direction `request` flows from the client to the server, `response` the other way,
 *   whatever the message is
 *
 * @typedef {object} FaultMatch
 * @property {string} [method] a JSON-RPC method: of the message itself or, for an answer of the server, of the request
 *   that it answers. `response` is any JSON-RPC response that the client sends. Over HTTP, `GET` and `DELETE` are the
 *   requests without a body; they know `drop-connection`, `status` and `delay`. Absent: everything
 * @property {Direction} direction
 * @property {number | 'every'} [nth] counts the messages that match, from 1; default 1
 *
 * @typedef {object} FaultRule
 * @property {FaultMatch} match
 * @property {string} fault
 * @property {number} [ms] how long `delay` takes; how long `reorder` waits at most for another message, default 1000
 * @property {number} [status] of the `status` fault
 * @property {Record<string, string>} [headers] likewise
 */

/** @template {FaultRule} Rule */
export class RuleBook {
  /** @type {{ rule: Rule, seen: number }[]} */
  #entries = []

  /** @param {Rule[]} rules replace the old ones; counting starts anew */
  set(rules) {
    this.#entries = rules.map((rule) => ({ rule, seen: 0 }))
  }

  /**
   * Counts a message with every rule that matches it.
   *
   * @param {Direction} direction
   * @param {string} method
   * @returns {Rule | undefined} the first rule that is due
   */
  take(direction, method) {
    const matching = this.#entries.filter(({ rule: { match } }) => {
      return match.direction === direction && (match.method === undefined || match.method === method)
    })
    for (const entry of matching) entry.seen++
    return matching.find(({ rule: { match }, seen }) => match.nth === 'every' || (match.nth ?? 1) === seen)?.rule
  }
}

/** Remembers requests, so that an answer can be known by the method that it answers. */
export class MethodMemory {
  /** @type {Map<string | number, string>} */
  #byId = new Map()

  /** @param {any} message from the client */
  remember(message) {
    if (message.id !== undefined && message.method !== undefined) this.#byId.set(message.id, message.method)
  }

  /** @param {any} message from the server */
  methodOf(message) {
    return message.method ?? this.#byId.get(message.id) ?? 'unknown'
  }
}

/** Messages that were set aside until another one has passed. */
export class SetAside {
  /** @type {Set<() => void>} */
  #waiting = new Set()

  /**
   * @param {number} [ms] at most
   * @returns {Promise<void>}
   */
  untilAnotherPassed(ms = 1000) {
    return new Promise((resolve) => {
      const release = () => {
        clearTimeout(timer)
        this.#waiting.delete(release)
        resolve()
      }
      const timer = setTimeout(release, ms).unref()
      this.#waiting.add(release)
    })
  }

  /** To be called after a message was written. */
  passed() {
    for (const release of [...this.#waiting]) release()
  }
}

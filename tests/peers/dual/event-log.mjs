// @ts-check
/**
 * What the dual-era peer was asked and what it said, in order, for tests to count.
 *
 * @typedef {object} PeerEvent
 * @property {number} at milliseconds since the epoch
 * @property {'legacy' | 'modern'} era
 * @property {'request' | 'push' | 'question' | 'answer'} kind a request of the client; a notification to it; a
 *   server-to-client request and its answer (2025 only, in 2026 both ride on requests of the client)
 * @property {string} method
 * @property {string} [taskId]
 * @property {string[]} [taskIds] of a `subscriptions/listen`, as asked for
 * @property {string} [tool]
 * @property {string} [status] as told to the client
 * @property {string[]} [questions] keys shown to the client
 * @property {Record<string, any>} [answers] as received, by key
 * @property {string[]} [ignored] keys of answers that nobody was waiting for
 */

export class EventLog {
  /** @type {PeerEvent[]} */
  events = []

  /**
   * @param {Omit<PeerEvent, 'at'>} event
   * @returns {PeerEvent} the logged object, to be completed once more is known
   */
  add(event) {
    const logged = { at: Date.now(), ...event }
    this.events.push(logged)
    return logged
  }

  /**
   * How often each method was requested for a task.
   *
   * @param {string} taskId
   * @returns {Record<string, number>}
   */
  requestsOf(taskId) {
    /** @type {Record<string, number>} */
    const counts = {}
    for (const event of this.events) {
      if (event.kind !== 'request' || event.taskId !== taskId) continue
      counts[event.method] = (counts[event.method] ?? 0) + 1
    }
    return counts
  }

  /**
   * Every answer received for a task, repeated ones included.
   *
   * @param {string} taskId
   * @returns {{ key: string, value: any }[]}
   */
  answersOf(taskId) {
    return this.events
      .filter((event) => event.taskId === taskId)
      .flatMap((event) => Object.entries(event.answers ?? {}).map(([key, value]) => ({ key, value })))
  }
}

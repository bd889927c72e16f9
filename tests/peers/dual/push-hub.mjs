// @ts-check
/** Who wants to hear about which task, on either wire. */
import { legacyTask, modernTask } from './views.mjs'

/**
 * @typedef {import('./task-table.mjs').TaskRecord} TaskRecord
 *
 * @typedef {object} Subscriber
 * @property {'legacy' | 'modern'} era
 * @property {(taskId: string) => boolean} wants
 * @property {(snapshot: Record<string, any>) => void} send
 */

export class PushHub {
  /** @type {Set<Subscriber>} */
  #subscribers = new Set()
  #log

  /** @param {import('./event-log.mjs').EventLog} log */
  constructor(log) {
    this.#log = log
  }

  /**
   * @param {Subscriber} subscriber
   * @returns {() => void} ends the subscription
   */
  add(subscriber) {
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  /**
   * @param {TaskRecord} record
   * @param {Record<string, any>} [patch] lays lies over the true state: an old status, an old time
   */
  publish(record, patch = {}) {
    for (const { era, wants, send } of [...this.#subscribers]) {
      if (!wants(record.taskId)) continue
      const snapshot = { ...(era === 'modern' ? modernTask(record) : legacyTask(record)), ...patch }
      this.#log.add({
        era,
        kind: 'push',
        method: era === 'modern' ? 'notifications/tasks' : 'notifications/tasks/status',
        taskId: record.taskId,
        status: snapshot.status,
        ...('inputRequests' in snapshot && { questions: Object.keys(snapshot['inputRequests']) }),
      })
      send(snapshot)
    }
  }
}

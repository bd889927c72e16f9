// @ts-check
/**
 * The tasks of the dual-era peer: era-neutral records and who is told when they change. Knows no wire.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'} Status
 *
 * @typedef {object} Question
 * @property {{ method: string, params: Record<string, any> }} request
 * @property {(answer: any) => void} resolve
 * @property {number} staleViews polls that still show the question after it was answered
 * @property {{ value: any }} [answer] given, while the question is still shown
 *
 * @typedef {object} TaskRecord
 * @property {string} taskId
 * @property {string} tool
 * @property {Status} status
 * @property {string} [statusMessage]
 * @property {string} createdAt
 * @property {string} lastUpdatedAt
 * @property {number | null} ttlMs
 * @property {number} pollIntervalMs
 * @property {Map<string, Question>} questions
 * @property {any} [result]
 * @property {{ code: number, message: string, data?: unknown }} [error]
 * @property {AbortController} abort
 *
 * @typedef {object} TaskContext what a tool's body is given
 * @property {(ms: number) => Promise<void>} sleep
 * @property {(message: string) => void} say sets the status message
 * @property {(key: string, request: Question['request'], options?: { staleViews?: number }) => Promise<any>} ask
 */

/** A JSON-RPC error that a tool wants its caller to see as such. */
export class RpcError extends Error {
  /**
   * @param {number} code
   * @param {string} message
   * @param {unknown} [data]
   */
  constructor(code, message, data) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** @param {{ status: Status }} task */
export const isOver = ({ status }) => status === 'completed' || status === 'failed' || status === 'cancelled'

export class TaskTable {
  /** @type {Map<string, TaskRecord>} */
  tasks = new Map()
  /** @type {Set<(record: TaskRecord) => void>} */
  #listeners = new Set()

  /**
   * @param {string} tool
   * @param {(context: TaskContext) => Promise<any>} run
   * @param {{ ttlMs: number | null, pollIntervalMs: number }} options
   * @returns {TaskRecord}
   */
  create(tool, run, { ttlMs, pollIntervalMs }) {
    const now = new Date().toISOString()
    /** @type {TaskRecord} */
    const record = {
      taskId: randomUUID(),
      tool,
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      ttlMs,
      pollIntervalMs,
      questions: new Map(),
      abort: new AbortController(),
    }
    this.tasks.set(record.taskId, record)
    if (ttlMs !== null) setTimeout(() => this.purge(record.taskId), ttlMs).unref()
    // Not before the caller has answered with the task: a push may overtake that answer, a result must not.
    setImmediate(() => void this.#run(record, run))
    return record
  }

  /** @param {string} taskId */
  find(taskId) {
    const record = this.tasks.get(taskId)
    if (record === undefined) throw new RpcError(-32_602, 'Failed to retrieve task: Task not found')
    return record
  }

  /**
   * @param {TaskRecord} record
   * @param {string} key
   * @param {any} value
   * @returns {boolean} false if the question is unknown or was answered before
   */
  answer(record, key, value) {
    const question = record.questions.get(key)
    if (question === undefined || question.answer !== undefined) return false
    question.answer = { value }
    if (question.staleViews === 0) this.#deliver(record, key, question)
    return true
  }

  /**
   * Counts a poll, which is what ends a question that outlives its answer. To be called before the poll is answered.
   *
   * @param {TaskRecord} record
   */
  viewed(record) {
    for (const [key, question] of record.questions) {
      if (question.answer !== undefined && question.staleViews-- === 0) this.#deliver(record, key, question)
    }
  }

  /** @param {string} taskId */
  cancel(taskId) {
    const record = this.find(taskId)
    if (isOver(record)) return
    record.abort.abort()
    this.#change(record, { status: 'cancelled' })
  }

  /**
   * Ends a task from outside, whatever its body is doing.
   *
   * @param {string} taskId
   * @param {{ result: any } | { error: { code: number, message: string, data?: unknown } }} outcome
   */
  finish(taskId, outcome) {
    const record = this.find(taskId)
    if (isOver(record)) return
    this.#settle(record, outcome)
    record.abort.abort()
  }

  /**
   * Forgets a task without a word to anybody, as an expired one is forgotten.
   *
   * @param {string} taskId
   */
  purge(taskId) {
    this.tasks.get(taskId)?.abort.abort()
    this.tasks.delete(taskId)
  }

  /**
   * @param {(record: TaskRecord) => void} listener
   * @returns {() => void} stops listening
   */
  onChange(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * @param {TaskRecord} record
   * @param {(record: TaskRecord) => boolean} reached
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  until(record, reached, signal) {
    if (reached(record)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const stop = () => {
        unsubscribe()
        signal.removeEventListener('abort', giveUp)
      }
      const giveUp = () => {
        stop()
        reject(new Error('no longer waited for'))
      }
      const unsubscribe = this.onChange((changed) => {
        if (changed !== record || !reached(record)) return
        stop()
        resolve()
      })
      signal.addEventListener('abort', giveUp)
    })
  }

  close() {
    for (const taskId of [...this.tasks.keys()]) this.purge(taskId)
  }

  /**
   * @param {TaskRecord} record
   * @param {(context: TaskContext) => Promise<any>} run
   */
  async #run(record, run) {
    try {
      this.#settle(record, { result: await run(this.#contextOf(record)) })
    } catch (error) {
      if (record.abort.signal.aborted) return
      const { code = -32_603, message, data } = /** @type {RpcError} */ (error)
      this.#settle(record, { error: { code, message, ...(data !== undefined && { data }) } })
    }
  }

  /**
   * @param {TaskRecord} record
   * @returns {TaskContext}
   */
  #contextOf(record) {
    return {
      sleep: (ms) => sleep(ms, undefined, { signal: record.abort.signal }),
      say: (statusMessage) => this.#change(record, { statusMessage }),
      ask: (key, request, { staleViews = 0 } = {}) =>
        new Promise((resolve, reject) => {
          record.questions.set(key, { request, resolve, staleViews })
          record.abort.signal.addEventListener('abort', () => reject(new Error('task ended')), { once: true })
          this.#change(record, { status: 'input_required' })
        }),
    }
  }

  /**
   * @param {TaskRecord} record
   * @param {string} key
   * @param {Question} question
   */
  #deliver(record, key, question) {
    record.questions.delete(key)
    this.#change(record, { status: record.questions.size === 0 ? 'working' : 'input_required' })
    question.resolve(question.answer?.value)
  }

  /**
   * @param {TaskRecord} record
   * @param {{ result: any } | { error: any }} outcome
   */
  #settle(record, outcome) {
    record.questions.clear()
    if ('result' in outcome) this.#change(record, { status: 'completed', result: outcome.result })
    else this.#change(record, { status: 'failed', statusMessage: outcome.error.message, error: outcome.error })
  }

  /**
   * @param {TaskRecord} record
   * @param {Partial<TaskRecord>} patch
   */
  #change(record, patch) {
    if (isOver(record) || !this.tasks.has(record.taskId)) return
    Object.assign(record, patch, { lastUpdatedAt: this.#laterThan(record.lastUpdatedAt) })
    for (const listener of [...this.#listeners]) listener(record)
  }

  /**
   * Two changes within one millisecond still differ in their time, so that a client can put them in order.
   *
   * @param {string} previous
   */
  #laterThan(previous) {
    return new Date(Math.max(Date.now(), Date.parse(previous) + 1)).toISOString()
  }
}

// @ts-check
import { Refusal } from './methods.mjs'

/** The requests of one client that are being answered: a notification may cancel each by its id. */
export class RunningCalls {
  /** @type {Map<string | number, AbortController>} */
  #running = new Map()
  #methods

  /** @param {import('./methods.mjs').Methods} methods */
  constructor(methods) {
    this.#methods = methods
  }

  /** @param {{ method: string, params?: any }} notification */
  notified({ method, params }) {
    if (method === 'notifications/cancelled') this.#running.get(params.requestId)?.abort()
  }

  /** Nobody wants them any more. */
  cancelAll() {
    for (const call of this.#running.values()) call.abort()
  }

  /**
   * Answers a request; gives `undefined` where it was cancelled.
   *
   * @param {{ id: string | number, method: string, params?: any }} request
   * @param {(notification: object) => void} notify brings the client a notification about it
   * @param {AbortController} [abort] cancels it
   */
  async answer({ id, method, params = {} }, notify, abort = new AbortController()) {
    const run = this.#methods.get(method)
    if (run === undefined) return refused(id, new Refusal(-32_601, `Method not found: ${method}`))
    const progressToken = params._meta?.progressToken
    const call = () => ({
      signal: abort.signal,
      progress: (/** @type {object} */ update) =>
        notify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, ...update } }),
    })
    this.#running.set(id, abort)
    try {
      const result = await run(params, call)
      return abort.signal.aborted ? undefined : { jsonrpc: '2.0', id, result }
    } catch (error) {
      return refused(id, error)
    } finally {
      this.#running.delete(id)
    }
  }
}

/**
 * @param {string | number} id
 * @param {unknown} error
 */
function refused(id, error) {
  const [code, message] = error instanceof Refusal ? [error.code, error.message] : [-32_603, String(error)]
  return { jsonrpc: '2.0', id, error: { code, message } }
}

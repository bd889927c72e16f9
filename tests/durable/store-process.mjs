/**
 * A process that has a task file open, and does with its store what it is told, at the time that it is told.
 *
 * @typedef {{ readonly wallMs: number, readonly evenMs: number }} Time
 *
 * @typedef {{ readonly method: string, readonly args: readonly unknown[] }} Call
 *
 * @typedef {(
 *   | { readonly kind: 'open', readonly file: string, readonly encryptionKey: Uint8Array | undefined }
 *   | { readonly kind: 'close' }
 *   | { readonly kind: 'calls', readonly calls: readonly Call[], readonly diesUnheard: boolean }
 * )} Order
 *
 * @typedef {{ readonly value: unknown } | { readonly error: string }} Reply What a call gave, or the code of its error.
 */
import { sqlite } from '@longcall/sqlite'

/** @type {Time} */
let time = { wallMs: 0, evenMs: 0 }
/** @type {import('@longcall/core').TaskStore | undefined} */
let store

const clock = {
  now: () => time.wallMs,
  monotonic: () => time.evenMs,
  sleep: () => Promise.reject(new Error('A store does not sleep.')),
}

/**
 * @param {Order} order
 * @param {(nth: number, reply: Reply) => void} answer
 */
async function obey(order, answer) {
  switch (order.kind) {
    case 'open':
      // It may have one open of a story that ended badly.
      await store?.close()
      store = sqlite(order.file, {
        clock,
        ...(order.encryptionKey !== undefined && { encryptionKey: order.encryptionKey }),
      }).store
      return answer(0, { value: undefined })
    case 'close':
      await store?.close()
      store = undefined
      return answer(0, { value: undefined })
    case 'calls':
      // All in one tick.
      await Promise.all(
        order.calls.map(async (call, nth) => {
          const reply = await replyTo(call)
          // What was done is done, and nobody is told.
          if (order.diesUnheard) process.kill(process.pid, 'SIGKILL')
          answer(nth, reply)
        }),
      )
  }
}

/**
 * @param {Call} call
 * @returns {Promise<Reply>}
 */
async function replyTo({ method, args }) {
  try {
    const methods = /** @type {Record<string, (...args: readonly unknown[]) => Promise<unknown>>} */ (
      /** @type {unknown} */ (store)
    )
    return { value: await methods[method]?.(...args) }
  } catch (error) {
    return { error: codeOf(error) }
  }
}

/** @param {unknown} error */
function codeOf(error) {
  const { code } = /** @type {{ code?: unknown }} */ (error)
  return typeof code === 'string' ? code : String(error)
}

process.on('message', (message) => {
  const { first, order, ...rest } =
    /** @type {{ readonly first: number, readonly order: Order, readonly time: Time }} */ (message)
  time = rest.time
  /** @type {(nth: number, reply: Reply) => void} */
  const answer = (nth, reply) => void process.send?.({ number: first + nth, reply })
  obey(order, answer).catch((error) => answer(0, { error: codeOf(error) }))
})

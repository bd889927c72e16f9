import { subscribe } from 'node:diagnostics_channel'

/** What the recording client says that a request is for, in a header of its own: `purpose wire`. */
export const purposeHeader = 'x-recorder'

/**
 * Says before the first byte of an answer leaves this process, and once it has left, that its moment has come.
 *
 * A question is an answer of its own: on 2025-11-25 it comes on the stream of another.
 *
 * @param {import('./killer.mjs').Reach} reach
 */
export function watchReplies(reach) {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = /** @type {Exchange} */ (message)
    const [purpose, wire] = String(request.headers[purposeHeader] ?? '').split(' ')
    if (purpose === undefined || purpose === '') return
    for (const name of /** @type {const} */ (['write', 'end'])) {
      const send = /** @type {(...given: unknown[]) => never} */ (response[name].bind(response))
      response[name] = (/** @type {unknown[]} */ ...given) => {
        const point = `reply ${contentOf(given[0]) ?? purpose}`
        const isPart = typeof given[0] === 'string' || given[0] instanceof Uint8Array
        // A stream is opened with a comment, which is no answer yet.
        const isAnswer = isPart && !textOf(given[0]).startsWith(':')
        if (isAnswer) reach(`${point}:before`, wire)
        const sent = send(...given)
        // By then it is the system's to deliver.
        if (isAnswer) setImmediate(() => setImmediate(() => reach(`${point}:after`, wire)))
        return sent
      }
    }
    // An answer without a body: that a message was accepted.
    const writeHead = /** @type {(...given: unknown[]) => never} */ (response.writeHead.bind(response))
    response.writeHead = (/** @type {unknown[]} */ ...given) => {
      if (given[0] !== 202) return writeHead(...given)
      reach(`reply ${purpose}:before`, wire)
      response.once('finish', () => setImmediate(() => reach(`reply ${purpose}:after`, wire)))
      return writeHead(...given)
    }
  })
}

/** @typedef {{ request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse }} Exchange */

/**
 * What an answer brings beside what it was asked for: on 2025-11-25 a question comes on the stream that waits for the result,
 * on 2026-07-28 questions and results come with the state.
 *
 * @param {unknown} part
 */
function contentOf(part) {
  const text = textOf(part)
  if (text.includes('"elicitation/create"')) return 'question'
  return text.includes('"status":"completed"') ? 'result' : undefined
}

/** @param {unknown} part */
function textOf(part) {
  if (part instanceof Uint8Array) return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8')
  return typeof part === 'string' ? part : ''
}

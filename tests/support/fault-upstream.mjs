// @ts-check
import { request as sendRequest } from 'node:http'

/**
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 */

/** Headers that belong to one connection and not to the message that passes through two. */
const OF_ONE_CONNECTION = ['connection', 'transfer-encoding', 'content-length']

/** The server behind the proxy, and the requests that are open there. */
export class Upstream {
  #target
  /** @type {Set<import('node:http').ClientRequest>} */
  #open = new Set()

  /** @param {URL} target */
  constructor(target) {
    this.#target = target
  }

  /** @param {URL} target */
  retarget(target) {
    this.#target = target
  }

  /**
   * @param {IncomingMessage} received
   * @param {Buffer} body of the received request
   * @returns {{ answer: Promise<IncomingMessage>, abandon: () => void }}
   */
  send(received, body) {
    const { origin, host } = this.#target
    const { method, url = '/' } = received
    const headers = {
      // Without an encoding the answer can be read on its way back.
      ...without(received.headers, [...OF_ONE_CONNECTION, 'accept-encoding']),
      host,
      ...(body.length > 0 && { 'content-length': body.length }),
    }
    const outgoing = sendRequest(new URL(url, origin), { method, headers, agent: false })
    this.#open.add(outgoing)
    outgoing.once('close', () => this.#open.delete(outgoing))
    const answer = new Promise((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.on('error', reject)
    })
    outgoing.end(body)
    return { answer, abandon: () => void outgoing.destroy() }
  }

  abandonAll() {
    for (const outgoing of this.#open) outgoing.destroy()
  }
}

/** @param {IncomingMessage} answer */
export const headersToPassOn = ({ headers }) => without(headers, OF_ONE_CONNECTION)

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string[]} names
 */
const without = (headers, names) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

// @ts-check
/**
 * `subscriptions/listen` with `taskIds`. The SDK owns the method and strips `taskIds` from its filter, so it is served
 * in front of the SDK: over HTTP as a stream of its own, on a pipe by decorating the transport.
 */
import { declaresTasks, TASKS_REQUIRED } from './modern.mjs'

/**
 * @typedef {import('./peer-state.mjs').PeerState} PeerState
 * @typedef {import('@modelcontextprotocol/server').Transport} Transport
 */

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId'

const CAPABILITY_MISSING = { code: -32_021, message: 'Missing required client capability', data: TASKS_REQUIRED }

/**
 * @param {any} message
 * @returns {string[] | undefined} undefined if the message is no subscription to tasks
 */
export function requestedTaskIds(message) {
  return message?.method === 'subscriptions/listen' ? message.params?.notifications?.taskIds : undefined
}

/**
 * @param {any} id of the `subscriptions/listen` request
 * @param {string[]} taskIds
 */
const acknowledgement = (id, taskIds) => ({
  jsonrpc: /** @type {const} */ ('2.0'),
  method: 'notifications/subscriptions/acknowledged',
  params: { notifications: { taskIds }, _meta: { [SUBSCRIPTION_ID]: id } },
})

/**
 * @param {any} id
 * @param {Record<string, any>} snapshot
 */
const taskNotification = (id, snapshot) => ({
  jsonrpc: /** @type {const} */ ('2.0'),
  method: 'notifications/tasks',
  params: { ...snapshot, _meta: { [SUBSCRIPTION_ID]: id } },
})

/**
 * @param {PeerState} peer
 * @param {string[]} taskIds
 */
function honour({ store, log }, taskIds) {
  log.add({ era: 'modern', kind: 'request', method: 'subscriptions/listen', taskIds })
  return taskIds.filter((taskId) => store.tasks.has(taskId))
}

/** The listen streams of one HTTP endpoint. */
export class ListenStreams {
  /** @type {Set<() => void>} */
  #open = new Set()
  #peer

  /** @param {PeerState} peer */
  constructor(peer) {
    this.#peer = peer
  }

  /**
   * @param {any} message a `subscriptions/listen` request that names tasks
   * @param {AbortSignal} gone
   * @returns {Response}
   */
  serve(message, gone) {
    const { id, params } = message
    if (!declaresTasks(params._meta)) {
      return Response.json({ jsonrpc: '2.0', id, error: CAPABILITY_MISSING }, { status: 400 })
    }
    const taskIds = honour(this.#peer, params.notifications.taskIds)
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    // A reader that has gone makes writing fail; the subscription ends with `gone`.
    const write = (/** @type {object} */ sent) => void writer.write(sseEvent(sent)).catch(() => {})
    write(acknowledgement(id, taskIds))
    const unhook = this.#peer.hub.add({
      era: 'modern',
      wants: (taskId) => taskIds.includes(taskId),
      send: (snapshot) => write(taskNotification(id, snapshot)),
    })
    const unsubscribe = () => {
      unhook()
      this.#open.delete(end)
    }
    const end = () => {
      unsubscribe()
      write({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta: { [SUBSCRIPTION_ID]: id } } })
      void writer.close().catch(() => {})
    }
    this.#open.add(end)
    gone.addEventListener('abort', unsubscribe, { once: true })
    void writer.closed.catch(unsubscribe)
    return new Response(readable, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' },
    })
  }

  /** Ends every stream in the orderly way, with its response. */
  endAll() {
    for (const end of [...this.#open]) end()
  }
}

/** @param {object} message */
const sseEvent = (message) => new TextEncoder().encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`)

/**
 * Puts `taskIds` back into what passes between a duplex transport and the SDK.
 *
 * @param {PeerState} peer
 * @param {Transport} wire
 * @returns {Transport}
 */
export function withTaskSubscriptions(peer, wire) {
  /** @type {Map<any, string[]>} ids asked for, until the SDK acknowledges the rest of the filter */
  const pending = new Map()
  /** @type {Map<any, () => void>} */
  const unsubscribes = new Map()

  const subscribe = (/** @type {any} */ id, /** @type {string[]} */ taskIds) => {
    const unsubscribe = peer.hub.add({
      era: 'modern',
      wants: (taskId) => taskIds.includes(taskId),
      send: (snapshot) => void wire.send(taskNotification(id, snapshot)).catch(() => {}),
    })
    unsubscribes.set(id, unsubscribe)
  }
  const end = (/** @type {any} */ id) => {
    pending.delete(id)
    unsubscribes.get(id)?.()
    unsubscribes.delete(id)
  }

  /** @param {any} message */
  const outgoing = (message) => {
    const id = message.params?._meta?.[SUBSCRIPTION_ID]
    const taskIds = pending.get(id)
    if (message.method !== 'notifications/subscriptions/acknowledged' || taskIds === undefined) return message
    pending.delete(id)
    subscribe(id, taskIds)
    const notifications = { ...message.params.notifications, taskIds }
    return { ...message, params: { ...message.params, notifications } }
  }

  /**
   * @param {any} message
   * @returns {boolean} whether the SDK is to see it
   */
  const incoming = (message) => {
    if (message.method === 'notifications/cancelled') end(message.params?.requestId)
    const taskIds = requestedTaskIds(message)
    if (taskIds === undefined) return true
    if (!declaresTasks(message.params._meta)) {
      void wire.send({ jsonrpc: '2.0', id: message.id, error: CAPABILITY_MISSING })
      return false
    }
    pending.set(message.id, honour(peer, taskIds))
    return true
  }

  /** @type {Transport} */
  const decorated = {
    start: () => {
      wire.onmessage = (message, extra) => {
        if (incoming(message)) decorated.onmessage?.(message, extra)
      }
      wire.onerror = (error) => decorated.onerror?.(error)
      wire.onclose = () => {
        for (const id of [...unsubscribes.keys()]) end(id)
        decorated.onclose?.()
      }
      return wire.start()
    },
    send: (message, options) => {
      if ('result' in message) end(message.id)
      return wire.send(outgoing(message), options)
    },
    close: () => wire.close(),
  }
  return decorated
}

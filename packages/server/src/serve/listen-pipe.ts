import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server'
import {
  acknowledgedWith,
  listenFrame,
  listenRefusal,
  readTaskListen,
  subscriptionOf,
} from '../2026-07-28/listen-message.ts'
import { pushTasks, visibleTasks } from '../2026-07-28/task-push.ts'
import type { TaskRecord } from '@longcall/core'
import type { TaskService } from '../calls/task-service.ts'

type Id = string | number

/** A subscription that names tasks. */
interface Subscription {
  readonly granted: readonly TaskRecord[]
  readonly over: AbortController
  /** The SDK's last word, where it had nothing else to wait for. */
  ending?: JSONRPCMessage
}

/**
 * Serves subscriptions that name tasks on a pipe: takes the tasks out of what goes to the SDK, and puts them into what comes
 * from it.
 */
export function withTaskSubscriptions(service: TaskService, wire: Transport, owner: string): Transport {
  const subscriptions = new Map<Id, Subscription>()
  const end = (id: Id): void => {
    subscriptions.get(id)?.over.abort()
    subscriptions.delete(id)
  }
  const write = (message: JSONRPCMessage): void =>
    void wire.send(message).catch((error: unknown) => pipe.onerror?.(error as Error))

  /** What the SDK is to see of an incoming message; nothing, when it is answered here. */
  const incoming = async (message: JSONRPCMessage): Promise<JSONRPCMessage | undefined> => {
    const listen = service.offersTasks ? readTaskListen(message) : undefined
    if (listen === undefined) {
      if ('method' in message && message.method === 'notifications/cancelled') end(message.params?.['requestId'] as Id)
      return message
    }
    if (!listen.isAllowed) {
      write(listenRefusal(listen.id))
      return undefined
    }
    const granted = await visibleTasks(service, listen.taskIds, owner)
    // A client that uses an id again means this one.
    end(listen.id)
    subscriptions.set(listen.id, { granted, over: new AbortController() })
    return listen.rest
  }

  /** What goes out for a message of the SDK; nothing, when it says too early that all is over. */
  const outgoing = (message: JSONRPCMessage): JSONRPCMessage | undefined => {
    const frame = listenFrame(message)
    if (frame === 'ended' && 'id' in message && message.id !== undefined) return ended(message, message.id)
    const id = frame === 'acknowledged' ? subscriptionOf(message) : undefined
    const subscription = id === undefined ? undefined : subscriptions.get(id)
    if (id === undefined || subscription === undefined) return message
    const { granted, over } = subscription
    // After the acknowledgement, never before it.
    setImmediate(() =>
      pushTasks(service, granted, id, (sent) => write({ jsonrpc: '2.0', ...sent } as never), over.signal),
    )
    return acknowledgedWith(
      message,
      granted.map((task) => task.id),
    ) as JSONRPCMessage
  }

  const ended = (message: JSONRPCMessage, id: Id): JSONRPCMessage | undefined => {
    const subscription = subscriptions.get(id)
    if (subscription === undefined || subscription.granted.length === 0 || isClosing) {
      end(id)
      return message
    }
    subscription.ending = message
    return undefined
  }

  let isClosing = false
  // Messages go on in the order in which they came, also behind one that has to be looked at first.
  let queue = Promise.resolve()
  const pipe: Transport = {
    start: () => {
      wire.onmessage = (message, extra) => {
        queue = queue
          .then(() => incoming(message))
          .then((seen) => {
            if (seen !== undefined) pipe.onmessage?.(seen, extra)
          })
          .catch((error: unknown) => pipe.onerror?.(error as Error))
      }
      wire.onerror = (error) => pipe.onerror?.(error)
      wire.onclose = () => {
        for (const id of subscriptions.keys()) end(id)
        pipe.onclose?.()
      }
      return wire.start()
    },
    send: async (message, options) => {
      const sent = outgoing(message)
      if (sent !== undefined) await wire.send(sent, options)
    },
    close: async () => {
      isClosing = true
      for (const [id, { ending }] of subscriptions) {
        if (ending !== undefined) await wire.send(ending).catch(() => {})
        end(id)
      }
      await wire.close()
    },
  }
  return pipe
}

import { isJSONRPCRequest, type JSONRPCRequest } from '@modelcontextprotocol/server'
import { subscriptionIdMetaKey } from '@longcall/core'
import { declaresTasks, readListenFilter } from '@longcall/core/wire/2026-07-28'
import { clientCapabilitiesKey, tasksMissing } from './capability.ts'

/** A `subscriptions/listen` request that names tasks. */
export interface TaskListen {
  readonly id: string | number
  readonly taskIds: readonly string[]
  /** Whether its client declared the extension. */
  readonly isAllowed: boolean
  /** The same request without them: the SDK serves the rest of its filter, and would not know the tasks. */
  readonly rest: JSONRPCRequest
}

/** The request, if it is one that names tasks. */
export function readTaskListen(message: unknown): TaskListen | undefined {
  if (!isJSONRPCRequest(message) || message.method !== 'subscriptions/listen') return undefined
  const params = (message.params ?? {}) as { notifications?: Record<string, unknown>; _meta?: Record<string, unknown> }
  if (params.notifications?.['taskIds'] === undefined) return undefined
  const { taskIds: _ours, ...notifications } = params.notifications
  return {
    id: message.id,
    taskIds: readListenFilter(params),
    isAllowed: declaresTasks(params._meta?.[clientCapabilitiesKey]),
    rest: { ...message, params: { ...params, notifications } },
  }
}

/** The answer to a client that may not subscribe to tasks. */
export function listenRefusal(id: string | number): {
  jsonrpc: '2.0'
  id: string | number
  error: { code: number; message: string; data?: unknown }
} {
  const { code, message, data } = tasksMissing()
  return { jsonrpc: '2.0', id, error: { code, message, data } }
}

/** What the SDK writes to a subscription: its acknowledgement, its orderly end, or anything else. */
export function listenFrame(message: unknown): 'acknowledged' | 'ended' | 'other' {
  if (typeof message !== 'object' || message === null) return 'other'
  if ('method' in message && message.method === 'notifications/subscriptions/acknowledged') return 'acknowledged'
  return 'result' in message ? 'ended' : 'other'
}

/** The acknowledgement, with the tasks that were granted, too. */
export function acknowledgedWith(message: object, taskIds: readonly string[]): object {
  const { params = {} } = message as { params?: { notifications?: object } }
  return { ...message, params: { ...params, notifications: { ...params.notifications, taskIds } } }
}

/** Which subscription a notification belongs to. */
export function subscriptionOf(message: unknown): string | number | undefined {
  const meta = (message as { params?: { _meta?: Record<string, unknown> } } | undefined)?.params?._meta
  const id = meta?.[subscriptionIdMetaKey]
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}

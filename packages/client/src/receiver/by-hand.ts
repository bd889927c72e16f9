import { ProtocolError } from '@modelcontextprotocol/client'
import { rpcErrorCodes, type JsonObject } from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import type { HostedRequestContext, HostTasks } from './host-tasks.ts'
import { hostedKinds, type HostedKind } from './hosting.ts'
import { toHostedError } from './to-hosted-error.ts'

/** The methods of tasks, each with the option that serves it by hand. */
export const hostedMethods = {
  'tasks/get': 'getTask',
  'tasks/result': 'getTaskResult',
  'tasks/list': 'listTasks',
  'tasks/cancel': 'cancelTask',
} as const

/** A method of tasks. */
export type HostedMethodName = keyof typeof hostedMethods

/**
 * Has the user make the task of a request.
 *
 * @throws {ProtocolError} Thrown with what the user threw, and with -32602 when no task was made.
 */
export async function createByHand(
  host: HostTasks,
  kind: HostedKind,
  params: JsonObject,
  wish: { readonly ttlMs?: number },
  context: HostedRequestContext,
): Promise<object> {
  const option = hostedKinds[kind].byHand
  const create = host[option] as Create
  const { task: _task, ...rest } = params
  const created = await handled(kind, async () => create(rest, wish, context))
  if (readable(() => wire.readCreated(created)) !== undefined) return created
  const message = `Invalid task creation result: hostTasks.${option} gave no { task }`
  throw new ProtocolError(rpcErrorCodes.invalidParams, message)
}

/**
 * Has the user serve a method of tasks.
 *
 * @throws {ProtocolError} Thrown with what the user threw, and with -32603 when it is no result of the method.
 */
export async function serveByHand(
  serve: Serve,
  method: HostedMethodName,
  params: JsonObject,
  context: HostedRequestContext,
): Promise<object> {
  const result = await handled(method, async () => serve(params, context))
  if (!fits[method](result)) {
    const message = `The client's handler for ${method} gave what is no result of it`
    throw new ProtocolError(rpcErrorCodes.internalError, message)
  }
  const { taskId } = params
  if (method !== 'tasks/result' || typeof taskId !== 'string') return result
  // It belongs to the task that was asked for, and says so, as the specification wants.
  return wire.writeResult({ kind: 'result', result: { ...result } }, taskId)
}

/** A method of tasks as a user serves it. */
export type Serve = (params: object, context: HostedRequestContext) => object | Promise<object>

type Create = (
  params: object,
  task: { readonly ttlMs?: number },
  context: HostedRequestContext,
) => object | Promise<object>

/** Whether a result is one of the method. */
const fits: Readonly<Record<HostedMethodName, (result: unknown) => boolean>> = {
  'tasks/get': isTask,
  'tasks/result': (result) => typeof result === 'object' && result !== null && !Array.isArray(result),
  'tasks/list': (result) => readable(() => wire.readList(result))?.unreadable === 0,
  'tasks/cancel': isTask,
}

function isTask(result: unknown): boolean {
  return readable(() => wire.readState(result)) !== undefined
}

/** Runs a handler of the user's: what it throws is told as that of a handler. */
async function handled(method: string, run: () => Promise<object>): Promise<object> {
  try {
    return await run()
  } catch (error) {
    throw toHostedError(method, error)
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

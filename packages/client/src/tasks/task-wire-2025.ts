import { hasPayload, MalformedMessageError } from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import { asResult } from '../connection/as-result.ts'
import type { CancelSignal } from '../connection/cancellation.ts'
import type { Connection } from '../connection/connection.ts'
import type { Safety } from '../connection/safety.ts'
import type { RawRequest } from '../connection/sdk-hooks.ts'
import { unlessAborted } from '../connection/unless-aborted.ts'
import { ofTask } from './of-task.ts'
import { aboutOf, exchange, type ExchangeOptions } from '../connection/exchange.ts'
import { toRequestError } from '../connection/to-request-error.ts'
import { TaskChannel2025 } from './task-channel-2025.ts'
import { toExchange, type TaskWire, type CallRequest, type CallReply } from './task-wire.ts'
import type { TaskWish } from './task-wish.ts'

/** Tasks as the core of protocol 2025-11-25 has them (SEP-1686): the requestor says which call is one. */
export function taskWire2025(connection: Connection): TaskWire {
  const list = connection.taskOffer.generation === '2025-11-25' && connection.taskOffer.tasks?.list === true
  return {
    generation: '2025-11-25',
    call: async (call, wanted, options) => {
      if (wanted !== undefined) return callAsTask(connection, call, wanted, options)
      const request = toExchange(call)
      const result = await exchange(connection, request, options)
      if (hasPayload(result) || result['task'] === undefined) return { kind: 'result', result }
      const malformed = new MalformedMessageError('task', result['task'], 'a result: no task was asked for')
      throw toRequestError(aboutOf(request), malformed)
    },
    mayBecomeTask: (_method, wanted) => wanted !== undefined,
    get: (taskId, options) =>
      connection.request(wire.getTask(taskId), (result) => ofTask(taskId, wire.readState(result)), options),
    cancel: (taskId, options) =>
      connection.request(
        wire.cancelTask(taskId),
        (answer) => {
          const result = asResult(answer)
          try {
            return ofTask(taskId, wire.readState(result)).task
          } catch {
            // It was cancelled all the same: what the answer lacks, a poll will tell.
            return undefined
          }
        },
        options,
      ),
    ...(list && { list: (cursor, options) => connection.request(wire.listTasks(cursor), wire.readList, options) }),
    channel: (taskId, sink) => new TaskChannel2025(connection, taskId, sink),
  }
}

/**
 * Sends a call that is to be a task. One that nobody waits for any more is not cancelled as a request, which the
 * specification forbids: should its task still come, nobody would ever know of it, so it is cancelled as a task.
 */
async function createTask(
  connection: Connection,
  request: RawRequest,
  isSafe: Safety,
  signal: CancelSignal,
): Promise<Reply> {
  if (signal.aborted) throw signal.reason
  const reply = connection.request(request, readReply, { timeoutMs: Infinity, isSafe })
  try {
    return await unlessAborted(reply, signal)
  } catch (error) {
    // What fails now fails for nobody.
    if (signal.aborted) reply.then((late) => cancelLate(connection, late)).catch(() => {})
    throw error
  }
}

async function cancelLate(connection: Connection, late: Reply): Promise<void> {
  if (late.kind === 'task') await connection.request(wire.cancelTask(late.created.task.id), () => {})
}

async function callAsTask(
  connection: Connection,
  call: CallRequest,
  wanted: TaskWish,
  options: ExchangeOptions,
): Promise<CallReply> {
  const { token, release } = connection.progress.open(options.onProgress)
  const params = { ...call.params, _meta: { ...call.meta, progressToken: token } }
  try {
    const request = { method: call.operation.method, params: wire.augment(params, wanted) }
    const reply = await createTask(connection, request, call.isSafe, options.cancellation)
    if (reply.kind === 'task') return { ...reply, release }
    release()
    return reply
  } catch (error) {
    release()
    throw error
  }
}

function readReply(result: unknown): Reply {
  const raw = asResult(result)
  const created = wire.readCreated(raw)
  if (created !== undefined) return { kind: 'task', created, raw }
  // A task without an id cannot be followed, and to take it for a result would say that nothing was returned.
  if (!hasPayload(raw) && typeof raw['task'] === 'object' && raw['task'] !== null) wire.readTask(raw)
  return { kind: 'result', result: raw }
}

type Reply = Extract<CallReply, { kind: 'result' }> | Omit<Extract<CallReply, { kind: 'task' }>, 'release'>

import {
  changedFrom,
  isTerminal,
  openQuestions,
  questionKeyMetaKey,
  rpcErrorCodes,
  writeRelatedTask,
  type TaskQuestion,
  type TaskRecord,
} from '@longcall/core'
import { writeResult } from '@longcall/core/wire/2025-11-25'
import { ProtocolError, type JSONRPCRequest, type Result, type ServerContext } from '@modelcontextprotocol/server'
import type { SdkServer } from '../sdk/sdk-server.ts'
import type { TaskService } from '../calls/task-service.ts'
import { protocolError, taskNotFound } from '../calls/to-protocol-error.ts'
import type { Stream } from '../calls/courier.ts'
import { clientPeer, paramsFor } from './client-peer.ts'
import { FollowedQuestions } from './followed-questions.ts'
import { questionId } from './question-ids.ts'

interface ResultRequest {
  readonly service: TaskService
  readonly sdk: SdkServer
  readonly task: TaskRecord
  readonly owner: string
  readonly context: ServerContext
  readonly told: (task: TaskRecord) => TaskRecord
}

/**
 * Answers `tasks/result` when the task has ended, with what its request would have been answered with; until then, its
 * questions go out on the stream of this request.
 *
 * A cancelled task has no result: the specification is silent, and -32602 says so.
 *
 * Source: specification 2025-11-25, Tasks, "Retrieving Task Results", "Input Required Status".
 */
export async function serveResult({ service, sdk, task, owner, context, told }: ResultRequest): Promise<Result> {
  const { mcpReq, http } = context
  const over = new AbortController()
  const gone = new AbortController()
  // The SDK can end a stream early only where events are kept: there a client may lose it and go on reading later.
  const stream: Stream = { gone: gone.signal, isKept: http?.closeSSE !== undefined }
  const lose = (): void => {
    gone.abort()
    service.courier.drop(task.id, stream)
  }
  const end = (): void => {
    over.abort()
    lose()
  }
  const unlink = [onAbort(mcpReq.signal, end), onAbort(http?.req?.signal, stream.isKept ? lose : end)]
  /** What this stream has to bring: sent on it, or answered in a task of the client's that an earlier stream began. */
  const carried = new Set<string>()
  const sent = new Set<string>()
  const followed = new FollowedQuestions(service, clientPeer(sdk, context), task.id, owner)
  try {
    for (let last = task; ;) {
      const open = openQuestions(last)
      await followed.keep(isTerminal(last.status) ? [] : open)
      if (isTerminal(last.status)) return resultOf(sdk, told(last))
      // Watched before the first look: a question may become free while another is being sent.
      const woken = new AbortController()
      const unwatch = service.courier.watch(task.id, () => woken.abort())
      try {
        for (const question of open) {
          const { key } = question
          const isOurs = sent.has(key)
          if (!isOurs && !carried.has(key) && !service.courier.take(task.id, key, stream)) continue
          carried.add(key)
          const created = service.clientTasks.of(task.id, key)
          if (created === undefined && !isOurs) {
            sent.add(key)
            await sdk.send(questionRequest(task.id, question, sdk), mcpReq.id)
          }
          if (created === undefined) continue
          followed.follow(question, created, isOurs ? undefined : () => service.courier.wake(task.id))
        }
        last = await nextState(service, last, owner, over.signal, woken)
      } finally {
        unwatch()
      }
    }
  } finally {
    for (const each of unlink) each()
    followed.leave()
    end()
  }
}

/** Calls `then` when the signal aborts, at once if it has; returns the end of it. */
function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  if (signal?.aborted === true) then()
  else signal?.addEventListener('abort', then, { once: true })
  return () => signal?.removeEventListener('abort', then)
}

/** The task once it has changed, or one of its questions may be sent that could not be. */
async function nextState(
  service: TaskService,
  last: TaskRecord,
  owner: string,
  over: AbortSignal,
  woken: AbortController,
): Promise<TaskRecord> {
  const unlink = onAbort(over, () => woken.abort())
  try {
    const next = await service.runtime
      .until(last.id, (task) => changedFrom(last, task), { signal: woken.signal, owner })
      .catch((error: unknown) => {
        if (woken.signal.aborted) return last
        throw error
      })
    if (over.aborted) throw new ProtocolError(rpcErrorCodes.internalError, 'The client no longer waits.')
    if (next === 'gone') throw taskNotFound(last.id)
    return next
  } finally {
    unlink()
  }
}

function resultOf(sdk: SdkServer, { id, tool, status, outcome }: TaskRecord): Result {
  if (status === 'cancelled')
    throw new ProtocolError(rpcErrorCodes.invalidParams, `Task ${id} was cancelled: it has no result.`)
  if (outcome === undefined) throw new ProtocolError(rpcErrorCodes.internalError, `Task ${id} ended without a result.`)
  if (outcome.kind === 'error') throw protocolError(outcome.error)
  return writeResult({ kind: 'result', result: sdk.project(tool, outcome.result) }, id)
}

/** A question as a request of the server's; it names its task, and its key for clients that know of keys. */
function questionRequest(taskId: string, question: TaskQuestion, sdk: SdkServer): JSONRPCRequest {
  const { key, method } = question
  const params = paramsFor(question, sdk.clientCapabilities)
  const meta = params['_meta'] as Record<string, unknown> | undefined
  return {
    jsonrpc: '2.0',
    id: questionId(taskId, key),
    method,
    params: { ...params, _meta: { ...meta, ...writeRelatedTask(taskId), [questionKeyMetaKey]: key } },
  }
}

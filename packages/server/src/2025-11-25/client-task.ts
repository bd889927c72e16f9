import {
  isTerminal,
  MalformedMessageError,
  pollIntervalMs,
  RpcError,
  rpcErrorCodes,
  type Clock,
  type CreatedTask,
  type JsonObject,
  type TaskSnapshot,
} from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import { ProtocolError } from '@modelcontextprotocol/server'

/** The client of a session, which may answer in a task of its own. */
export interface ClientPeer {
  /** Sends a request, and gives the answer as it came. Rejects with {@link ProtocolError} when the client refused. */
  request(method: string, params: JsonObject, signal?: AbortSignal): Promise<unknown>
  /** Calls `wake` when the client says that a task of its own has changed; returns the end of it. */
  watch(taskId: string, wake: () => void): () => void
  /** Whether the client lets its tasks be cancelled. */
  readonly canCancel: boolean
}

/**
 * What a client's own task came to, polled to its end: what the question would have been answered with.
 *
 * When the signal aborts with {@link unwanted}, the client's task is cancelled; with any other reason it is left alone, to be
 * gone on with by another stream.
 *
 * Source: specification 2025-11-25, Tasks: here the server is the requestor.
 *
 * @throws {RpcError} Thrown with the error that the task ended in, or where it was cancelled.
 * @throws {ClientTaskGoneError} Thrown when the client does not know the task any more.
 */
export async function resultOfClientTask(
  client: ClientPeer,
  { task }: CreatedTask,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<unknown> {
  try {
    const last = await followToEnd(client, task, clock, signal)
    if (last.status === 'cancelled') {
      const message = `The client cancelled task ${task.id}, in which it was to answer.`
      throw new RpcError(rpcErrorCodes.internalError, message)
    }
    const result = await asked(client, wire.taskResult(task.id), asItIs, { clock, signal }).catch((error: unknown) => {
      throw last.status === 'failed' ? withReason(error, last) : error
    })
    return readAnswer(result, last)
  } catch (error) {
    if (signal.aborted && signal.reason === unwanted && client.canCancel) await cancel(client, task.id)
    throw error
  }
}

/** Why a client's task is not waited for any more: the question is not asked any more. */
export const unwanted: Error = new Error('the question is not asked any more')

/** Thrown when a client does not know a task of its own any more. */
export class ClientTaskGoneError extends RpcError {
  override readonly name = 'ClientTaskGoneError'

  constructor(taskId: string, options: ErrorOptions) {
    const message = `The client does not know task ${taskId} any more, in which it was to answer.`
    super(rpcErrorCodes.internalError, message, undefined, options)
  }
}

async function followToEnd(
  client: ClientPeer,
  created: TaskSnapshot,
  clock: Clock,
  signal: AbortSignal,
): Promise<TaskSnapshot> {
  let wake = new AbortController()
  const onHint = (): void => wake.abort()
  const unwatch = client.watch(created.id, onHint)
  signal.addEventListener('abort', onHint, { once: true })
  if (signal.aborted) onHint()
  try {
    let last = created
    while (!isTerminal(last.status)) {
      await clock.sleep(pollIntervalMs(last.pollIntervalMs), wake.signal, { background: true }).catch(() => {})
      wake = new AbortController()
      last = (await asked(client, wire.getTask(created.id), wire.readState, { clock, signal })).task
    }
    return last
  } finally {
    unwatch()
    signal.removeEventListener('abort', onHint)
  }
}

/**
 * Asks until it is answered: a client that is silent for a while has its task still. One that refuses, or says what cannot be
 * read, does so a few times.
 */
async function asked<T>(
  client: ClientPeer,
  { method, params }: { readonly method: string; readonly params: { readonly taskId: string } },
  read: (answer: unknown) => T,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted()
    try {
      return read(await client.request(method, params, signal))
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof MalformedMessageError && failures > mostRefusals) {
        const message = `The client says nothing of task ${params.taskId} that can be read, in which it was to answer: ${error.message}`
        throw new RpcError(rpcErrorCodes.internalError, message, undefined, { cause: error })
      }
      if (error instanceof ProtocolError) {
        const { code, message, data } = error
        // Of a task that has ended, its result may be this very error.
        if (method !== 'tasks/get') throw new RpcError(code, message, data, { cause: error })
        if (code === rpcErrorCodes.invalidParams) throw new ClientTaskGoneError(params.taskId, { cause: error })
        if (failures > mostRefusals) throw new RpcError(code, message, data, { cause: error })
      }
      await clock.sleep(Math.min(500 * 2 ** failures, longestPauseMs), signal, { background: true }).catch(() => {})
    }
  }
}

/**
 * The answer that a client's task ended with. A failed one is not, as a rule, but holds no answer at all: its status message
 * says why.
 */
function readAnswer(result: unknown, last: TaskSnapshot): JsonObject {
  const answer = readable(result)
  const isAnswer = answer !== undefined && (Object.hasOwn(answer, 'action') || Object.hasOwn(answer, 'content'))
  if (isAnswer || (answer !== undefined && last.status !== 'failed')) return answer
  const what = last.status === 'failed' ? 'failed' : 'has a result that is no object'
  throw withReason(new RpcError(rpcErrorCodes.internalError, `The client's task ${last.id} ${what}`), last)
}

function asItIs(answer: unknown): unknown {
  return answer
}

function readable(result: unknown): JsonObject | undefined {
  try {
    return wire.readResult(result).result as JsonObject
  } catch {
    return undefined
  }
}

/** The same error, with what the client's task says of itself where the error does not. */
function withReason(error: unknown, { statusMessage }: TaskSnapshot): unknown {
  if (!(error instanceof RpcError) || statusMessage === undefined) return error
  const { code, message, data } = error.rpcError
  return message.includes(statusMessage)
    ? error
    : new RpcError(code, `${message}: ${statusMessage}`, data, { cause: error })
}

/** One try, and not for long: a client that is gone gives the task up by itself, when its time is over. */
async function cancel(client: ClientPeer, taskId: string): Promise<void> {
  const { method, params } = wire.cancelTask(taskId)
  await client.request(method, params, AbortSignal.timeout(cancelMs)).catch(() => {})
}

const mostRefusals = 5
const longestPauseMs = 30_000
const cancelMs = 2000

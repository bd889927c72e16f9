import { hasPayload, type Clock, type TaskOutcome, type TaskSnapshot } from '@longcall/core'
import { RpcError } from '../errors/request-errors.ts'
import { untilAnswered } from '../connection/retry.ts'
import type { TaskEnding } from './task-source.ts'
import type { TaskChannel } from './task-wire.ts'

/** How a task ended, from its terminal snapshot and its outcome, which is asked for where it is not here yet. */
export async function readEnding(
  snapshot: TaskSnapshot,
  outcome: TaskOutcome | undefined,
  channel: TaskChannel,
  port: { readonly clock: Clock; readonly closed: AbortSignal },
): Promise<TaskEnding> {
  if (snapshot.status === 'cancelled') return { kind: 'cancelled', snapshot }
  const known = outcome ?? (await fetchOutcome(snapshot, channel, port))
  if (known.kind === 'error') return { kind: 'error', error: known.error, snapshot }
  // A failure without a payload is one whose reason the server did not keep; its status message may say something.
  if (snapshot.status === 'failed' && !hasPayload(known.result)) return { kind: 'error', error: undefined, snapshot }
  return { kind: 'result', result: known.result, snapshot }
}

function fetchOutcome(
  snapshot: TaskSnapshot,
  channel: TaskChannel,
  { clock, closed }: { readonly clock: Clock; readonly closed: AbortSignal },
): Promise<TaskOutcome> {
  const fetch = async (): Promise<TaskOutcome> => {
    try {
      return await channel.result({ signal: closed })
    } catch (error) {
      // The error that the task's request ended in is answered as such.
      if (!(error instanceof RpcError) || snapshot.status !== 'failed') throw error
      return { kind: 'error', error: { code: error.rpcCode, message: error.rpcMessage, data: error.data } }
    }
  }
  return untilAnswered(fetch, { clock, signal: closed })
}

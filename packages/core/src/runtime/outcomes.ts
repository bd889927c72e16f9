import { RpcError, rpcErrorCodes } from '../errors/rpc-error.ts'
import { toJsonObject, type JsonObject } from '../json/json.ts'
import type { TaskEnding } from '../store/task-record.ts'
import type { RpcErrorObject, TaskOutcome } from '../task/task-outcome.ts'

/** How a task ends with this outcome: a result completes it, an error fails it, and the status says why in words. */
export function endingOf(outcome: TaskOutcome, retentionMs: number): TaskEnding {
  const statusMessage = messageOf(outcome)
  return {
    status: outcome.kind === 'result' ? 'completed' : 'failed',
    outcome,
    retentionMs,
    ...(statusMessage !== undefined && { statusMessage }),
  }
}

/** What a thrown value makes of a task. Only an {@link RpcError} chooses its own code. */
export function errorOutcome(error: unknown): TaskOutcome {
  if (error instanceof RpcError) return { kind: 'error', error: error.rpcError }
  const message = error instanceof Error && error.message !== '' ? error.message : 'The task failed without a reason.'
  return { kind: 'error', error: { code: rpcErrorCodes.internalError, message } }
}

/** The outcome as a store may keep it, frozen, so that it need not copy it; one that cannot be kept becomes the error that says so. */
export function keepableOutcome(outcome: TaskOutcome, tool: string, maxBytes: number): TaskOutcome {
  const what = `the result of ${JSON.stringify(tool)}`
  try {
    return Object.freeze(
      outcome.kind === 'result'
        ? { kind: 'result', result: toJsonObject(outcome.result, what, maxBytes) }
        : { kind: 'error', error: toJsonObject(outcome.error, what, maxBytes) as JsonObject & RpcErrorObject },
    )
  } catch (error) {
    return errorOutcome(error)
  }
}

/** Enough of a text to say what went wrong. */
const longestMessage = 1000

function messageOf(outcome: TaskOutcome): string | undefined {
  if (outcome.kind === 'error') return clip(outcome.error.message)
  const { isError, content } = outcome.result
  if (isError !== true || !Array.isArray(content)) return undefined
  const [block] = content as readonly unknown[]
  const text = typeof block === 'object' && block !== null && 'text' in block ? block.text : undefined
  return typeof text === 'string' ? clip(text) : undefined
}

function clip(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage).replace(/[\uD800-\uDBFF]$/, '')}…`
}

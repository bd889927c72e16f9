import type { RpcErrorObject, TaskOutcome } from '../../task/task-outcome.ts'
import type { TaskStatus } from '../../task/task-status.ts'
import { asRecord, field, readNumber, readText } from '../read.ts'

/**
 * How an ended task ended, from the `result` and `error` beside its status; `undefined` when neither says.
 *
 * Each status has its own of the two; the other is taken when only that one is there.
 */
export function readOutcome(status: TaskStatus, result: unknown, error: unknown): TaskOutcome | undefined {
  if (status === 'completed') return asResult(result) ?? asError(error)
  if (status === 'failed') return asError(error) ?? asResult(result)
  return undefined
}

function asResult(value: unknown): TaskOutcome | undefined {
  const result = asRecord(value)
  return result === undefined ? undefined : { kind: 'result', result }
}

/** Whatever stands for an error is one: without a readable code it is an internal error, and bare text its message. */
function asError(value: unknown): TaskOutcome | undefined {
  const record = asRecord(value)
  if (record === undefined && typeof value !== 'string') return undefined
  const code = readNumber(field(record, 'code'))
  const data = field(record, 'data')
  const error: RpcErrorObject = {
    code: Number.isSafeInteger(code) ? (code as number) : internalError,
    message: readText(field(record, 'message') ?? value) ?? 'The peer gave no message.',
    ...(data !== undefined && { data }),
  }
  return { kind: 'error', error }
}

const internalError = -32603

import { MalformedMessageError } from '../../errors/malformed-message-error.ts'
import type { TaskOutcome } from '../../task/task-outcome.ts'
import { relatedTaskMetaKey, writeRelatedTask } from '../meta-keys.ts'
import { asRecord, type WireRecord } from '../read.ts'

/** An outcome that is a result. The other kind is no result on the wire either: it is answered as the error it is. */
export type ResultOutcome = Extract<TaskOutcome, { readonly kind: 'result' }>

/**
 * What the answer to `tasks/result` holds: the result of the request that became the task.
 *
 * The related-task metadata is taken off again, and with it a `_meta` that had nothing else. So is every `null` of the
 * result itself and of its content, one block or several: some peers send one for each field that is absent.
 *
 * @throws {MalformedMessageError} Thrown when it is no object.
 */
export function readResult(result: unknown): ResultOutcome {
  const message = asRecord(result)
  if (message === undefined) throw new MalformedMessageError('result', result, 'an object')
  const { _meta, content, ...rest } = withoutNulls(message)
  const meta = withoutRelatedTask(_meta)
  return {
    kind: 'result',
    result: {
      ...(content !== undefined && { content: Array.isArray(content) ? content.map(cleanBlock) : cleanBlock(content) }),
      ...rest,
      ...(meta !== undefined && { _meta: meta }),
    },
  }
}

/**
 * The answer to `tasks/result`: the result, tied to its task.
 *
 * Source: specification 2025-11-25, Tasks, "Related Task Metadata".
 */
export function writeResult(outcome: ResultOutcome, taskId: string): Readonly<Record<string, unknown>> {
  return { ...outcome.result, _meta: { ...asRecord(outcome.result['_meta']), ...writeRelatedTask(taskId) } }
}

function withoutRelatedTask(value: unknown): unknown {
  const meta = asRecord(value)
  if (meta === undefined || !Object.hasOwn(meta, relatedTaskMetaKey)) return value
  const { [relatedTaskMetaKey]: _task, ...rest } = meta
  return Object.keys(rest).length === 0 ? undefined : rest
}

function cleanBlock(value: unknown): unknown {
  const block = asRecord(value)
  return block === undefined ? value : withoutNulls(block)
}

function withoutNulls(record: WireRecord): WireRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null))
}

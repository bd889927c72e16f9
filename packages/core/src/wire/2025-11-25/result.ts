import { MalformedMessageError } from '../../errors/malformed-message-error.ts'
import type { TaskOutcome } from '../../task/task-outcome.ts'
import { olderRelatedTaskMetaKey, relatedTaskMetaKey, writeRelatedTask } from '../meta-keys.ts'
import { hasPayload } from '../payload.ts'
import { asRecord, field, type WireRecord } from '../read.ts'

/** An outcome that is a result. The other kind is no result on the wire either: it is answered as the error it is. */
export type ResultOutcome = Extract<TaskOutcome, { readonly kind: 'result' }>

/**
 * What the answer to `tasks/result` holds: the result of the request that became the task.
 *
 * The related-task metadata is taken off again, and with it a `_meta` that had nothing else. So is every `null` of the
 * result itself, of its content blocks, messages and resource contents: some peers send one for each field that is absent.
 * The contents of a resource may come without the object that holds them, as a list or one alone.
 *
 * @throws {MalformedMessageError} Thrown when it is no object, and no such list.
 */
export function readResult(result: unknown): ResultOutcome {
  const message = asRecord(result)
  if (message === undefined) return { kind: 'result', result: { contents: readBareList(result).map(cleanBlock) } }
  const { _meta, content, messages, contents, ...rest } = withoutNulls(message)
  const meta = withoutRelatedTask(_meta)
  const cleaned: WireRecord = {
    ...(content !== undefined && { content: eachOf(content, cleanBlock) }),
    ...(messages !== undefined && { messages: eachOf(messages, cleanMessage) }),
    ...(contents !== undefined && { contents: eachOf(contents, cleanBlock) }),
    ...rest,
    ...(meta !== undefined && { _meta: meta }),
  }
  const isBare = !hasPayload(cleaned) && isResourceContents(cleaned)
  return { kind: 'result', result: isBare ? { contents: [cleaned] } : cleaned }
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
  if (meta === undefined) return value
  const { [relatedTaskMetaKey]: task, [olderRelatedTaskMetaKey]: older, ...rest } = meta
  if (task === undefined && older === undefined) return value
  return Object.keys(rest).length === 0 ? undefined : rest
}

/** An empty list is not known to be a resource's. */
function readBareList(result: unknown): readonly unknown[] {
  if (Array.isArray(result) && result.length > 0 && result.every(isResourceContents)) return result
  throw new MalformedMessageError('result', result, 'an object')
}

/** Source: schema 2025-11-25, `TextResourceContents` and `BlobResourceContents`. */
function isResourceContents(value: unknown): boolean {
  const contents = asRecord(value)
  if (typeof field(contents, 'uri') !== 'string') return false
  return typeof field(contents, 'text') === 'string' || typeof field(contents, 'blob') === 'string'
}

/** A message that a model wrote has one block where others have a list of them. */
function eachOf(value: unknown, clean: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(clean) : clean(value)
}

function cleanMessage(value: unknown): unknown {
  const message = asRecord(value)
  if (message === undefined) return value
  const { content, ...rest } = withoutNulls(message)
  return { ...rest, ...(content !== undefined && { content: cleanBlock(content) }) }
}

function cleanBlock(value: unknown): unknown {
  const block = asRecord(value)
  return block === undefined ? value : withoutNulls(block)
}

function withoutNulls(record: WireRecord): WireRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null))
}

import { LongcallError } from '../../errors/longcall-error.ts'
import type { RpcErrorObject } from '../../task/task-outcome.ts'
import { readTask, taskFields } from '../read-task.ts'
import { asRecord, field } from '../read.ts'
import type { TaskState } from '../task-state.ts'
import { readOutcome } from './outcome.ts'
import { readQuestions, writeQuestions, type WireQuestion } from './questions.ts'
import { writeTask, type WireTask } from './task.ts'

/** A task with its questions or its outcome, on the wire. Source: SEP-2663, `DetailedTask`. */
export type WireDetailedTask = WireTask & {
  readonly inputRequests?: Readonly<Record<string, WireQuestion>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: RpcErrorObject
}

/** The answer to `tasks/get`. Source: SEP-2663, `GetTaskResult`. */
export type WireState = WireDetailedTask & { readonly resultType: 'complete' }

/**
 * What the answer to `tasks/get` says, whatever its `resultType`: the specification's own examples differ on it.
 *
 * @param nowMs The time of reading, in milliseconds since the epoch.
 * @throws {MalformedMessageError} Thrown when it holds no task with an id and a known status, or its open questions are
 * not in an object.
 */
export function readState(result: unknown, nowMs?: number): TaskState {
  const task = readTask(result, nowMs)
  const [fields, message] = [taskFields(result), asRecord(result)]
  const at = (name: string): unknown => field(fields, name) ?? field(message, name)
  const { questions, unreadable } = readQuestions(task.status === 'input_required' ? at('inputRequests') : undefined)
  const outcome = readOutcome(task.status, at('result'), at('error'))
  return { task, questions, unreadable, ...(outcome !== undefined && { outcome }) }
}

/**
 * The answer to `tasks/get`.
 *
 * @throws {LongcallError} Thrown with the code `outcome_missing` when a completed task comes without its outcome.
 */
export function writeState(state: Omit<TaskState, 'unreadable'>): WireState {
  return { resultType: 'complete', ...writeDetailed(state) }
}

/**
 * The task with what its status brings along. A result, `isError` or not, is `completed` here; a JSON-RPC error, even
 * one that nobody kept, is `failed`.
 */
export function writeDetailed({ task, questions, outcome }: Omit<TaskState, 'unreadable'>): WireDetailedTask {
  if (task.status === 'input_required') return { ...writeTask(task), inputRequests: writeQuestions(questions) }
  if (task.status !== 'completed' && task.status !== 'failed') return writeTask(task)
  if (outcome?.kind === 'result') return { ...writeTask({ ...task, status: 'completed' }), result: outcome.result }
  if (outcome === undefined && task.status === 'completed') {
    throw new LongcallError('outcome_missing', `Task ${task.id} is completed, but has no result to send.`)
  }
  return { ...writeTask({ ...task, status: 'failed' }), error: outcome?.error ?? unexplained(task.statusMessage) }
}

function unexplained(statusMessage: string | undefined): RpcErrorObject {
  return { code: -32603, message: statusMessage ?? 'The task failed.' }
}

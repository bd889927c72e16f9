import {
  rpcErrorCodes,
  TaskExpiredError,
  TaskNotFoundError,
  type LongcallError,
  type TaskQuestion,
  type TaskSnapshot,
} from '@longcall/core'
import { isTransient, RequestError, RpcError } from '../errors/request-errors.ts'
import { QuestionError, TaskUnreachableError, type WaitedTask } from '../errors/wait-errors.ts'
import { handlerOptions } from '../handlers/handlers.ts'
import { nameOperation, type Operation } from './operation.ts'

/** The server does not know the task, or not any more: -32602 in both generations. */
export function isRefused(error: unknown): error is RpcError {
  return error instanceof RpcError && error.rpcCode === rpcErrorCodes.invalidParams
}

/** Whether the server does not know the task any more: nobody will ever learn its outcome. */
export function isGone(error: unknown): boolean {
  return error instanceof TaskNotFoundError || error instanceof TaskExpiredError
}

/** A question came for which there is no handler. */
export function noHandler(about: WaitedTask, question: TaskQuestion): QuestionError {
  const option = handlerOptions[question.method]
  return new QuestionError(
    'no_handler',
    `${about.name} asked for ${kinds[question.method]}, but no handler is set; pass ${option} to Client.connect(), ` +
      `or answer with task.answer(${JSON.stringify(question.key)}, …). The task is still open: error.reference resumes it.`,
    about.reference,
  )
}

/** The handler of a question threw. */
export function handlerFailed(about: WaitedTask, question: TaskQuestion, cause: unknown): QuestionError {
  const said = cause instanceof Error ? cause.message : String(cause)
  const message = `${about.name} asked for ${kinds[question.method]}, and ${handlerOptions[question.method]} failed: ${said}`
  return new QuestionError('handler_failed', message, about.reference, { cause })
}

/** A question came that cannot be read here. */
export function unreadable(about: WaitedTask, key: string): QuestionError {
  const message =
    `${about.name} asks ${JSON.stringify(key)} in a way that this client cannot read. ` +
    'The task is still open: error.reference resumes it.'
  return new QuestionError('unreadable', message, about.reference)
}

/** The server does not know the task: it expired, as far as is known here, or was never there. */
export function missing(task: ExpiringTask, nowMs: number, cause: unknown): LongcallError {
  const name = nameOperation(task.operation)
  return hasExpired(task, nowMs) ? expired(task, cause) : new TaskNotFoundError(task.taskId, name, { cause })
}

/** Its time to live passed, and it cannot be asked for. */
export function expired(task: ExpiringTask, cause: unknown): TaskExpiredError {
  return new TaskExpiredError(task.taskId, nameOperation(task.operation), task.ttlMs ?? 0, task.snapshot, { cause })
}

/** Whether the task's time to live has passed. */
export function hasExpired({ createdAtMs, ttlMs }: ExpiringTask, nowMs: number): boolean {
  return ttlMs !== null && createdAtMs !== undefined && nowMs >= createdAtMs + ttlMs
}

/** A task and its time to live, as far as they are known here. */
export interface ExpiringTask {
  readonly taskId: string
  readonly operation: Operation
  readonly snapshot: TaskSnapshot | undefined
  readonly ttlMs: number | null
  /** Milliseconds since the epoch, by this machine's clock where it saw the task created. */
  readonly createdAtMs: number | undefined
}

/** What a waiter is told of an error that came of following the task. */
export function explain(about: WaitedTask, closed: AbortSignal, error: unknown): Error {
  if (closed.aborted) return new TaskUnreachableError(about, closed.reason as Error)
  if (error instanceof RequestError && !isTransient(error)) return new TaskUnreachableError(about, error)
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}

/** What a waiter is told when the task cannot be followed any more: whatever the server said, the task may run on. */
export function giveUp(about: WaitedTask, closed: AbortSignal, error: unknown): Error {
  const isOfRequest = error instanceof RpcError || error instanceof RequestError
  return isOfRequest ? new TaskUnreachableError(about, error) : explain(about, closed, error)
}

const kinds = {
  'elicitation/create': 'input',
  'sampling/createMessage': 'a message of a model',
  'roots/list': 'roots',
} as const

/** What was thrown, as an error. */
export function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause), { cause })
}

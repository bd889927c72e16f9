import {
  changedFrom,
  isTerminal,
  memory,
  notFoundError,
  questionIdentity,
  readQuestionKey,
  readRelatedTask,
  RpcError,
  rpcErrorCodes,
  snapshotOf,
  TaskRuntime,
  toJsonObject,
  type Clock,
  type JsonObject,
  type TaskBodyContext,
  type TaskOutcome,
  type TaskRecord,
} from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import { unlessAborted } from '../connection/unless-aborted.ts'
import { ByteBudget } from './byte-budget.ts'
import type { HostedContext, HostTasks } from './host-tasks.ts'
import { hostedKinds, type HostedKind } from './hosting.ts'
import { toHostedError } from './to-hosted-error.ts'

/** The tasks that this client runs for one server, on core's runtime; what the wire asks of them. */
export class HostedTasks {
  readonly #port: HostedTasksPort
  readonly #runtime: TaskRuntime
  readonly #budget: ByteBudget

  constructor(port: HostedTasksPort) {
    const { host, owner, clock } = port
    this.#port = port
    this.#runtime = new TaskRuntime({
      backend: (host.backend ?? memory)(),
      // They are run by a client that is connected to that server, as that principal, and by no other: so are its handlers.
      namespace: `client of ${owner}`,
      clock,
      ...(host.limits !== undefined && { limits: host.limits }),
      onEvent: (event) => {
        if (event.kind === 'trouble') port.report(event.error)
      },
    })
    this.#budget = new ByteBudget(clock, this.#runtime.limits.retentionMs)
    for (const kind of Object.keys(hostedKinds) as HostedKind[]) {
      if (host[hostedKinds[kind].body] === undefined) continue
      // Who asked before the process died is asked again: there is no answer yet, and the server still waits for one.
      this.#runtime.define(kind, { onCrash: 'rerun', maxAttempts, body: (context) => this.#run(kind, context) })
    }
  }

  /** Begins to run tasks, also those that an earlier process left. */
  open(): Promise<void> {
    return this.#runtime.open()
  }

  /**
   * Makes a task of a request. A question that a server names, and puts again since it did not get the answer, is the same
   * task: nobody is asked twice.
   */
  async create(kind: HostedKind, params: JsonObject, wish: { readonly ttlMs?: number }): Promise<TaskRecord> {
    const { task: _task, ...question } = params
    const id = this.#idOf(kind, question)
    const known = id === undefined ? undefined : await this.#runtime.get(id)
    if (known !== undefined) return known
    const giveBack = this.#budget.take(Buffer.byteLength(JSON.stringify(question)))
    try {
      return await this.#runtime.start({
        tool: kind,
        owner: this.#port.owner,
        arguments: question,
        pollIntervalMs: this.#port.host.pollIntervalMs ?? defaultPollIntervalMs,
        ...wish,
        ...(id !== undefined && { id }),
      })
    } catch (error) {
      giveBack()
      // It came twice at once, and the other was first.
      const first = id === undefined ? undefined : await this.#runtime.get(id)
      if (first === undefined) throw error
      return first
    }
  }

  /** @throws {RpcError} Thrown with -32602 when there is no such task. */
  async get(taskId: unknown): Promise<TaskRecord> {
    if (typeof taskId !== 'string') throw new RpcError(rpcErrorCodes.invalidParams, 'taskId must be a string.')
    const task = await this.#runtime.get(taskId, this.#port.owner)
    if (task === undefined) throw notFoundError(taskId)
    return task
  }

  /** Cancels a task; its handler is told before this resolves. @throws {RpcError} Thrown with -32602 when it has ended. */
  async cancel(taskId: unknown): Promise<TaskRecord> {
    const { id } = await this.get(taskId)
    const statusMessage = 'The server cancelled the task.'
    const result = await this.#runtime.cancel(id, { owner: this.#port.owner, statusMessage })
    if (result.kind === 'missing') throw notFoundError(id)
    if (result.kind === 'written') return result.task
    const message = `Cannot cancel task in terminal state '${result.task.status}'`
    throw new RpcError(rpcErrorCodes.invalidParams, message)
  }

  /** What the request of a task came to, as soon as it has. @throws {RpcError} Thrown with the error that it ended in. */
  async result(taskId: unknown, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const { id } = await this.get(taskId)
    const task = await this.#runtime.until(id, ended, { signal, owner: this.#port.owner })
    if (task === 'gone') throw notFoundError(id)
    const { outcome } = task
    if (task.status === 'cancelled' || outcome === undefined)
      throw new RpcError(rpcErrorCodes.invalidParams, `Task ${id} was cancelled: it has no result.`)
    if (outcome.kind === 'result') return wire.writeResult(outcome, id)
    const { code, message, data } = outcome.error
    throw new RpcError(code, message, data)
  }

  /** A page of the server's tasks, the newest first. */
  async list(cursor: unknown): Promise<wire.WireList> {
    if (cursor !== undefined && typeof cursor !== 'string')
      throw new RpcError(rpcErrorCodes.invalidParams, 'cursor must be a string.')
    const page = { limit: pageSize, ...(cursor !== undefined && { cursor }) }
    const { tasks, nextCursor } = await this.#runtime.list({ owner: this.#port.owner }, page)
    const now = this.#runtime.clock.now()
    return wire.writeList(
      tasks.map((task) => ({ task: snapshotOf(task, now) })),
      nextCursor,
    )
  }

  /** The task as the wire words it. */
  write(task: TaskRecord): wire.WireTask {
    return wire.writeState({ task: snapshotOf(task, this.#runtime.clock.now()) })
  }

  /** Calls back with each change of a task, until its end. */
  async follow(task: TaskRecord, tell: (task: TaskRecord) => void, signal: AbortSignal): Promise<void> {
    for (let told = task; !isTerminal(told.status);) {
      const now = await this.#runtime.until(task.id, (seen) => changedFrom(told, seen), { signal })
      if (now === 'gone') return
      if (now.status !== told.status || now.statusMessage !== told.statusMessage) tell(now)
      told = now
    }
  }

  /** Stops the handlers: in a file, what was not answered waits for the next process. */
  close(): Promise<void> {
    return this.#runtime.close({ graceMs: 0 })
  }

  async #run(kind: HostedKind, body: TaskBodyContext): Promise<TaskOutcome> {
    const { taskId, attempt, signal, request } = body
    const params = request.arguments
    const task = await this.#runtime.get(taskId)
    const relatedTaskId = readRelatedTask(params['_meta'])
    const context: HostedContext = {
      taskId,
      attempt,
      signal,
      ttlMs: task?.ttlMs ?? null,
      updateStatus: (message) => body.updateStatus(message),
      ...(relatedTaskId !== undefined && { relatedTaskId }),
    }
    try {
      // A handler that does not listen to its signal keeps nobody waiting: what it still says is dropped.
      const answer = await unlessAborted(this.#port.answer(kind, params, context), signal)
      return { kind: 'result', result: toJsonObject(answer, `the answer to ${kind}`) }
    } catch (error) {
      signal.throwIfAborted()
      throw toHostedError(kind, error)
    }
  }

  /** A question that names its task and itself is known by that, in this process and the next; another is a new one each time. */
  #idOf(method: HostedKind, params: JsonObject): string | undefined {
    const { _meta: meta, ...rest } = params
    const task = readRelatedTask(meta)
    const key = readQuestionKey(meta)
    if (task === undefined || key === undefined) return undefined
    const identity = questionIdentity({ method, params: { owner: this.#port.owner, task, key, rest } })
    return Buffer.from(identity, 'base64').toString('base64url')
  }
}

/** What {@link HostedTasks} need. */
export interface HostedTasksPort {
  readonly host: HostTasks
  /** The server that asks, and who it asks: their tasks are nobody else's. */
  readonly owner: string
  readonly clock: Clock
  /** Has the user's handler answer, question and answer checked against the protocol. */
  readonly answer: (kind: HostedKind, params: JsonObject, context: HostedContext) => Promise<object>
  /** For errors that reach no caller. */
  readonly report: (error: unknown) => void
}

function ended(task: TaskRecord | undefined): TaskRecord | 'gone' | undefined {
  if (task === undefined) return 'gone'
  return isTerminal(task.status) ? task : undefined
}

const defaultPollIntervalMs = 1000
const pageSize = 50
/** A person may take days, and restart their machine often; a handler that kills its process is not run for ever. */
const maxAttempts = 100

import type { StandardSchemaV1 } from '@modelcontextprotocol/client'
import { LongcallError, type Clock, type TaskSnapshot } from '@longcall/core'
import type { RequestOptions } from '../connection/connection.ts'
import { clip } from '../errors/clip.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { awaitEnding } from '../tasks/await-task.ts'
import type { WaitLimits } from '../connection/deadline.ts'
import { isRefused } from '../tasks/driver-errors.ts'
import { outcomeForCaller } from '../tasks/outcome-for-caller.ts'
import type { PromptOperation, ResourceOperation, ToolOperation } from '../tasks/operation.ts'
import type { PromptTask } from '../tasks/prompt-task.ts'
import { rawResultOf } from '../tasks/raw-result.ts'
import type { ResourceTask } from '../tasks/resource-task.ts'
import { snapshotFeed } from '../tasks/snapshot-feed.ts'
import type { TaskReference } from '../tasks/task-reference.ts'
import type { TaskLink, TaskRegistry } from '../tasks/task-registry.ts'
import type { ToolResult } from '../tasks/tool-result.ts'
import type { ClientJournal } from '../journal/client-journal.ts'
import { JournaledTasks, type ResumeAllOptions } from './journaled-tasks.ts'
import type { PendingCall } from './pending-calls.ts'
import type { ResumedTasks } from './resumed-tasks.ts'
import type { ToolTask } from '../tasks/tool-task.ts'
import { TaskKinds, type AnyTask, type TaskResult } from './task-kinds.ts'
import type { ToolReader } from './tool-reader.ts'
import { listOwn, listOnServer, type TaskListing } from './list-tasks.ts'

/** Which page of tasks to list. */
export interface ListTasksOptions extends RequestOptions {
  /** From the page before. Opaque. */
  readonly cursor?: string
  /** How many tasks at most. By default what the server makes a page, or 50 where this client lists its own. */
  readonly limit?: number
}

/** Tasks by their id: for ids that come from elsewhere than a handle. */
export class ClientTasks {
  readonly #port: ClientTasksPort
  readonly #kinds: TaskKinds
  readonly #journaled: JournaledTasks

  constructor(port: ClientTasksPort) {
    this.#port = port
    this.#kinds = new TaskKinds(port.reader, port.report)
    this.#journaled = new JournaledTasks({ ...port, kinds: this.#kinds })
  }

  /**
   * The task as it is now: one round trip.
   *
   * @throws {TaskNotFoundError} Thrown when the server does not know the task.
   */
  async get(taskId: string, options: RequestOptions = {}): Promise<TaskSnapshot> {
    const link = this.#port.link('tasks.get')
    return this.#port.registry.byId(link, readId(taskId)).status(options)
  }

  /**
   * Waits for the task to end, and gives what its request would have returned; with a schema, the raw result as the schema
   * reads it. Of a task that is known here by its id alone, the result tells what was asked for; name its type where it is no
   * tool call: `result<GetPromptResult>(id)`.
   *
   * Throws as `task.result()` does, and an error with code `invalid_result` when the schema refuses the result.
   */
  async result<Result extends TaskResult = ToolResult>(
    taskId: string,
    schema?: undefined,
    limits?: WaitLimits,
  ): Promise<Result>
  async result<Schema extends StandardSchemaV1>(
    taskId: string,
    schema: Schema,
    limits?: WaitLimits,
  ): Promise<StandardSchemaV1.InferOutput<Schema>>
  async result(taskId: string, schema?: StandardSchemaV1, limits: WaitLimits = {}): Promise<unknown> {
    const driver = this.#port.registry.byId(this.#port.link('tasks.result'), readId(taskId))
    const ending = await outcomeForCaller(driver, () => awaitEnding(driver, limits))
    const raw = rawResultOf(driver.operation, ending)
    const result = await this.#kinds.read(driver.operation, raw)
    if (schema === undefined) return result
    const read = await schema['~standard'].validate(raw)
    if (read.issues === undefined) return read.value
    const issues = read.issues.map((issue) => issue.message).join('; ')
    throw new LongcallError('invalid_result', `The result of task ${taskId} does not fit the schema: ${clip(issues)}`)
  }

  /**
   * Tasks, a page at a time: the server's where it lists them, else those that this client submitted or picked up, as they
   * are now, without the ones that the server does not know any more. `source` says which.
   */
  async list(options: ListTasksOptions = {}): Promise<TaskListing> {
    const { limit } = options
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new InvalidOptionError('limit', limit, 'a whole number above zero')
    const link = this.#port.link('tasks.list')
    const { registry } = this.#port
    return link.wire.list === undefined ? listOwn(link, registry, options) : listOnServer(link.wire.list, options)
  }

  /**
   * Cancels a task and gives it as it was seen after.
   *
   * @throws {RpcError} Thrown when the server refuses, because the task has ended (-32602, 2025-11-25).
   * @throws {TaskNotFoundError} Thrown when the server does not know the task.
   */
  async cancel(taskId: string, options: RequestOptions = {}): Promise<TaskSnapshot> {
    const link = this.#port.link('tasks.cancel')
    const driver = this.#port.registry.byId(link, readId(taskId))
    try {
      const task = await link.wire.cancel(taskId, options)
      driver.cancelled(task)
      return task ?? (await driver.status(options))
    } catch (error) {
      // One code says both "ended" and "unknown"; a look at the task tells them apart, or throws not-found.
      if (isRefused(error)) await driver.status(options)
      throw error
    }
  }

  /** Every new snapshot of a task, until it ended: what `task.updates()` gives, by id. */
  poll(taskId: string, limits: WaitLimits = {}): AsyncGenerator<TaskSnapshot, void, undefined> {
    return snapshotFeed(this.#port.registry.byId(this.#port.link('tasks.poll'), readId(taskId)), limits)
  }

  /**
   * A handle of a task by what its `toJSON()` gave, in this process or another. Sends nothing: a task of another server, or
   * one that is gone, shows on first use. Where the type of the reference does not say of what kind the handle is, its
   * `method` does.
   *
   * @throws {InvalidReferenceError} Thrown when it is not a reference.
   */
  resume<Data = unknown>(reference: TaskReference<ToolOperation>): ToolTask<Data>
  resume(reference: TaskReference<PromptOperation>): PromptTask
  resume(reference: TaskReference<ResourceOperation>): ResourceTask
  resume<Data = unknown>(reference: TaskReference): AnyTask<Data>
  resume<Data>(reference: TaskReference): AnyTask<Data> {
    return this.#kinds.handle(this.#port.registry.resume(reference))
  }

  /**
   * The calls of this client's server and principal that the journal keeps, the oldest first: those of other processes, too.
   *
   * @throws {LongcallError} Thrown, code `no_journal`, when the client keeps none.
   */
  async pending(): Promise<readonly PendingCall[]> {
    return this.#journaled.pending()
  }

  /**
   * Takes up again all tasks of the journal that no living client has in hand, and their questions: those of this process that
   * nobody waits for, and those of processes that are gone. One whose outcome is kept is not asked for again.
   *
   * With `onResult` they are followed to their ends from now on, each within the limits.
   *
   * @throws {LongcallError} Thrown, code `no_journal`, when the client keeps none.
   */
  async resumeAll(options: ResumeAllOptions = {}): Promise<ResumedTasks> {
    return this.#journaled.resumeAll(options)
  }

  /** Has the journal keep a call no longer, by its id there. A task runs on. False when there is no such call. */
  async forget(id: string): Promise<boolean> {
    return this.#journaled.forget(id)
  }

  /** Forgets the calls that were sent so long ago and that no living client has in hand, and says how many. */
  async prune(options: { readonly olderThanMs: number }): Promise<number> {
    return this.#journaled.prune(options)
  }
}

/** What {@link ClientTasks} needs of its client. */
export interface ClientTasksPort {
  readonly registry: TaskRegistry
  /** The client's connection; throws, naming the method, when there is none. */
  link(method: string): TaskLink
  /** That of the connection, where one is kept. */
  journal(method: string): ClientJournal | undefined
  readonly clock: Clock
  readonly reader: ToolReader
  readonly report: (error: unknown) => void
}

function readId(taskId: string): string {
  if (typeof taskId !== 'string' || taskId === '')
    throw new InvalidOptionError('taskId', taskId, 'a string that is not empty')
  return taskId
}

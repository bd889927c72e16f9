import type { CallToolResult, McpServer, Server, StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import {
  memory,
  openQuestions,
  RpcError,
  rpcErrorCodes,
  snapshotOf,
  TaskRuntime,
  longestTimerMs,
  type AskOptions,
  type JsonObject,
  type Question,
  type RpcErrorObject,
  type TaskBackend,
  type TaskHistoryEntry,
  type TaskLimits,
  type TaskOutcome,
  type TaskRecord,
  type TaskRuntimeOptions,
  type TaskStatus,
  type WriteResult,
} from '@longcall/core'
import type { BindContext } from '../calls/bind-context.ts'
import { issuerAndSubject, type Principal } from '../calls/caller.ts'
import { TaskService } from '../calls/task-service.ts'
import { assertForm } from '../tool/assert-form.ts'
import { assertDurations } from '../tool/assert-durations.ts'
import { assertKey } from '../tool/assert-key.ts'
import { argumentsToGive, argumentsToKeep } from '../tool/kept-arguments.ts'
import { checkArguments, checkResult, runTool } from '../tool/run-tool.ts'
import type { WriteLog } from '../tool/tool-context.ts'
import type { Tool, ToolConfig, ToolHandler } from '../tool/tool.ts'
import { wordedOnce } from '../tool/worded-once.ts'
import { bindServer } from './bind-server.ts'
import type { ListedTask, TaskQuery, TaskView } from './task-view.ts'

/** How tasks are kept, run and limited. */
export interface TasksOptions extends Partial<Omit<TaskRuntimeOptions, 'namespace'>> {
  /** Where tasks are kept and what moves their work; {@link memory} by default. */
  readonly backend?: TaskBackend
  /** Which server's tasks these are, where several share a backend; `default` by default. */
  readonly name?: string
  /** Says who an authenticated caller is; by default issuer and subject, from `extra.iss` and `extra.sub`. */
  readonly principal?: Principal
  /** Milliseconds that clients are asked to leave between two polls; 500 by default. */
  readonly pollIntervalMs?: number
  /** Whether a tool's own errors are kept from callers, who then learn no more than that it failed; false by default. */
  readonly maskErrors?: boolean
  /** How long a call that asks in the middle waits for its next round on 2026-07-28; an hour by default. */
  readonly roundTtlMs?: number
}

/**
 * The tools of a server that run as tasks, and their tasks.
 *
 * The SDK makes a server object for each session or request; tools and tasks outlive them, so they are here, and each
 * server object is bound to them.
 */
export class Tasks implements AsyncDisposable {
  /** Runs the tasks; for those who build a wire or a worker of their own. */
  readonly runtime: TaskRuntime
  readonly #service: TaskService
  /** Holds the process open: the runtime's own timers do not. */
  #hold: NodeJS.Timeout | undefined

  constructor(options: TasksOptions = {}) {
    const { name = 'default', principal = issuerAndSubject, maskErrors = false } = options
    const { pollIntervalMs = 500, roundTtlMs = 3_600_000 } = options
    const { limits, leaseMs, onEvent, redact, clock } = options
    this.runtime = new TaskRuntime({
      backend: options.backend ?? memory(clock === undefined ? {} : { clock }),
      namespace: name,
      ...(limits !== undefined && { limits }),
      ...(leaseMs !== undefined && { leaseMs }),
      ...(onEvent !== undefined && { onEvent }),
      ...(redact !== undefined && { redact }),
      ...(clock !== undefined && { clock }),
    })
    this.#service = new TaskService(this.runtime, { principal, maskErrors, pollIntervalMs, roundTtlMs })
  }

  /** The limits that hold. */
  get limits(): TaskLimits {
    return this.runtime.limits
  }

  /**
   * Declares a tool, once for all server objects.
   *
   * @throws {LongcallError} Thrown with the code `duplicate_tool` when there is one of that name.
   */
  registerTool<
    Input extends StandardSchemaWithJSON | undefined = undefined,
    Output extends StandardSchemaWithJSON | undefined = undefined,
  >(name: string, config: ToolConfig<Input, Output>, handler: ToolHandler<Input>): void {
    const { inputSchema, outputSchema } = config
    assertDurations(name, config)
    const worded = {
      ...config,
      ...(inputSchema !== undefined && { inputSchema: wordedOnce(inputSchema) }),
      ...(outputSchema !== undefined && { outputSchema: wordedOnce(outputSchema) }),
    }
    const tool = { name, config: worded, handler } as unknown as Tool
    this.runtime.define(name, {
      body: async (execution) => {
        const args = await argumentsToGive(tool, execution.request.arguments)
        const log: WriteLog = (level, data, logger) =>
          this.#service.audience.log(execution.taskId, { level, data, ...(logger !== undefined && { logger }) })
        return runTool(tool, args, execution, { log, maskErrors: this.#service.settings.maskErrors })
      },
      ...(config.onCrash !== undefined && { onCrash: config.onCrash }),
      ...(config.maxAttempts !== undefined && { maxAttempts: config.maxAttempts }),
      ...(config.timeoutMs !== undefined && { timeoutMs: config.timeoutMs }),
    })
    this.#service.tools.set(name, tool)
  }

  /** What the wires of this package stand on. @internal */
  get service(): TaskService {
    return this.#service
  }

  /**
   * Gives a server object these tools, and the methods of their tasks. Call it before the object is connected, and after
   * its own tools are registered.
   *
   * @throws {Error} Thrown when the server has a tool of the same name.
   */
  bind(server: McpServer | Server, context: BindContext): void {
    bindServer(this.#service, server, context)
  }

  /**
   * Starts a task without a client: for cron, or in somebody's name. The tool's `prepare` is left out, for nobody is there to
   * be asked: what its schema makes of the arguments is what the tool gets.
   *
   * @throws {RpcError} Thrown with -32602 when the arguments do not fit the tool's schema.
   */
  async start(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options: { readonly owner?: string; readonly ttlMs?: number; readonly id?: string } = {},
  ): Promise<TaskView> {
    const { owner = '', ttlMs, id } = options
    const declared = this.#service.tools.get(tool)
    let kept: unknown = args
    if (declared !== undefined) {
      const checked = await checkArguments(declared, args)
      if (checked.kind === 'unfit') throw new RpcError(rpcErrorCodes.invalidParams, checked.why)
      kept = argumentsToKeep(declared, args, checked.value)
    }
    const granted = ttlMs ?? declared?.config.ttlMs
    const task = await this.runtime.start({
      tool,
      owner,
      arguments: kept,
      pollIntervalMs: declared?.config.pollIntervalMs ?? this.#service.settings.pollIntervalMs,
      ...(granted !== undefined && { ttlMs: granted }),
      ...(id !== undefined && { id }),
    })
    return this.#view(task)
  }

  /** A task, if it is there and, with `owner`, theirs. */
  async get(id: string, { owner }: { readonly owner?: string } = {}): Promise<TaskView | undefined> {
    const task = await this.runtime.get(id, owner)
    return task === undefined || task.hidden ? undefined : this.#view(task)
  }

  /**
   * A page of tasks, the newest first.
   *
   * @throws {BadCursorError} Thrown when the cursor is not of this query.
   */
  async list(query: TaskQuery = {}): Promise<{ readonly tasks: readonly ListedTask[]; readonly nextCursor?: string }> {
    const { owner, tool, status, cursor, limit = 50 } = query
    const statuses = typeof status === 'string' ? [status] : status
    const filter = {
      ...(owner !== undefined && { owner }),
      ...(tool !== undefined && { tool }),
      ...(statuses !== undefined && { statuses }),
    }
    const page = await this.runtime.list(filter, { limit, ...(cursor !== undefined && { cursor }) })
    const nowMs = this.runtime.clock.now()
    const tasks = page.tasks.map((task) => {
      const { tool: name, owner: whose, attempt, isError } = task
      return { ...snapshotOf(task, nowMs), tool: name, owner: whose, attempt, isError }
    })
    return { ...page, tasks }
  }

  /** How many tasks there are in each status. */
  count(
    query: { readonly owner?: string; readonly tool?: string } = {},
  ): Promise<Readonly<Record<TaskStatus, number>>> {
    return this.runtime.count(query)
  }

  /** What happened to a task, in order. */
  history(id: string): Promise<readonly TaskHistoryEntry[]> {
    return this.runtime.history(id)
  }

  /**
   * Cancels a task. A body in this process has its signal aborted when this resolves.
   *
   * @throws {RpcError} Thrown with -32602 when the task is not there or has ended.
   */
  async cancel(
    id: string,
    options: { readonly owner?: string; readonly statusMessage?: string } = {},
  ): Promise<TaskView> {
    return this.#view(written(id, await this.runtime.cancel(id, options)))
  }

  /**
   * Completes a task whose work was done elsewhere, with what its call is to answer.
   *
   * @throws {RpcError} Thrown with -32602 when the task is not there or has ended, and when its tool could not have returned
   * this: then the task stays open.
   */
  async complete(
    id: string,
    result: CallToolResult | string,
    options: { readonly owner?: string } = {},
  ): Promise<TaskView> {
    const task = await this.runtime.get(id, options.owner)
    if (task === undefined) return this.#view(written(id, { kind: 'missing' }))
    // A tool of another process is not known here: then only the shape can be checked.
    const tool = this.#service.tools.get(task.tool) ?? { name: task.tool, config: {} }
    const checked = await checkResult(tool, result)
    if (checked.kind === 'unfit') throw new RpcError(rpcErrorCodes.invalidParams, checked.why)
    const outcome: TaskOutcome = { kind: 'result', result: checked.result }
    return this.#view(written(id, await this.runtime.complete(id, outcome, options)))
  }

  /** Fails a task whose work was done elsewhere, likewise. */
  async fail(id: string, error: RpcErrorObject, options: { readonly owner?: string } = {}): Promise<TaskView> {
    return this.#view(written(id, await this.runtime.complete(id, { kind: 'error', error }, options)))
  }

  /**
   * Asks in the name of a task whose work is done elsewhere, and waits for the answer. With the same key it is the same
   * question: after a restart, ask again to wait on.
   *
   * @throws {RpcError} Thrown when the task is not there or has ended, when its client cannot be asked this, and when it
   * answered with an error.
   * @throws {LongcallError} Thrown with the code `bad_form` when it asks with a form whose schema is none, and with `bad_key`
   * when its key is `__proto__`.
   */
  async ask(id: string, question: Question & { readonly key: string }, options: AskOptions = {}): Promise<JsonObject> {
    assertKey(question.key)
    const form = question.params['requestedSchema']
    if (typeof form === 'object' && form !== null) assertForm(form)
    return this.runtime.ask(id, question, options)
  }

  /**
   * Answers questions of a task in the place of its client.
   *
   * @throws {RpcError} Thrown with -32602 when the task is not there, or an answer does not fit its question.
   */
  async answer(
    id: string,
    answers: Readonly<Record<string, unknown>>,
    { owner }: { readonly owner?: string } = {},
  ): Promise<TaskView> {
    return this.#view(await this.#service.answer(id, answers, owner))
  }

  /**
   * Begins to run tasks, also those that an earlier process left, and holds the process open until {@link close}. For a
   * process that only executes; where a server is served, that does it.
   */
  async open(): Promise<void> {
    await this.runtime.open()
    if (this.runtime.isClosing) return
    this.#hold ??= setInterval(() => {}, longestTimerMs)
  }

  /**
   * Stops running tasks: takes no new ones, and waits for those that run. Clients can still read what came of theirs, until
   * {@link close}.
   *
   * @param options.graceMs How long it waits; 10 seconds by default. What still runs then is stopped, and handed back or
   * failed as its `onCrash` says.
   */
  drain(options: { readonly graceMs?: number } = {}): Promise<void> {
    return this.runtime.drain(options)
  }

  /** Stops running tasks as {@link drain} does, and closes the store. Whoever serves them is closed before. */
  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#service.audience.close()
    clearInterval(this.#hold)
    return this.runtime.close(options)
  }

  /** The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #view(task: TaskRecord): TaskView {
    const { tool, owner, attempt, outcome } = task
    return {
      ...snapshotOf(task, this.runtime.clock.now()),
      tool,
      owner,
      attempt,
      questions: openQuestions(task),
      ...(outcome !== undefined && { outcome }),
    }
  }
}

/** Declares the tools that run as tasks, and keeps their tasks. */
export function createTasks(options: TasksOptions = {}): Tasks {
  return new Tasks(options)
}

function written(id: string, result: WriteResult): TaskRecord {
  if (result.kind === 'written') return result.task
  const why =
    result.kind === 'missing' ? `Task not found: ${id}` : `Task ${id} has ended already: it is ${result.task.status}`
  throw new RpcError(rpcErrorCodes.invalidParams, why)
}

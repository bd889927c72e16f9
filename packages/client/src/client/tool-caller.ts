import type { Tool } from '@modelcontextprotocol/client'
import type { CallProgress } from '../handlers/message-handlers.ts'
import { Cancellation } from '../connection/cancellation.ts'
import { ProgressReporter } from '../connection/progress-reporter.ts'
import { RpcError } from '../errors/request-errors.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { awaitEnding } from '../tasks/await-task.ts'
import { readLimit, withDeadline, type GivenUp, type StartedLimits, type WaitLimits } from '../connection/deadline.ts'
import { SettledTask } from '../tasks/settled-task.ts'
import type { TaskDriver } from '../tasks/task-driver.ts'
import type { Operation } from '../tasks/task-reference.ts'
import type { TaskLink, TaskRegistry } from '../tasks/task-registry.ts'
import type { ToolCall, ToolReply, TaskWish } from '../tasks/task-wire.ts'
import { givenUp } from '../operations/request-runner.ts'
import { metaOf } from '../operations/raw-operations.ts'
import { rawResultOf, type ToolResult } from '../tasks/tool-result.ts'
import { ToolTask } from '../tasks/tool-task.ts'
import { defaultTtlMs, type CallTaskOptions, type CallToolOptions, type ResolvedOptions } from './options.ts'
import type { ToolCatalog } from './tool-catalog.ts'
import type { ToolReader } from './tool-reader.ts'

/** Calls tools on one connection: the result for who waits for it, a handle for who asks for a task. */
export class ToolCaller {
  readonly #link: TaskLink
  readonly #catalog: ToolCatalog
  readonly #registry: TaskRegistry
  readonly #options: CallerOptions

  constructor(link: TaskLink, catalog: ToolCatalog, registry: TaskRegistry, options: CallerOptions) {
    this.#link = link
    this.#catalog = catalog
    this.#registry = registry
    this.#options = options
  }

  /** The result, whether the server ran the call at once or as a task. */
  async call<Data>(name: string, args: ToolArguments, options: CallToolOptions<Data>): Promise<ToolResult<Data>> {
    return this.#options.reader.read<Data>(name, await this.callRaw(name, args, options), options)
  }

  /** The result as it came, whether the server ran the call at once or as a task. */
  async callRaw(
    name: string,
    args: ToolArguments,
    options: Omit<CallToolOptions, 'schema' | 'throwOnError'>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const progress = this.#progress(options)
    try {
      const limits = this.#budget({ ...options, idleTimeoutMs: options.idleTimeoutMs ?? this.#options.idleTimeoutMs })
      const wish = this.#options.preferTasks ? { ttlMs: defaultTtlMs } : undefined
      const sent = await this.#send(name, args, metaOf(options), wish, progress, limits)
      if (sent.kind === 'result') return sent.result
      // Somebody who waits for a result holds no handle to answer a question with.
      const ending = await awaitEnding(
        sent.driver,
        limits,
        (error) => error,
        (snapshot) => progress.status(snapshot),
      )
      return rawResultOf(name, ending)
    } finally {
      progress.stop()
    }
  }

  /** A handle: of the task, or of the result where the server did not run the call as one. */
  async start<Data>(name: string, args: ToolArguments, options: CallTaskOptions<Data>): Promise<ToolTask<Data>> {
    const limits = this.#budget(options)
    const progress = this.#progress(options)
    const ttlMs = readTtl(options.task)
    const idle = { idleTimeoutMs: options.idleTimeoutMs ?? this.#options.idleTimeoutMs }
    const sent = await this.#send(name, args, metaOf(options), { ttlMs }, progress, { ...limits, ...idle })
    const { clock, report, reader } = this.#options
    const source =
      sent.kind === 'task'
        ? sent.driver
        : SettledTask.of({ method: 'tools/call', name }, sent.result, new Date(clock.now()))
    return new ToolTask(source, {
      read: async (ending) => reader.read<Data>(name, rawResultOf(name, ending), options),
      limits,
      report,
      seen: (snapshot) => progress.status(snapshot),
      ...(sent.kind === 'task' && { created: sent.reply }),
    })
  }

  #progress({ onProgress }: Pick<CallToolOptions, 'onProgress'>): ProgressReporter {
    return new ProgressReporter(onProgress ?? this.#options.onProgress(), this.#options.report)
  }

  /** The limits of a call: its time runs from now, whenever somebody waits. */
  #budget({ timeoutMs: given, idleTimeoutMs, signal }: WaitLimits): StartedLimits {
    const timeoutMs = readLimit('timeoutMs', given ?? this.#options.timeoutMs)
    return { timeoutMs, idleTimeoutMs, signal, startedAtMs: this.#options.clock.now() }
  }

  async #send(
    name: string,
    args: ToolArguments,
    meta: ToolCall['meta'],
    wish: TaskWish | undefined,
    progress: ProgressReporter,
    limits: StartedLimits,
  ): Promise<SentOnce> {
    const cancellation = new Cancellation()
    const toError = (why: GivenUp): Error => {
      const error = givenUp(`tools/call of ${JSON.stringify(name)}`, why)
      cancellation.abort(why.kind === 'aborted' ? why.reason : error)
      return error
    }
    const { connection } = this.#link
    // Progress may come for as long as the task lives, and is no reason to keep a task that nobody holds.
    let task: WeakRef<TaskDriver> | undefined
    return withDeadline(
      limits,
      this.#options.clock,
      toError,
      async (pulse) => {
        const onProgress = (update: Parameters<ProgressReporter['progress']>[0]): void => {
          pulse.alive()
          task?.deref()?.heard()
          progress.progress(update)
        }
        const send = async (wanted: TaskWish | undefined): Promise<Sent> => {
          const created = wanted === undefined ? undefined : connection.desk.creating()
          try {
            const known = this.#catalog.known(name)
            const headed = known?.hasHeaderParams === true ? known.tool : undefined
            const isSafe = async (): Promise<boolean> => isRepeatable(await this.#catalog.lookUp(name))
            const call: ToolCall = { name, arguments: args, meta, headed, isSafe }
            const reply = await this.#link.wire.call(call, wanted, { cancellation, onProgress })
            if (reply.kind === 'result') return isRefusedMode(reply.result) ? { kind: 'refused', reply } : reply
            const operation: Operation = { method: 'tools/call', name }
            const driver = this.#registry.adopt(this.#link, operation, reply.created, reply.release)
            task = new WeakRef(driver)
            return { kind: 'task', driver, reply }
          } finally {
            created?.()
          }
        }
        return this.#again(name, wish, send)
      },
      () => connection.desk.busy,
    )
  }

  /** Whether, and how, to ask a 2025-11-25 server for a task; a 2026-07-28 server is not asked. */
  async #wanted(name: string, wish: TaskWish | undefined): Promise<TaskWish | undefined> {
    const support = this.#link.connection.taskOffer
    if (support.generation !== '2025-11-25' || support.tasks?.toolCalls !== true) return undefined
    switch (await this.#catalog.supportOf(name)) {
      case 'required':
        return wish ?? { ttlMs: defaultTtlMs }
      case 'optional':
        return wish
      case 'forbidden':
        return undefined
    }
  }

  /**
   * Sends; and once more where the server refused the mode, as task or not, and the tool's listing was out of date.
   *
   * A refusal (-32601) says that the tool did not run. Some servers put it into a result with `isError`.
   */
  async #again(
    name: string,
    wish: TaskWish | undefined,
    send: (wanted: TaskWish | undefined) => Promise<Sent>,
  ): Promise<SentOnce> {
    const wanted = await this.#wanted(name, wish)
    const otherMode = async (): Promise<{ readonly wanted: TaskWish | undefined } | undefined> => {
      this.#catalog.forget()
      const now = await this.#wanted(name, wish)
      return (now === undefined) === (wanted === undefined) ? undefined : { wanted: now }
    }
    try {
      const sent = await send(wanted)
      if (sent.kind !== 'refused') return sent
      const other = await otherMode()
      return other === undefined ? sent.reply : unwrap(await send(other.wanted))
    } catch (error) {
      if (!(error instanceof RpcError) || error.rpcCode !== -32_601) throw error
      const other = await otherMode()
      if (other === undefined) throw error
      return unwrap(await send(other.wanted))
    }
  }
}

/** What a {@link ToolCaller} needs of its client. */
export interface CallerOptions extends Pick<
  ResolvedOptions,
  'clock' | 'report' | 'preferTasks' | 'timeoutMs' | 'idleTimeoutMs'
> {
  readonly reader: ToolReader
  /** Hears progress of calls that have no `onProgress` of their own; that of the moment. */
  readonly onProgress: () => ((progress: CallProgress) => void) | undefined
}

/** The arguments of a tool. */
export type ToolArguments = Readonly<Record<string, unknown>>

type SentOnce =
  | Extract<ToolReply, { kind: 'result' }>
  | { readonly kind: 'task'; readonly driver: TaskDriver; readonly reply: Extract<ToolReply, { kind: 'task' }> }

type Sent = SentOnce | { readonly kind: 'refused'; readonly reply: Extract<ToolReply, { kind: 'result' }> }

function readTtl(task: CallTaskOptions['task']): number {
  const ttlMs = (task === true ? undefined : task.ttlMs) ?? defaultTtlMs
  if (Number.isSafeInteger(ttlMs) && ttlMs > 0) return ttlMs
  throw new InvalidOptionError('task.ttlMs', ttlMs, 'whole milliseconds above zero')
}

function unwrap(sent: Sent): SentOnce {
  return sent.kind === 'refused' ? sent.reply : sent
}

function isRefusedMode(result: Readonly<Record<string, unknown>>): boolean {
  if (result['isError'] !== true || !Array.isArray(result['content'])) return false
  const [block] = result['content'] as readonly { text?: unknown }[]
  return typeof block?.text === 'string' && block.text.startsWith('MCP error -32601')
}

/** Hints, and taken for no more: the server that gives them is the one that is asked again. */
function isRepeatable(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true
}

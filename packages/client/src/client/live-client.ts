import type { ClientContext, JSONRPCRequest, LoggingLevel, Result } from '@modelcontextprotocol/client'
import { readRelatedTask, type JsonObject } from '@longcall/core'
import { writeClientTasksCapability } from '@longcall/core/wire/2025-11-25'
import { Connection } from '../connection/connection.ts'
import type { ConnectionEvents } from '../connection/connection-port.ts'
import { LineOpener } from '../connection/line-opener.ts'
import { MessageDesk } from '../connection/message-desk.ts'
import type { Line } from '../connection/line.ts'
import { unlessAborted } from '../connection/unless-aborted.ts'
import { handlerOf } from '../handlers/handlers.ts'
import { loggerMethod } from '../handlers/log-levels.ts'
import { logText } from '../handlers/log-text.ts'
import { wantsLogs, type LogMessage } from '../handlers/message-handlers.ts'
import type { ClientJournal } from '../journal/client-journal.ts'
import { Lists } from '../operations/lists.ts'
import type { OperatingPort } from '../operations/operations.ts'
import { readKey } from '../operations/raw-operations.ts'
import { RequestRunner } from '../operations/request-runner.ts'
import { ResourceSubscriptions } from '../operations/resource-subscriptions.ts'
import { ResponseCache } from '../operations/response-cache.ts'
import { TaskStarter } from '../operations/task-starter.ts'
import type { ResolvedTarget } from '../target/resolved-target.ts'
import { CallSender } from '../tasks/call-sender.ts'
import type { TaskLink, TaskRegistry } from '../tasks/task-registry.ts'
import type { HostedContext } from '../receiver/host-tasks.ts'
import { hostCapability, type HostedKind } from '../receiver/hosting.ts'
import { TaskReceiver } from '../receiver/task-receiver.ts'
import { ToolCaller } from './tool-caller.ts'
import type { HandlerSet } from './handler-set.ts'
import { ListTopics } from './list-topics.ts'
import { makeLink } from './make-link.ts'
import type { ResolvedOptions } from './options.ts'
import { OtherSessions } from './other-sessions.ts'
import { SharedHolds } from './shared-holds.ts'
import { ToolCatalog } from './tool-catalog.ts'
import type { ToolReader } from './tool-reader.ts'

/** All that a client has while it is connected: its connection, and what stands on that. */
export class LiveClient implements OperatingPort {
  readonly connection: Connection
  readonly runner: RequestRunner
  readonly cache: ResponseCache
  readonly lists: Lists
  readonly subscriptions: ResourceSubscriptions
  readonly catalog: ToolCatalog
  readonly sessions: OtherSessions
  readonly receiver: TaskReceiver
  readonly #port: LivePort
  readonly #topics: ListTopics
  /** Shared by all who initialize at the same time: called off only when none of them waits any more. */
  readonly #introduction = new SharedHolds<Ready>({
    open: (signal) => this.#introduce(signal),
    close: () => Promise.resolve(),
    isOver: () => false,
  })
  #ready: Ready | undefined
  #journal: ClientJournal | undefined

  constructor(port: LivePort) {
    const { options, handlers, registry, target } = port
    const { clock, report, timeoutMs } = options
    this.#port = port
    const opener = new LineOpener({
      ...options,
      target,
      capabilities: () => handlers.capabilities,
      eras: options.eraCache,
    })
    const desk = new MessageDesk(
      () => handlers.current,
      (message) => this.#log(message),
      report,
    )
    this.receiver = new TaskReceiver({
      host: options.hostTasks,
      owner: () => this.#scope(),
      clock,
      canAnswer: (kind) => this.connection.desk.canAnswer(kind),
      answer: (kind, params, context) => this.#answerInTask(kind, params, context),
      report,
    })
    const connect = (events: ConnectionEvents): Connection => {
      const connection: Connection = new Connection({
        ...events,
        tasksCapability: writeClientTasksCapability(hostCapability(options.hostTasks)),
        take: (request, context) => this.#take(connection, request, context),
        clock,
        requestTimeoutMs: options.requestTimeoutMs,
        handlers: () => handlers.current,
        isOpenTask: (taskId) => registry.isOpen(connection, taskId),
        canReopen: target.isSingleUse !== true,
        openLine: (wish) => opener.open(wish),
        wantedLogLevel: () => this.#wantedLevel(),
        failed: (error) => desk.failed(error),
      })
      return connection
    }
    this.connection = connect({
      notified: (method, params) => {
        this.#changed(method, params)
        if (!this.#isLeft(method, params)) desk.notified(method, params)
      },
      reopened: (line) => this.#reopened(line),
      lost: () => this.subscriptions.lost(),
      doubted: () => this.subscriptions.doubted(),
    })
    this.runner = new RequestRunner(this.connection, {
      clock,
      report,
      timeoutMs,
      onProgress: () => handlers.current.onProgress,
    })
    this.cache = new ResponseCache(clock)
    this.lists = new Lists(this.connection, this.runner, this.cache, report)
    this.subscriptions = new ResourceSubscriptions(this.connection, this.runner, report)
    this.catalog = new ToolCatalog(this.connection, this.lists)
    this.#topics = new ListTopics(this.connection, (kind) =>
      this.#changed(`notifications/${kind}/list_changed`, undefined),
    )
    this.sessions = new OtherSessions(() =>
      connect({
        notified: (method, params) => desk.notified(method, params),
        reopened: () => Promise.resolve(),
        lost: () => {},
        doubted: () => {},
      }),
    )
  }

  /** Introduces the client to the server; once. */
  initialize(signal?: AbortSignal): Promise<Ready> {
    return this.#introduction.acquire(signal)
  }

  async #introduce(signal: AbortSignal): Promise<Ready> {
    // One that was called off in the last moment has left an open line.
    if (this.connection.server === undefined) await this.connection.open({ signal })
    const { options, registry, handlers, reader } = this.#port
    const endpoint = await this.#endpoint()
    this.#journal ??= await openJournal(options, await this.#scope())
    const link = makeLink(this.connection, endpoint, this.#journal)
    const onProgress = (): typeof handlers.current.onProgress => handlers.current.onProgress
    const sender = new CallSender(link, registry, { ...options, onProgress })
    const caller = new ToolCaller(sender, this.catalog, { ...options, reader })
    const starter = new TaskStarter(sender, options.requestTimeoutMs)
    this.#topics.follow(handlers.current)
    this.#ready ??= { link, caller, starter, journal: this.#journal }
    if (knowsTasks(this.connection)) this.receiver.open().catch(options.report)
    return this.#ready
  }

  /** What is there once the client is initialized. */
  get ready(): Ready | undefined {
    return this.#ready
  }

  get starter(): TaskStarter {
    return this.#ready!.starter
  }

  async callTool(
    ...[name, args, options]: Parameters<OperatingPort['callTool']>
  ): ReturnType<OperatingPort['callTool']> {
    return this.#ready!.caller.callRaw(name, args, options)
  }

  /** Handlers were set: the server is told, as far as it can be. Gives the names of those that it cannot be told of. */
  handlersChanged(names: ReadonlySet<string>): readonly string[] {
    const { connection } = this
    const { handlers } = this.#port
    const { server, sdk } = connection
    if (server === undefined || sdk === undefined) return []
    this.#topics.follow(handlers.current)
    if (server.era === 'modern') {
      connection.redeclare(handlers.capabilities)
      return []
    }
    const undeclared = handlers.undeclared(connection.declared)
    if (names.has('roots') && connection.declared.roots?.listChanged === true && connection.isOpen)
      sdk.notification({ method: 'notifications/roots/list_changed' }).catch(this.#port.options.report)
    return undeclared
  }

  async close({ endSession }: { readonly endSession: boolean }): Promise<void> {
    await Promise.all([this.connection.close({ endSession }), this.sessions.close(), this.receiver.close()])
    // What the last calls were told is put down; then others may take what this client had in hand.
    await this.#journal?.close()
  }

  /** What the server is known by. */
  #endpoint(): Promise<string> {
    return this.#port.target.endpoint(this.connection.server?.info?.name ?? '')
  }

  /** What the journal and the tasks that are run here are kept under: those of one server, for one principal. */
  async #scope(): Promise<string> {
    return JSON.stringify([await this.#endpoint(), this.#port.options.principal])
  }

  /** A request of the server's that is about tasks run here. */
  #take(connection: Connection, request: JSONRPCRequest, context: ClientContext): Promise<Result> | undefined {
    if (!knowsTasks(connection)) return undefined
    const { method, params = {} } = request
    const { id, signal, _meta: meta = {} } = context.mcpReq
    const relatedTaskId = readRelatedTask(meta)
    const about = { requestId: id, signal, meta, ...(relatedTaskId !== undefined && { relatedTaskId }) }
    return this.receiver.take({ method, params: params as JsonObject }, about, connection) as
      | Promise<Result>
      | undefined
  }

  #answerInTask(method: HostedKind, params: JsonObject, context: HostedContext): Promise<object> {
    const { onElicitation, onSampling } = this.#port.options.hostTasks
    const handler = handlerOf(
      {
        onElicitation: onElicitation && ((request) => onElicitation(request, context)),
        onSampling: onSampling && ((request) => onSampling(request, context)),
      },
      method,
    )!
    const { desk } = this.connection
    const question = { key: context.taskId, method, params }
    return this.connection.answerChecked(question, context.signal, (checked) =>
      desk.runWith(method, checked, () => handler(checked, context)),
    )
  }

  /** On 2026-07-28 a server sends no log message that was not asked for. */
  #wantedLevel(): LoggingLevel | undefined {
    return wantsLogs(this.#port.handlers.current) ? 'debug' : undefined
  }

  /** What the client kept and the server says is not so any more. */
  #changed(method: string, params: unknown): void {
    switch (method) {
      case 'notifications/tools/list_changed':
        this.cache.evict('tools/list')
        return this.catalog.forget()
      case 'notifications/prompts/list_changed':
        return this.cache.evict('prompts/list')
      case 'notifications/resources/list_changed':
        this.cache.evict('resources/list')
        return this.cache.evict('resources/templates/list')
      case 'notifications/resources/updated': {
        const uri = (params as { uri?: unknown } | undefined)?.uri
        if (typeof uri === 'string') this.cache.evict(readKey(uri))
      }
    }
  }

  #isLeft(method: string, params: unknown): boolean {
    const uri = (params as { uri?: unknown } | undefined)?.uri
    return method === 'notifications/resources/updated' && typeof uri === 'string' && this.subscriptions.isLeft(uri)
  }

  async #reopened(line: Line): Promise<void> {
    this.cache.evict()
    this.catalog.forget()
    // Who waits for the line is not held up by a server that does not answer.
    await unlessAborted(this.#restored(line), AbortSignal.timeout(restoreMs)).catch(() => {})
  }

  /** Tells the server again what it was told on the line before. Never rejects: a line that is lost again is noticed by its user. */
  async #restored(line: Line): Promise<void> {
    const { logLevel, closed } = this.connection
    const level = { method: 'logging/setLevel', params: { level: logLevel } }
    const isLevelled = line.server.era === 'legacy' && line.server.capabilities.logging !== undefined
    const told = isLevelled && logLevel !== undefined ? line.sdk.dispatch(level, closed) : undefined
    await Promise.all([told?.catch(() => {}), this.subscriptions.reopened(line).catch(() => {})])
  }

  #log(message: LogMessage): void {
    const { logger } = this.#port.handlers.current
    if (logger === undefined) return
    const server = this.connection.server?.info?.name ?? this.#port.target.name
    logger[loggerMethod(message.level)](logText({ server, logger: message.logger, data: message.data }))
  }
}

/** What a {@link LiveClient} needs of its client. */
export interface LivePort {
  readonly target: ResolvedTarget
  readonly options: ResolvedOptions
  readonly handlers: HandlerSet
  readonly registry: TaskRegistry
  readonly reader: ToolReader
}

/** What stands on a connection whose server is known. */
export interface Ready {
  readonly link: TaskLink
  readonly caller: ToolCaller
  readonly starter: TaskStarter
  readonly journal: ClientJournal | undefined
}

/** Whether the server knows tasks in this direction: those of 2025-11-25, and no others. */
function knowsTasks({ server }: Connection): boolean {
  return server?.protocolVersion === '2025-11-25'
}

/** The journal of a connection, loaded by programs that keep one. */
async function openJournal(options: ResolvedOptions, scope: string): Promise<ClientJournal | undefined> {
  const { journal, clock, report } = options
  if (journal === undefined) return undefined
  const { ClientJournal: Opened } = await import('../journal/client-journal.ts')
  return new Opened({ journal, scope, clock, report })
}

/** How long another line waits for what its server is told again, in milliseconds. */
const restoreMs = 2000

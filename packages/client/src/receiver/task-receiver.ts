import { ProtocolError } from '@modelcontextprotocol/client'
import {
  MalformedMessageError,
  rpcErrorCodes,
  toldError,
  type Clock,
  type JsonObject,
  type TaskRecord,
} from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import type { HostedContext, HostedRequestContext, HostTasks } from './host-tasks.ts'
import type { HostedTasks } from './hosted-tasks.ts'
import { hostedKinds, hostCapability, runsTasks, type HostedKind } from './hosting.ts'
import { toHostedError } from './to-hosted-error.ts'

/**
 * Takes what a server of 2025-11-25 wants run as a task here, and what it asks of such tasks.
 *
 * - A question with `task`: made a task by hand or by us, where its kind is set; else the plain handler answers it as if it
 *   had none, which is what the specification wants; else -32600.
 * - A question without: the plain handler answers it; where only tasks are set, -32600 says so.
 * - `tasks/get`, `tasks/result`, `tasks/list`, `tasks/cancel`: served by hand, or by us where we run tasks; else -32601.
 */
export class TaskReceiver {
  readonly #port: ReceiverPort
  readonly #followed = new Map<string, { readonly server: AskingServer; readonly left: AbortController }>()
  #tasks: Promise<HostedTasks> | undefined
  #isClosed = false

  constructor(port: ReceiverPort) {
    this.#port = port
  }

  /** What comes of a request; `undefined` where it is none of tasks here, and goes to the plain handler. */
  take(request: ServerRequest, context: HostedRequestContext, server: AskingServer): Promise<object> | undefined {
    const { method } = request
    const taken = isHostedKind(method)
      ? this.#question(method, request.params, context, server)
      : this.#method(method, request.params, context, server)
    return taken?.catch((error: unknown) => {
      throw toPeer(method, error)
    })
  }

  /** Runs what an earlier process left, where a backend keeps it. */
  async open(): Promise<void> {
    const { host } = this.#port
    if (host.backend !== undefined && runsTasks(host)) await (await this.#hosted()).open()
  }

  /** Stops the handlers. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { left } of this.#followed.values()) left.abort()
    await (await this.#tasks?.catch(() => {}))?.close()
  }

  #question(
    kind: HostedKind,
    params: JsonObject,
    context: HostedRequestContext,
    server: AskingServer,
  ): Promise<object> | undefined {
    const { host, canAnswer } = this.#port
    const { name, body, byHand } = hostedKinds[kind]
    const isHosted = hostCapability(host)[name]
    if (params['task'] === undefined) {
      if (!isHosted || canAnswer(kind)) return undefined
      return refuse(rpcErrorCodes.invalidRequest, `Task augmentation required for ${kind} requests`)
    }
    if (!isHosted && canAnswer(kind)) return undefined
    if (!isHosted) return refuse(rpcErrorCodes.invalidRequest, `Task-augmented ${name} not supported`)
    return host[body] === undefined
      ? this.#createByHand(kind, params, context, host[byHand] as ByHand)
      : this.#create(kind, params, server)
  }

  async #create(kind: HostedKind, params: JsonObject, server: AskingServer): Promise<object> {
    const wish = readWish(params)
    const tasks = await this.#hosted()
    const task = await tasks.create(kind, params, wish)
    this.#followSoon(tasks, task, server)
    return { task: tasks.write(task) }
  }

  async #createByHand(
    kind: HostedKind,
    params: JsonObject,
    context: HostedRequestContext,
    byHand: ByHand,
  ): Promise<object> {
    const { task: _task, ...rest } = params
    const created = await handled(kind, async () => byHand(rest, readWish(params), context))
    if (readable(() => wire.readCreated(created)) !== undefined) return created
    const option = `hostTasks.${hostedKinds[kind].byHand}`
    throw new ProtocolError(rpcErrorCodes.invalidParams, `Invalid task creation result: ${option} gave no { task }`)
  }

  #method(
    method: string,
    params: JsonObject,
    context: HostedRequestContext,
    server: AskingServer,
  ): Promise<object> | undefined {
    switch (method) {
      case 'tasks/get':
        return this.#serve(method, 'getTask', params, context, isTask, async (tasks) => {
          const task = await tasks.get(params['taskId'])
          this.#followSoon(tasks, task, server)
          return tasks.write(task)
        })
      case 'tasks/result':
        return this.#serve(method, 'getTaskResult', params, context, isObject, (tasks) =>
          tasks.result(params['taskId'], context.signal),
        )
      case 'tasks/list':
        return this.#serve(method, 'listTasks', params, context, isList, (tasks) => tasks.list(params['cursor']))
      case 'tasks/cancel':
        return this.#serve(method, 'cancelTask', params, context, isTask, async (tasks) =>
          tasks.write(await tasks.cancel(params['taskId'])),
        )
      default:
        return undefined
    }
  }

  async #serve(
    method: string,
    option: 'getTask' | 'getTaskResult' | 'listTasks' | 'cancelTask',
    params: JsonObject,
    context: HostedRequestContext,
    fits: (result: unknown) => boolean,
    ours: (tasks: HostedTasks) => Promise<object>,
  ): Promise<object> {
    const { host } = this.#port
    const byHand = host[option]
    if (typeof byHand === 'function') {
      const result = await handled(method, async () => (byHand as Serve)(params, context))
      if (fits(result)) return related(method, params, result)
      const message = `The client's handler for ${method} gave what is no result of it`
      throw new ProtocolError(rpcErrorCodes.internalError, message)
    }
    if (byHand === false || !runsTasks(host))
      throw new ProtocolError(rpcErrorCodes.methodNotFound, `${method} not supported`)
    return ours(await this.#hosted())
  }

  /** Loaded when there is a task to run: few servers ever want one. */
  #hosted(): Promise<HostedTasks> {
    // A request may come with the last breath of a connection: nobody would close what is opened for it.
    if (this.#isClosed) return refuse(rpcErrorCodes.internalError, 'The client was closed')
    this.#tasks ??= this.#make().catch((error: unknown) => {
      // What failed once may succeed the next time.
      this.#tasks = undefined
      throw error
    })
    return this.#tasks
  }

  async #make(): Promise<HostedTasks> {
    const { host, clock, answer, report } = this.#port
    const owner = await this.#port.owner()
    const { HostedTasks } = await import('./hosted-tasks.ts')
    return new HostedTasks({ host, owner, clock, answer, report })
  }

  /** Tells the server of changes once the answer to its request is on its way: a status must not come before its task. */
  #followSoon(tasks: HostedTasks, task: TaskRecord, server: AskingServer): void {
    const before = this.#followed.get(task.id)
    if (before?.server === server) return
    before?.left.abort()
    const left = new AbortController()
    this.#followed.set(task.id, { server, left })
    setImmediate(() => {
      const tell = (now: TaskRecord): void => server.notify(wire.taskNotification, { ...tasks.write(now) })
      tasks
        .follow(task, tell, left.signal)
        .catch(() => {})
        .finally(() => {
          if (this.#followed.get(task.id)?.left === left) this.#followed.delete(task.id)
        })
    })
  }
}

/** What a {@link TaskReceiver} needs of its client. */
export interface ReceiverPort {
  readonly host: HostTasks
  /** What the tasks are kept under: those of one server, for one principal. */
  owner(): Promise<string>
  readonly clock: Clock
  /** Whether a plain handler is set. */
  readonly canAnswer: (kind: HostedKind) => boolean
  /** Has the handler of the user's answer that runs in a task, question and answer checked against the protocol. */
  readonly answer: (kind: HostedKind, params: JsonObject, context: HostedContext) => Promise<object>
  readonly report: (error: unknown) => void
}

/** A request of the server's. */
export interface ServerRequest {
  readonly method: string
  readonly params: JsonObject
}

/** The connection that a request came on. */
export interface AskingServer {
  /** Tells the server; what cannot be sent is lost: a server polls all the same. */
  notify(method: string, params: Readonly<Record<string, unknown>>): void
}

type ByHand = (
  params: object,
  task: { readonly ttlMs?: number },
  context: HostedRequestContext,
) => object | Promise<object>

type Serve = (params: object, context: HostedRequestContext) => object | Promise<object>

function isHostedKind(method: string): method is HostedKind {
  return Object.hasOwn(hostedKinds, method)
}

function readWish(params: JsonObject): { readonly ttlMs?: number } {
  try {
    return wire.readAugmentation(params) ?? {}
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error
    throw new ProtocolError(rpcErrorCodes.invalidParams, 'task must be an object.')
  }
}

/** Runs a handler of the user's: what it throws is told as that of a handler. */
async function handled(method: string, run: () => Promise<object>): Promise<object> {
  try {
    return await run()
  } catch (error) {
    throw toHostedError(method, error)
  }
}

/** A result that a handler made by hand belongs to the task that was asked for, and says so, as the specification wants. */
function related(method: string, params: JsonObject, result: object): object {
  const { taskId } = params
  if (method !== 'tasks/result' || typeof taskId !== 'string') return result
  return wire.writeResult({ kind: 'result', result: { ...result } }, taskId)
}

function isObject(result: unknown): boolean {
  return typeof result === 'object' && result !== null && !Array.isArray(result)
}

function isTask(result: unknown): boolean {
  return readable(() => wire.readState(result)) !== undefined
}

function isList(result: unknown): boolean {
  return readable(() => wire.readList(result))?.unreadable === 0
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function refuse(code: number, message: string): Promise<never> {
  return Promise.reject(new ProtocolError(code, message))
}

function toPeer(method: string, error: unknown): Error {
  if (error instanceof ProtocolError) return error
  const { code, message, data } = toldError(error)
  return new ProtocolError(code, message || `${method} failed`, data)
}

import { ProtocolError } from '@modelcontextprotocol/client'
import {
  MalformedMessageError,
  rpcErrorCodes,
  toldError,
  unreachableMessage,
  type Clock,
  type JsonObject,
} from '@longcall/core'
import * as wire from '@longcall/core/wire/2025-11-25'
import { createByHand, hostedMethods, serveByHand, type HostedMethodName, type Serve } from './by-hand.ts'
import type { HostedContext, HostedRequestContext, HostTasks } from './host-tasks.ts'
import type { HostedTasks } from './hosted-tasks.ts'
import { hostedKinds, hostCapability, runsTasks, type HostedKind } from './hosting.ts'
import { StatusTeller, type AskingServer } from './status-teller.ts'

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
  readonly #teller = new StatusTeller()
  #tasks: Promise<HostedTasks> | undefined
  #isClosed = false

  constructor(port: ReceiverPort) {
    this.#port = port
  }

  /** What comes of a request; `undefined` where it is none of tasks here, and goes to the plain handler. */
  take(request: ServerRequest, context: HostedRequestContext, server: AskingServer): Promise<object> | undefined {
    const { method, params } = request
    const taken = isKind(method)
      ? this.#question(method, params, context, server)
      : isMethod(method)
        ? this.#serve(method, params, context, server)
        : undefined
    return taken?.catch((error: unknown) => {
      const told = toPeer(method, error)
      // The server is told no more than that; whoever runs this client has to hear why.
      if (told.message === unreachableMessage) this.#port.report(error)
      throw told
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
    this.#teller.close()
    await (await this.#tasks?.catch(() => {}))?.close()
  }

  #question(
    kind: HostedKind,
    params: JsonObject,
    context: HostedRequestContext,
    server: AskingServer,
  ): Promise<object> | undefined {
    const { host, canAnswer } = this.#port
    const { name } = hostedKinds[kind]
    const isHosted = hostCapability(host)[name]
    if (params['task'] === undefined) {
      if (!isHosted || canAnswer(kind)) return undefined
      return refuse(rpcErrorCodes.invalidRequest, `Task augmentation required for ${kind} requests`)
    }
    if (!isHosted && canAnswer(kind)) return undefined
    if (!isHosted) return refuse(rpcErrorCodes.invalidRequest, `Task-augmented ${name} not supported`)
    return this.#create(kind, params, context, server)
  }

  async #create(
    kind: HostedKind,
    params: JsonObject,
    context: HostedRequestContext,
    server: AskingServer,
  ): Promise<object> {
    const { host } = this.#port
    const wish = readWish(params)
    if (host[hostedKinds[kind].body] === undefined) return createByHand(host, kind, params, wish, context)
    const tasks = await this.#hosted()
    const task = await tasks.create(kind, params, wish)
    this.#teller.tellSoon(tasks, task, server)
    return { task: tasks.write(task) }
  }

  async #serve(
    method: HostedMethodName,
    params: JsonObject,
    context: HostedRequestContext,
    server: AskingServer,
  ): Promise<object> {
    const { host } = this.#port
    const byHand = host[hostedMethods[method]]
    if (typeof byHand === 'function') return serveByHand(byHand as Serve, method, params, context)
    if (byHand === false || !runsTasks(host))
      throw new ProtocolError(rpcErrorCodes.methodNotFound, `${method} not supported`)
    const tasks = await this.#hosted()
    switch (method) {
      case 'tasks/get': {
        const task = await tasks.get(params['taskId'])
        this.#teller.tellSoon(tasks, task, server)
        return tasks.write(task)
      }
      case 'tasks/result':
        return tasks.result(params['taskId'], context.signal)
      case 'tasks/list':
        return tasks.list(params['cursor'])
      case 'tasks/cancel':
        return tasks.write(await tasks.cancel(params['taskId']))
    }
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
  /** For errors that reach no caller. */
  readonly report: (error: unknown) => void
}

/** A request of the server's. */
export interface ServerRequest {
  readonly method: string
  readonly params: JsonObject
}

function isKind(method: string): method is HostedKind {
  return Object.hasOwn(hostedKinds, method)
}

function isMethod(method: string): method is HostedMethodName {
  return Object.hasOwn(hostedMethods, method)
}

function readWish(params: JsonObject): { readonly ttlMs?: number } {
  try {
    return wire.readAugmentation(params) ?? {}
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error
    throw new ProtocolError(rpcErrorCodes.invalidParams, 'task must be an object.')
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

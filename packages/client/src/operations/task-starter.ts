import { rpcErrorCodes } from '@longcall/core'
import { RpcError } from '../errors/request-errors.ts'
import type { CallPlan, CallSender, StartedCall } from '../tasks/call-sender.ts'
import type { Operation } from '../tasks/operation.ts'
import { PromptTask } from '../tasks/prompt-task.ts'
import { ResourceTask } from '../tasks/resource-task.ts'
import { readWish, type TaskOption } from '../tasks/task-wish.ts'
import type { Exchange } from '../connection/exchange.ts'
import { promptRequest, readRequest, type PromptOptions, type ReadOptions } from './requests.ts'

/** How to get a prompt as a task. */
export interface PromptTaskOptions extends PromptOptions {
  /** Gives a handle instead of the result. `ttlMs` asks the server how long, from creation, to keep the task; default a day. */
  readonly task: TaskOption
}

/** How to read a resource as a task. */
export interface ReadTaskOptions extends Omit<ReadOptions, 'cacheMode'> {
  /** Gives a handle instead of the contents. `ttlMs` asks the server how long, from creation, to keep the task; default a day. */
  readonly task: TaskOption
}

/**
 * Gets prompts and reads resources as tasks. No revision of MCP has such tasks; FastMCP 2.14 to 3 declares and runs them. Of
 * any other server the plain request is made, and the handle holds its result.
 */
export class TaskStarter {
  readonly #sender: CallSender
  readonly #idleTimeoutMs: number

  /** `idleTimeoutMs` is for requests that say nothing of it. */
  constructor(sender: CallSender, idleTimeoutMs: number) {
    this.#sender = sender
    this.#idleTimeoutMs = idleTimeoutMs
  }

  async getPrompt(
    name: string,
    args: Readonly<Record<string, unknown>> | undefined,
    options: PromptTaskOptions,
  ): Promise<PromptTask> {
    const request = promptRequest(name, args, options)
    return new PromptTask(await this.#start({ method: 'prompts/get', name }, request, options))
  }

  async readResource(uri: string, options: ReadTaskOptions): Promise<ResourceTask> {
    const request = readRequest(uri, options)
    return new ResourceTask(await this.#start({ method: 'resources/read', uri }, request, options))
  }

  #start(
    operation: Operation,
    { params, meta, isSafe }: Exchange,
    options: PromptTaskOptions | ReadTaskOptions,
  ): Promise<StartedCall> {
    const wish = readWish(options.task)
    const request = { operation, params, meta, isSafe }
    const attempt: CallPlan['attempt'] = async (send) => {
      const wanted = this.#sender.offers(operation.method) ? wish : undefined
      try {
        return await send(request, wanted)
      } catch (error) {
        // Nothing ran: this one forbids tasks, which no list tells.
        if (wanted === undefined || !(error instanceof RpcError) || error.rpcCode !== rpcErrorCodes.methodNotFound)
          throw error
        return send(request, undefined)
      }
    }
    return this.#sender.start({ operation, idleTimeoutMs: this.#idleTimeoutMs, attempt }, options)
  }
}

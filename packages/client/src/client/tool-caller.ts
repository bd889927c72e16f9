import type { Tool } from '@modelcontextprotocol/client'
import { rpcErrorCodes } from '@longcall/core'
import { defaultTtlMs } from '@longcall/core'
import { RpcError } from '../errors/request-errors.ts'
import { metaOf } from '../operations/requests.ts'
import type { CallPlan, CallSender, SendCall, Sent } from '../tasks/call-sender.ts'
import type { ToolOperation } from '../tasks/operation.ts'
import { rawResultOf } from '../tasks/raw-result.ts'
import { readWish, type TaskWish } from '../tasks/task-wish.ts'
import type { CallRequest } from '../tasks/task-wire.ts'
import type { ToolResult } from '../tasks/tool-result.ts'
import { ToolTask } from '../tasks/tool-task.ts'
import type { CallTaskOptions, CallToolOptions, ResolvedOptions } from './options.ts'
import type { ToolCatalog } from './tool-catalog.ts'
import type { ToolReader } from './tool-reader.ts'

/** Calls tools on one connection: the result for who waits for it, a handle for who asks for a task. */
export class ToolCaller {
  readonly #sender: CallSender
  readonly #catalog: ToolCatalog
  readonly #options: CallerOptions

  constructor(sender: CallSender, catalog: ToolCatalog, options: CallerOptions) {
    this.#sender = sender
    this.#catalog = catalog
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
    const wish = this.#options.preferTasks ? { ttlMs: defaultTtlMs } : undefined
    return this.#sender.call(this.#plan(name, args, options, wish), options)
  }

  /** A handle: of the task, or of the result where the server did not run the call as one. */
  async start<Data>(name: string, args: ToolArguments, options: CallTaskOptions<Data>): Promise<ToolTask<Data>> {
    const plan = this.#plan(name, args, options, readWish(options.task))
    const { source, handle } = await this.#sender.start(plan, options)
    const { reader } = this.#options
    return new ToolTask(source, {
      ...handle,
      read: async (ending) => reader.read<Data>(name, rawResultOf(plan.operation, ending), options),
    })
  }

  #plan(
    name: string,
    args: ToolArguments,
    options: Pick<CallToolOptions, 'meta' | 'version'>,
    wish: TaskWish | undefined,
  ): CallPlan {
    const operation: ToolOperation = { method: 'tools/call', name }
    const params = { name, arguments: args }
    const meta = metaOf(options)
    const isSafe = async (): Promise<boolean> => isRepeatable(await this.#catalog.lookUp(name))
    const request = (): CallRequest => {
      const known = this.#catalog.known(name)
      return { operation, params, meta, isSafe, headed: known?.hasHeaderParams === true ? known.tool : undefined }
    }
    return {
      operation,
      idleTimeoutMs: this.#options.idleTimeoutMs,
      attempt: (send) => this.#attempt(name, wish, request, send),
    }
  }

  /** Whether, and how, to ask for a task. */
  async #wanted(name: string, wish: TaskWish | undefined): Promise<TaskWish | undefined> {
    if (!this.#sender.offers('tools/call')) return undefined
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
  async #attempt(name: string, wish: TaskWish | undefined, request: () => CallRequest, send: SendCall): Promise<Sent> {
    const wanted = await this.#wanted(name, wish)
    const otherMode = async (): Promise<{ readonly wanted: TaskWish | undefined } | undefined> => {
      this.#catalog.forget()
      const now = await this.#wanted(name, wish)
      return (now === undefined) === (wanted === undefined) ? undefined : { wanted: now }
    }
    try {
      const sent = await send(request(), wanted)
      if (sent.kind === 'task' || !isRefusedMode(sent.result)) return sent
      const other = await otherMode()
      return other === undefined ? sent : await send(request(), other.wanted)
    } catch (error) {
      if (!(error instanceof RpcError) || error.rpcCode !== rpcErrorCodes.methodNotFound) throw error
      const other = await otherMode()
      if (other === undefined) throw error
      return send(request(), other.wanted)
    }
  }
}

/** What a {@link ToolCaller} needs of its client. */
export interface CallerOptions extends Pick<ResolvedOptions, 'preferTasks' | 'idleTimeoutMs'> {
  readonly reader: ToolReader
}

/** The arguments of a tool. */
export type ToolArguments = Readonly<Record<string, unknown>>

function isRefusedMode(result: Readonly<Record<string, unknown>>): boolean {
  if (result['isError'] !== true || !Array.isArray(result['content'])) return false
  const [block] = result['content'] as readonly { text?: unknown }[]
  return typeof block?.text === 'string' && block.text.startsWith('MCP error -32601')
}

/** Hints, and taken for no more: the server that gives them is the one that is asked again. */
function isRepeatable(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true
}

import type { LoggingLevel } from '@modelcontextprotocol/server'
import type { JsonValue, TaskProgress } from '@longcall/core'
import type { ToolContext } from '../tool/tool-context.ts'
import type { Gate } from './gate.ts'

/** A line that a tool wrote to its client's log. */
export interface LoggedLine {
  readonly level: LoggingLevel
  readonly data: JsonValue
  readonly logger?: string
}

/** Keeps what a tool does with its context, over all its attempts. */
export class Recorder {
  readonly statusMessages: string[] = []
  readonly progress: TaskProgress[] = []
  readonly logs: LoggedLine[] = []
  /** The names of the steps whose work ran. */
  readonly ran: string[] = []
  /** The names of the steps that came back from the store. */
  readonly replayed: string[] = []
  /** Of the attempt that began last. */
  signal: AbortSignal | undefined
  readonly #gate: Gate

  constructor(gate: Gate) {
    this.#gate = gate
  }

  /** Runs a body with a context that tells this recorder, and that hangs for ever once its process is dead. */
  async run<T>(
    context: ToolContext,
    isDead: () => boolean,
    body: (context: ToolContext) => Promise<T> | T,
  ): Promise<T> {
    this.signal = context.signal
    await this.#gate.pass()
    if (isDead()) return never()
    return body(this.#watched(context, isDead))
  }

  #watched(context: ToolContext, isDead: () => boolean): ToolContext {
    const told = (record: () => void): void => {
      if (!isDead()) record()
    }
    const held = async <T>(call: () => Promise<T>): Promise<T> => {
      if (isDead()) return never()
      const settled = await call().then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error
        },
      )
      await this.#gate.pass()
      return isDead() ? never() : settled()
    }
    return {
      get signal() {
        return context.signal
      },
      taskId: context.taskId,
      attempt: context.attempt,
      meta: context.meta,
      traceparent: context.traceparent,
      auth: context.auth,
      updateStatus: (message) =>
        told(() => {
          this.statusMessages.push(message)
          context.updateStatus(message)
        }),
      progress: (progress, total, message) =>
        told(() => {
          this.progress.push({
            progress,
            ...(total !== undefined && { total }),
            ...(message !== undefined && { message }),
          })
          context.progress(progress, total, message)
        }),
      log: (level, data, logger) =>
        told(() => {
          this.logs.push({ level, data, ...(logger !== undefined && { logger }) })
          context.log(level, data, logger)
        }),
      elicit: (params, options) => held(() => context.elicit(params, options)),
      createMessage: (params, options) => held(() => context.createMessage(params, options)),
      listRoots: (options) => held(() => context.listRoots(options)),
      step: (name, work) =>
        held(async () => {
          let didRun = false
          const value = await context.step(name, () => {
            didRun = true
            this.ran.push(name)
            return work()
          })
          if (!didRun) this.replayed.push(name)
          return value
        }),
    }
  }
}

/** A dead process gets no further. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}

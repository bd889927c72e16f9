import type { LogMessage, MessageHandlers, MessageHooks, ServerMessage } from '../handlers/message-handlers.ts'
import { isObject } from './as-result.ts'

/**
 * Where what a server says unasked arrives, and the one place that runs the user's handlers for it. It comes after the
 * client's own use of a message, which no handler can take away.
 */
export class MessageDesk {
  readonly #handlers: () => MessageHandlers
  readonly #log: (message: LogMessage) => void
  readonly #report: (error: unknown) => void

  /** `handlers` are those of the moment; `log` takes log messages that no handler takes. */
  constructor(handlers: () => MessageHandlers, log: (message: LogMessage) => void, report: (error: unknown) => void) {
    this.#handlers = handlers
    this.#log = log
    this.#report = report
  }

  notified(method: string, params: unknown): void {
    const { onLog, logger, onMessage } = this.#handlers()
    if (onLog === undefined && logger === undefined && onMessage === undefined) return
    this.#call(() => {
      // Handlers get a copy: what they do to it must not reach those who read the message after them.
      const message: ServerMessage = { method, params: isObject(params) ? structuredClone(params) : {} }
      if (method === 'notifications/message' && 'data' in message.params) {
        const log = { level: 'info', ...message.params } as LogMessage
        this.#call(() => (onLog === undefined ? this.#log(log) : onLog(log)))
      }
      if (onMessage !== undefined)
        this.#call(() => (typeof onMessage === 'function' ? onMessage(message) : hook(onMessage, message)))
    })
  }

  /** Something failed that no caller waits for. */
  failed(error: Error): void {
    const { onMessage } = this.#handlers()
    if (typeof onMessage === 'object') this.#call(() => onMessage.onError?.(error))
  }

  #call(handler: () => unknown): void {
    const call = async (): Promise<unknown> => handler()
    call().catch(this.#report)
  }
}

function hook(hooks: MessageHooks, { method, params }: ServerMessage): unknown {
  switch (method) {
    case 'notifications/tools/list_changed':
      return hooks.onToolsChanged?.()
    case 'notifications/prompts/list_changed':
      return hooks.onPromptsChanged?.()
    case 'notifications/resources/list_changed':
      return hooks.onResourcesChanged?.()
    case 'notifications/resources/updated':
      return typeof params['uri'] === 'string' ? hooks.onResourceUpdated?.(params['uri']) : undefined
    case 'notifications/message':
      return 'data' in params ? hooks.onLog?.({ level: 'info', ...params } as LogMessage) : undefined
    case 'notifications/progress':
      return typeof params['progress'] === 'number' ? hooks.onProgress?.(params as never) : undefined
    case 'notifications/cancelled':
      return hooks.onCancelled?.(params as never)
    default:
      return undefined
  }
}

import type { LoggingMessageNotificationParams, Progress } from '@modelcontextprotocol/client'
import type { Logger } from './log-levels.ts'

/** What a server says unasked, as it came. Untrusted. */
export interface ServerMessage {
  /** The method of the notification, such as `notifications/resources/updated`. */
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** A log message of the server's. Untrusted, `data` above all: any JSON. */
export type LogMessage = LoggingMessageNotificationParams

/** Hears of log messages. */
export type LogHandler = (message: LogMessage) => void | Promise<void>

/** A function for all that a server says unasked, or one for each kind. What they throw goes to `onError`. */
export type MessageHandler = ((message: ServerMessage) => void | Promise<void>) | MessageHooks

/** A function for each kind of message; what has none is not heard of. */
export interface MessageHooks {
  onToolsChanged?(): void | Promise<void>
  onPromptsChanged?(): void | Promise<void>
  onResourcesChanged?(): void | Promise<void>
  /** A resource that was subscribed to has changed. */
  onResourceUpdated?(uri: string): void | Promise<void>
  onLog?(message: LogMessage): void | Promise<void>
  /** Progress of any request, by its token. */
  onProgress?(progress: Progress & { readonly progressToken: string | number }): void | Promise<void>
  /** The server withdrew a request of its own. */
  onCancelled?(cancelled: { readonly requestId: string | number; readonly reason?: string }): void | Promise<void>
  /** Something that reached no caller failed: a message that cannot be read, a stream that broke. */
  onError?(error: Error): void | Promise<void>
}

/** What hears of a server. */
export interface MessageHandlers {
  /** Log messages of the server's. By default they go to `logger`, by their level. */
  readonly onLog?: LogHandler | undefined
  /** Where log messages go without `onLog`. By default nowhere. */
  readonly logger?: Logger | undefined
  /** Progress of calls that have no `onProgress` of their own. */
  readonly onProgress?: ((progress: CallProgress) => void) | undefined
  /** All that the server says unasked. It takes nothing away from the client's own use of it. */
  readonly onMessage?: MessageHandler | undefined
}

/** Progress of a call, or the status message of the task that it became. */
export interface CallProgress {
  /** Never decreases. */
  readonly progress: number
  readonly total?: number
  /** Untrusted text. */
  readonly message?: string
}

/** Whether log messages are heard at all. */
export function wantsLogs({ onLog, logger, onMessage }: MessageHandlers): boolean {
  return (
    onLog !== undefined ||
    logger !== undefined ||
    typeof onMessage === 'function' ||
    (onMessage !== undefined && onMessage.onLog !== undefined)
  )
}

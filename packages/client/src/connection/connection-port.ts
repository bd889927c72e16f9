import type { ClientContext, JSONRPCRequest, LoggingLevel, Result } from '@modelcontextprotocol/client'
import type { Clock } from '@longcall/core'
import type { Handlers } from '../handlers/handlers.ts'
import type { HttpSession } from '../target/resolved-target.ts'
import type { Line, ServerFacts } from './line.ts'
import type { SdkHooks } from './sdk-hooks.ts'

/** What a {@link Connection} needs. */
export interface ConnectionPort extends ConnectionEvents {
  readonly clock: Clock
  /** For a request that is answered at once, such as a poll. */
  readonly requestTimeoutMs: number
  /** Those of the moment: they can be replaced. */
  readonly handlers: () => Handlers
  /** Whether a task was started or picked up here, and has not ended. */
  readonly isOpenTask: (taskId: string) => boolean
  /** What this client runs as tasks for the server, as `initialize` declares it. */
  readonly tasksCapability: object | undefined
  /** Takes a request about tasks that are run here. */
  take(request: JSONRPCRequest, context: ClientContext): Promise<Result> | undefined
  /** Whether a line that is lost can be replaced. */
  readonly canReopen: boolean
  openLine(wish: LineWish): Promise<Line>
  /** The log level to ask for where nobody has set one (2026-07-28). */
  wantedLogLevel(): LoggingLevel | undefined
  /** Something failed that no caller waits for. */
  failed(error: Error): void
}

/** What happens on a {@link Connection}. */
export interface ConnectionEvents {
  /** Another line has taken the place of one that was lost. */
  reopened(line: Line): Promise<void>
  /** Any notification of the server's, unread. */
  notified(method: string, params: unknown): void
  /** The line is lost, and nobody may be sending anything that would open another. */
  lost(): void
  /** The server refused the stream that it brings its own messages on: it may have forgotten the session, which a request tells. */
  doubted(): void
}

/** Which line to open. */
export interface LineWish {
  readonly hooks: SdkHooks
  /** To go on with. */
  readonly session: HttpSession | undefined
  /** What the server spoke on the line before; absent on the first. */
  readonly era: ServerFacts['era'] | undefined
  readonly signal: AbortSignal
}

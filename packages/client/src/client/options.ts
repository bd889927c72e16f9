import type { ClientCapabilities, Implementation } from '@modelcontextprotocol/client'
import { systemClock, type Clock } from '@longcall/core'
import type { Era } from '../connection/connection.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import { toRoots, type Handlers } from '../handlers/handlers.ts'
import type { WaitLimits } from '../tasks/deadline.ts'

/** How a client behaves; all of it has a default. */
export interface ClientOptions extends Handlers {
  /** What this client calls itself to the server; by default longcall. */
  readonly clientInfo?: Implementation
  /**
   * Which protocol to speak: `auto` (default) finds out, `2026-07-28` and `legacy` (2025-11-25 and older) insist.
   *
   * `auto` costs one request; over stdio one start of the server more.
   */
  readonly era?: Era
  /**
   * Capabilities to declare beyond what the handlers imply. Declare `elicitation` or `sampling` without a handler to
   * answer the questions of tasks by hand, with `task.answer()`.
   */
  readonly capabilities?: ClientCapabilities
  /** On a 2025-11-25 server, run plain calls of tools that allow it as tasks too. Default false: only those that must. */
  readonly preferTasks?: boolean
  /** Milliseconds for connecting, all told. Default 30,000; `Infinity` for no limit. */
  readonly connectTimeoutMs?: number
  /** Milliseconds for one request that is answered at once, such as a poll or a list. Default 60,000. */
  readonly requestTimeoutMs?: number
  /** Errors that reach no caller: a callback that threw, a handler that failed. By default they are dropped. */
  readonly onError?: (error: Error) => void
  /** Time, for tests. */
  readonly clock?: Clock
}

/** Progress of a call, or the status message of the task that it became. */
export interface CallProgress {
  /** Never decreases. */
  readonly progress: number
  readonly total?: number
  /** Untrusted text. */
  readonly message?: string
}

/** How to call a tool. Each option means the same with `task` as without. */
export interface CallToolOptions extends WaitLimits {
  /**
   * Milliseconds from the call to its result. Default none.
   *
   * Past them a call that is no task is cancelled; a task runs on, and the error holds its reference.
   */
  readonly timeoutMs?: number | undefined
  /** Milliseconds without a word of the call: progress, a push, an answered poll. Default 300,000; `Infinity` for none. */
  readonly idleTimeoutMs?: number | undefined
  /** Ends the wait: a call that is no task is cancelled, a task runs on. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (progress: CallProgress) => void
  /** Goes into the request's `_meta`. */
  readonly meta?: Readonly<Record<string, unknown>>
  /** Whether a tool that reports a failure makes the call throw a ToolError. Default true. */
  readonly throwOnError?: boolean
}

/** How to call a tool as a task. */
export interface CallTaskOptions extends CallToolOptions {
  /**
   * Gives a handle instead of the result. `ttlMs` asks a 2025-11-25 server how long, from creation, to keep the task;
   * by default a day, since a shorter time ends a task that waits for a person. A 2026-07-28 server decides by itself.
   */
  readonly task: true | { readonly ttlMs?: number }
}

/** Options with their defaults filled in. */
export interface ResolvedOptions {
  readonly clientInfo: Implementation
  readonly era: Era
  readonly capabilities: ClientCapabilities
  readonly handlers: Handlers
  readonly preferTasks: boolean
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly report: (error: unknown) => void
  readonly clock: Clock
}

/** The ttl that is asked for by default, in milliseconds: a day. */
export const defaultTtlMs = 86_400_000
/** How long a call may be silent by default, in milliseconds: five minutes. */
export const defaultIdleTimeoutMs = 300_000

/**
 * Fills in the defaults.
 *
 * @throws {InvalidOptionError} Thrown when an option has a value that cannot be used.
 */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { era = 'auto', onElicitation, onSampling, roots, onError } = options
  if (!eras.includes(era)) throw new InvalidOptionError('era', era, `one of ${eras.join(', ')}`)
  if (Array.isArray(roots)) toRoots(roots)
  else if (roots !== undefined) aFunction('roots', roots, 'a list of file:// URIs, or a function that gives one')
  aFunction('onElicitation', onElicitation)
  aFunction('onSampling', onSampling)
  aFunction('onError', onError)
  return {
    clientInfo: options.clientInfo ?? { name: 'longcall', version: '0.1.0' },
    era,
    capabilities: options.capabilities ?? {},
    handlers: {
      ...(onElicitation !== undefined && { onElicitation }),
      ...(onSampling !== undefined && { onSampling }),
      ...(roots !== undefined && { roots }),
    },
    preferTasks: options.preferTasks ?? false,
    connectTimeoutMs: positive('connectTimeoutMs', options.connectTimeoutMs ?? 30_000),
    requestTimeoutMs: positive('requestTimeoutMs', options.requestTimeoutMs ?? 60_000),
    report: reporter(onError),
    clock: options.clock ?? systemClock,
  }
}

const eras: readonly Era[] = ['auto', '2026-07-28', 'legacy']

/** Reports without ever throwing: an error reporter that throws has nobody left to be reported to. */
function reporter(onError: ClientOptions['onError']): (error: unknown) => void {
  const call = async (error: Error): Promise<void> => onError?.(error)
  return (thrown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
    void Promise.allSettled([call(error)])
  }
}

function aFunction(option: string, value: unknown, expected: string = 'a function'): void {
  if (value !== undefined && typeof value !== 'function') throw new InvalidOptionError(option, value, expected)
}

function positive(option: string, ms: number): number {
  if (typeof ms !== 'number' || Number.isNaN(ms) || ms <= 0)
    throw new InvalidOptionError(option, ms, 'milliseconds above zero')
  return ms
}

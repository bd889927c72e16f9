import type { ClientCapabilities, Implementation, StandardSchemaV1 } from '@modelcontextprotocol/client'
import { systemClock, type Clock, type Journal } from '@longcall/core'
import type { WaitLimits } from '../connection/deadline.ts'
import { memoryEraCache, type EraCache } from '../connection/era-cache.ts'
import type { Era } from '../connection/line-opener.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { Handlers } from '../handlers/handlers.ts'
import { assertHandlers } from '../handlers/assert-handlers.ts'
import { assertHostTasks } from '../receiver/hosting.ts'
import type { HostTasks } from '../receiver/host-tasks.ts'
import type { CallProgress, MessageHandlers } from '../handlers/message-handlers.ts'
import type { TaskOption } from '../tasks/task-wish.ts'

/** How a client behaves; all of it has a default. */
export interface ClientOptions extends Handlers, MessageHandlers {
  /** What this client is called here, for logs of your own; by default `longcall` and a few letters. */
  readonly name?: string
  /** What this client calls itself to the server; by default longcall. */
  readonly clientInfo?: Implementation
  /**
   * Which protocol to speak: `auto` (default) finds out, `2026-07-28` and `legacy` (2025-11-25 and older) insist.
   *
   * `auto` costs one request on first contact; over stdio one start more of a server that does not survive it.
   */
  readonly era?: Era
  /** Remembers which era servers speak; by default for as long as this client, and those made by its `new()`, are used. */
  readonly eraCache?: EraCache
  /**
   * Capabilities to declare beyond what the handlers imply. Declare `elicitation` or `sampling` without a handler to
   * answer the questions of tasks by hand, with `task.answer()`, or to set a handler later. `tasks` is built from `hostTasks`.
   */
  readonly capabilities?: ClientCapabilities
  /** Runs questions of a 2025-11-25 server as tasks of this client's, where the server wants it. By default none. */
  readonly hostTasks?: HostTasks
  /** What to declare of sampling, instead of what `onSampling` implies: nothing but sampling itself. */
  readonly samplingCapabilities?: NonNullable<ClientCapabilities['sampling']>
  /** Whether `connect()` introduces the client to the server; default true. Without, `initialize()` does. */
  readonly autoInitialize?: boolean
  /** On a 2025-11-25 server, run plain calls of tools that allow it as tasks too. Default false: only those that must. */
  readonly preferTasks?: boolean
  /** Milliseconds for connecting, all told. Default 30,000; 0 or `Infinity` for no limit. */
  readonly connectTimeoutMs?: number
  /** Milliseconds without a word of a request that is no tool call; for one about a task, in all. Default 60,000. */
  readonly requestTimeoutMs?: number
  /** Milliseconds from any request to its result, where the call itself says nothing. Default none. */
  readonly timeoutMs?: number
  /** Milliseconds without a word of a tool call, where the call itself says nothing. Default 300,000; `Infinity` for none. */
  readonly idleTimeoutMs?: number
  /**
   * Keeps calls that may become tasks, their questions and outcomes, so that this or another process can go on with them:
   * `client.tasks.resumeAll()`. Whoever made it closes it. Default none.
   */
  readonly journal?: Journal
  /** Whom this client acts for, where several share a journal or a backend of `hostTasks`: each sees its own. Default `''`. */
  readonly principal?: string
  /** Errors that reach no caller: a callback that threw, a handler that failed. By default they are dropped. */
  readonly onError?: (error: Error) => void
  /** Time, for tests. */
  readonly clock?: Clock
}

/** How to call a tool. Each option means the same with `task` as without. */
export interface CallToolOptions<Data = unknown> extends WaitLimits {
  /**
   * Milliseconds from the call to its result. Default: the client's `timeoutMs`.
   *
   * Past them a call that is no task is cancelled; a task runs on, and the error holds its reference.
   */
  readonly timeoutMs?: number | undefined
  /**
   * Milliseconds without a word of the call: progress, a push, an answered poll. Default: the client's `idleTimeoutMs`;
   * `Infinity` for none.
   */
  readonly idleTimeoutMs?: number | undefined
  /** Ends the wait: a call that is no task is cancelled, a task runs on. */
  readonly signal?: AbortSignal | undefined
  /** Hears the call's progress, instead of the client's `onProgress`. */
  readonly onProgress?: ((progress: CallProgress) => void) | undefined
  /** Goes into the request's `_meta`. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  /** Which version of the tool, where the server (FastMCP) has several. */
  readonly version?: string | undefined
  /** What the structured output must be, instead of the tool's own output schema: zod, valibot, arktype. */
  readonly schema?: StandardSchemaV1<unknown, Data> | undefined
  /** Whether a tool that reports a failure makes the call throw a ToolError. Default true. */
  readonly throwOnError?: boolean | undefined
}

/** How to call a tool as a task. */
export interface CallTaskOptions<Data = unknown> extends CallToolOptions<Data> {
  /**
   * Gives a handle instead of the result. `ttlMs` asks a 2025-11-25 server how long, from creation, to keep the task;
   * by default a day, since a shorter time ends a task that waits for a person. A 2026-07-28 server decides by itself.
   */
  readonly task: TaskOption
}

/** Options with their defaults filled in. */
export interface ResolvedOptions {
  readonly name: string
  readonly clientInfo: Implementation
  readonly era: Era
  readonly eraCache: EraCache
  readonly capabilities: ClientCapabilities
  readonly samplingCapabilities: NonNullable<ClientCapabilities['sampling']> | undefined
  readonly handlers: Handlers & MessageHandlers
  readonly hostTasks: HostTasks
  readonly autoInitialize: boolean
  readonly preferTasks: boolean
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly timeoutMs: number | undefined
  readonly idleTimeoutMs: number
  readonly journal: Journal | undefined
  readonly principal: string
  readonly report: (error: unknown) => void
  readonly clock: Clock
}

/** How long a call may be silent by default, in milliseconds: five minutes. */
export const defaultIdleTimeoutMs = 300_000

/**
 * Fills in the defaults.
 *
 * @throws {InvalidOptionError} Thrown when an option has a value that cannot be used.
 */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const { era = 'auto', onElicitation, onSampling, roots, onLog, logger, onProgress, onMessage, onError } = options
  if (!eras.includes(era)) throw new InvalidOptionError('era', era, `one of ${eras.join(', ')}`)
  const handlers = { onElicitation, onSampling, roots, onLog, logger, onProgress, onMessage }
  assertHandlers(handlers)
  assertHostTasks(options.hostTasks)
  if (options.capabilities !== undefined && 'tasks' in options.capabilities)
    throw new InvalidOptionError('capabilities', options.capabilities, 'without `tasks`, which hostTasks declares')
  if (onError !== undefined && typeof onError !== 'function')
    throw new InvalidOptionError('onError', onError, 'a function')
  hasMethods('eraCache', options.eraCache, ['get', 'set'])
  hasMethods('journal', options.journal, ['edit', 'list', 'watch', 'beat'])
  if (typeof (options.principal ?? '') !== 'string')
    throw new InvalidOptionError('principal', options.principal, 'a string')
  hasMethods('clock', options.clock, ['now', 'sleep'])
  const connectTimeoutMs = options.connectTimeoutMs === 0 ? Infinity : (options.connectTimeoutMs ?? 30_000)
  return {
    name: options.name ?? `longcall-${Math.random().toString(36).slice(2, 6)}`,
    clientInfo: options.clientInfo ?? { name: 'longcall', version: '0.1.0' },
    era,
    eraCache: options.eraCache ?? memoryEraCache(),
    capabilities: options.capabilities ?? {},
    samplingCapabilities: options.samplingCapabilities,
    handlers,
    hostTasks: options.hostTasks ?? {},
    autoInitialize: options.autoInitialize ?? true,
    preferTasks: options.preferTasks ?? false,
    connectTimeoutMs: positive('connectTimeoutMs', connectTimeoutMs),
    requestTimeoutMs: positive('requestTimeoutMs', options.requestTimeoutMs ?? 60_000),
    timeoutMs: options.timeoutMs === undefined ? undefined : positive('timeoutMs', options.timeoutMs),
    idleTimeoutMs: positive('idleTimeoutMs', options.idleTimeoutMs ?? defaultIdleTimeoutMs),
    journal: options.journal,
    principal: options.principal ?? '',
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

function hasMethods(option: string, value: object | undefined, methods: readonly string[]): void {
  if (value === undefined) return
  const lacks = methods.find((method) => typeof Reflect.get(Object(value), method) !== 'function')
  if (lacks !== undefined)
    throw new InvalidOptionError(option, value, `an object with the methods ${methods.join(' and ')}`)
}

function positive(option: string, ms: number): number {
  if (typeof ms !== 'number' || Number.isNaN(ms) || ms <= 0)
    throw new InvalidOptionError(option, ms, 'milliseconds above zero')
  return ms
}

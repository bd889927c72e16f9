import { monotonic, type Clock } from '@longcall/core'
import { Cancellation } from '../connection/cancellation.ts'
import { readLimit, withDeadline, type GivenUp, type StartedLimits, type WaitLimits } from '../connection/deadline.ts'
import { aboutOf } from '../connection/exchange.ts'
import { givenUp } from '../connection/given-up.ts'
import { ProgressReporter } from '../connection/progress-reporter.ts'
import type { CallProgress } from '../handlers/message-handlers.ts'
import { awaitEnding } from './await-task.ts'
import { subjectOf, type Operation } from './operation.ts'
import { rawResultOf } from './raw-result.ts'
import { outcomeForCaller } from './outcome-for-caller.ts'
import { sendNoted } from './send-noted.ts'
import { settle } from './settled-task.ts'
import type { TaskDriver } from './task-driver.ts'
import type { TaskLink, TaskRegistry } from './task-registry.ts'
import type { TaskSource } from './task-source.ts'
import type { CallReply, CallRequest } from './task-wire.ts'
import type { TaskWish } from './task-wish.ts'
import type { TaskHandleOptions } from './task.ts'

/** Sends requests that may become tasks: the one place where such a request goes out, and where its task is taken in. */
export class CallSender {
  readonly #link: TaskLink
  readonly #registry: TaskRegistry
  readonly #options: SenderOptions

  constructor(link: TaskLink, registry: TaskRegistry, options: SenderOptions) {
    this.#link = link
    this.#registry = registry
    this.#options = options
  }

  /** Whether the server runs such requests as tasks when it is asked to. One of 2026-07-28 is not asked: it decides. */
  offers(method: Operation['method']): boolean {
    const { taskOffer } = this.#link.connection
    if (taskOffer.generation !== '2025-11-25' || taskOffer.tasks === undefined) return false
    const { toolCalls, promptGets, resourceReads } = taskOffer.tasks
    return { 'tools/call': toolCalls, 'prompts/get': promptGets, 'resources/read': resourceReads }[method]
  }

  /** The result as it came, whether the server ran the request at once or as a task. */
  async call(plan: CallPlan, options: CallLimits): Promise<Readonly<Record<string, unknown>>> {
    const progress = this.#progress(options)
    try {
      const limits = this.#budget({ ...options, idleTimeoutMs: options.idleTimeoutMs ?? plan.idleTimeoutMs })
      const sent = await this.#send(plan, progress, limits)
      if (sent.kind === 'result') return sent.result
      // Somebody who waits for a result holds no handle to answer a question with.
      const ending = await outcomeForCaller(sent.driver, () =>
        awaitEnding(
          sent.driver,
          limits,
          (error) => error,
          (snapshot) => progress.status(snapshot),
        ),
      )
      return rawResultOf(plan.operation, ending)
    } finally {
      progress.stop()
    }
  }

  /** What a handle is made of: the task, or the result where the server did not run the request as one. */
  async start(plan: CallPlan, options: CallLimits): Promise<StartedCall> {
    const limits = this.#budget(options)
    const progress = this.#progress(options)
    const idle = { idleTimeoutMs: options.idleTimeoutMs ?? plan.idleTimeoutMs }
    const sent = await this.#send(plan, progress, { ...limits, ...idle })
    const { clock, report } = this.#options
    return {
      source: sent.kind === 'task' ? sent.driver : settle(plan.operation, sent.result, new Date(clock.now())),
      handle: {
        limits,
        report,
        seen: (snapshot) => progress.status(snapshot),
        ...(sent.kind === 'task' && { created: sent.reply }),
      },
    }
  }

  #progress({ onProgress }: CallLimits): ProgressReporter {
    return new ProgressReporter(onProgress ?? this.#options.onProgress(), this.#options.report)
  }

  /** The limits of a call: its time runs from now, whenever somebody waits. */
  #budget({ timeoutMs: given, idleTimeoutMs, signal }: WaitLimits): StartedLimits {
    const timeoutMs = readLimit('timeoutMs', given ?? this.#options.timeoutMs)
    return { timeoutMs, idleTimeoutMs, signal, startedAtMs: monotonic(this.#options.clock) }
  }

  async #send({ operation, attempt }: CallPlan, progress: ProgressReporter, limits: StartedLimits): Promise<Sent> {
    const cancellation = new Cancellation()
    const toError = (why: GivenUp): Error => {
      const error = givenUp(aboutOf({ method: operation.method, name: subjectOf(operation) }), why)
      cancellation.abort(why.kind === 'aborted' ? why.reason : error)
      return error
    }
    const { connection, wire, journal } = this.#link
    // Progress may come for as long as the task lives, and is no reason to keep a task that nobody holds.
    let task: WeakRef<TaskDriver> | undefined
    return withDeadline(
      limits,
      this.#options.clock,
      toError,
      async (pulse) => {
        const onProgress = (update: Parameters<ProgressReporter['progress']>[0]): void => {
          pulse.alive()
          task?.deref()?.heard()
          progress.progress(update)
        }
        return attempt(async (request, wanted) => {
          const created = wanted === undefined ? undefined : connection.desk.creating()
          try {
            const { reply, note } = await sendNoted(
              wire.mayBecomeTask(operation.method, wanted) ? journal : undefined,
              operation,
              cancellation,
              () => wire.call(request, wanted, { cancellation, onProgress }),
            )
            if (reply.kind === 'result') return reply
            const driver = this.#registry.adopt(this.#link, operation, reply.created, reply.release, note?.keeper)
            task = new WeakRef(driver)
            await note?.started(driver.reference)
            return { kind: 'task', driver, reply }
          } finally {
            created?.()
          }
        })
      },
      () => connection.desk.busy,
    )
  }
}

/** How a request of one kind is sent. */
export interface CallPlan {
  readonly operation: Operation
  /** Milliseconds without a word of the request, where the caller says nothing. */
  readonly idleTimeoutMs: number
  /** Sends it; once more, where it was refused and there is another way. */
  readonly attempt: (send: SendCall) => Promise<Sent>
}

/** Sends a request once, as a task where `wanted` and where the generation lets the requestor say so. */
export type SendCall = (request: CallRequest, wanted: TaskWish | undefined) => Promise<Sent>

/** What became of a request that was sent. */
export type Sent =
  | Extract<CallReply, { kind: 'result' }>
  | { readonly kind: 'task'; readonly driver: TaskDriver; readonly reply: Extract<CallReply, { kind: 'task' }> }

/** What a caller says of how long to wait, and who hears of progress. */
export interface CallLimits extends WaitLimits {
  readonly onProgress?: ((progress: CallProgress) => void) | undefined
}

/** What a handle is made of, but for how its result is read. */
export interface StartedCall {
  readonly source: TaskSource
  readonly handle: Omit<TaskHandleOptions<never>, 'read'>
}

/** What a {@link CallSender} needs of its client. */
export interface SenderOptions {
  readonly clock: Clock
  readonly report: (error: unknown) => void
  /** Milliseconds from the request to its result, where the caller says nothing. */
  readonly timeoutMs: number | undefined
  /** Hears progress of calls that have no `onProgress` of their own; that of the moment. */
  readonly onProgress: () => ((progress: CallProgress) => void) | undefined
}

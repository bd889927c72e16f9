import type { CreatedTask } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import { InvalidReferenceError } from '../errors/usage-errors.ts'
import { ResumedTask } from './resumed-task.ts'
import { SettledTask } from './settled-task.ts'
import { TaskDriver } from './task-driver.ts'
import { nameTask, readReference, type Operation, type RunningReference } from './task-reference.ts'
import type { TaskSource } from './task-source.ts'
import type { TaskWire } from './task-wire.ts'

/**
 * The tasks that a client knows. Handles of one task share one driver, and a driver nobody holds is forgotten; the ids of
 * tasks that this client submitted are kept, since a 2026-07-28 server does not list them.
 */
export class TaskRegistry {
  readonly #port: RegistryPort
  readonly #drivers = new Map<string, WeakRef<TaskDriver>>()
  readonly #forget = new FinalizationRegistry<string>((key) => {
    if (this.#drivers.get(key)?.deref() === undefined) this.#drivers.delete(key)
  })
  readonly #submitted = new Map<string, Operation>()
  readonly #open = new Set<string>()

  constructor(port: RegistryPort) {
    this.#port = port
  }

  /** The ids of tasks that this client submitted or picked up, the oldest first; the newest ten thousand of them. */
  get submitted(): readonly string[] {
    return [...this.#submitted.keys()]
  }

  /** Whether a task is one that this client submitted or picked up. */
  isKnown(taskId: string): boolean {
    return this.#submitted.has(taskId)
  }

  /** Whether any task's outcome is still with the server, as far as is known here. */
  get hasOpen(): boolean {
    return this.#open.size > 0
  }

  /** The server does not know the task any more. */
  vanished(taskId: string): void {
    this.#submitted.delete(taskId)
    this.#open.delete(taskId)
  }

  /** A task that was just created; `over` is called when it ended. */
  adopt(link: TaskLink, operation: Operation, created: CreatedTask, over: () => void): TaskDriver {
    const { id } = created.task
    this.#open.add(id)
    return this.#driver(link, id, operation, { created, over })
  }

  /** A task by its id alone, whose operation is not known unless this client submitted it. */
  byId(link: TaskLink, taskId: string): TaskDriver {
    return this.#driver(link, taskId, this.#submitted.get(taskId) ?? unknownOperation)
  }

  /**
   * A task by its reference; nothing is sent.
   *
   * @throws {InvalidReferenceError} Thrown when it is not a reference.
   */
  resume(value: unknown): TaskSource {
    const reference = readReference(value)
    if (reference.kind === 'settled') return new SettledTask(reference)
    return new ResumedTask(reference, this.#port.clock, async () => {
      const endpoint = await this.#port.endpoint()
      if (reference.endpoint !== endpoint) {
        const name = nameTask(reference.taskId, reference.operation)
        throw new InvalidReferenceError(
          `${name} is a task of ${reference.endpoint}, and this client is connected to ${endpoint}. Resume it on a client of that server.`,
        )
      }
      return this.#driver(await this.#port.link(reference), reference.taskId, reference.operation, {
        resumed: reference,
      })
    })
  }

  #driver(link: TaskLink, taskId: string, operation: Operation, origin: Origin = {}): TaskDriver {
    const key = `${link.session?.id ?? ''} ${taskId}`
    const known = this.#drivers.get(key)?.deref()
    if (known !== undefined) return known
    const { connection, wire, session, endpoint } = link
    const { created, resumed } = origin
    const { desk } = connection
    const driver = new TaskDriver(
      {
        taskId,
        operation,
        wire,
        clock: this.#port.clock,
        closed: connection.closed,
        reference: () => ({
          longcall: 1,
          kind: 'task',
          taskId,
          endpoint,
          operation,
          generation: wire.generation,
          ...(session !== undefined && { session }),
          ...(resumed?.createdAt !== undefined && { createdAt: resumed.createdAt }),
          ...(resumed?.ttlMs !== undefined && { ttlMs: resumed.ttlMs }),
        }),
        canAnswer: (question) => desk.canAnswer(question.method),
        ask: (question, context) => connection.ask(question, context),
        busy: () => desk.busy,
        settled: () => this.#open.delete(taskId),
        over: () => origin.over?.(),
        report: this.#port.report,
      },
      created && { task: created.task, questions: [], unreadable: [] },
    )
    this.#drivers.set(key, new WeakRef(driver))
    this.#forget.register(driver, key)
    this.#submitted.set(taskId, operation)
    if (this.#submitted.size > submittedLimit) this.#submitted.delete(this.#submitted.keys().next().value!)
    return driver
  }
}

/** A way to a server's tasks: over the client's connection, or over one that goes on with another session. */
export interface TaskLink {
  readonly connection: Connection
  readonly wire: TaskWire
  readonly endpoint: string
  readonly session: RunningReference['session'] | undefined
}

/** What {@link TaskRegistry} needs of its client. */
export interface RegistryPort {
  readonly clock: Connection['clock']
  /** What the client is connected to. */
  endpoint(): Promise<string>
  /** The way to a task that was created earlier, or elsewhere. */
  link(reference: RunningReference): Promise<TaskLink>
  readonly report: (error: unknown) => void
}

/** Where a driver comes from. */
interface Origin {
  readonly created?: CreatedTask
  readonly over?: () => void
  readonly resumed?: RunningReference
}

const submittedLimit = 10_000

const unknownOperation: Operation = { method: 'tools/call', name: 'an unknown tool' }

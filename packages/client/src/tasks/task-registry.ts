import type { CreatedTask } from '@longcall/core'
import type { Connection } from '../connection/connection.ts'
import { InvalidReferenceError } from '../errors/usage-errors.ts'
import { ResumedTask } from './resumed-task.ts'
import { settledTask } from './settled-task.ts'
import { TaskDriver } from './task-driver.ts'
import { nameTask, unknownOperation, type Operation } from './operation.ts'
import { readReference, type RunningReference } from './task-reference.ts'
import type { CallJournal } from './call-journal.ts'
import { keepsNothing, type TaskKeeper } from './task-keeper.ts'
import type { TaskSource } from './task-source.ts'
import type { TaskWire } from './task-wire.ts'

/**
 * The tasks that a client knows. Handles of one task share one driver, and a driver that nobody holds is forgotten. The ids
 * of the client's own tasks, submitted or picked up, are kept: a 2026-07-28 server does not list them.
 */
export class TaskRegistry {
  readonly #port: RegistryPort
  /** By connection and id: a server may keep its tasks by session, and a reconnect then begins another. */
  readonly #tasks = new Map<string, KnownTask>()
  readonly #collected = new FinalizationRegistry<() => void>((release) => release())

  constructor(port: RegistryPort) {
    this.#port = port
  }

  /** The ids of the client's own tasks that a link reaches, the oldest first; of the newest ten thousand in all. */
  own(link: TaskLink): readonly string[] {
    const tasks = [...this.#tasks.values()]
    return tasks.filter((task) => task.isOwn && task.scope === link.connection.scope).map((task) => task.taskId)
  }

  /** Whether a task is the client's own and has not ended, as far as is known here. */
  isOpen(connection: Connection, taskId: string): boolean {
    const isIt = (task: KnownTask): boolean => task.taskId === taskId && task.connection === connection
    return [...this.#tasks.values()].some((task) => isIt(task) && task.isOwn && !task.isOver)
  }

  /** Whether the outcome of any of the client's own tasks is still with the server, as far as is known here. */
  hasUnfetched(link: TaskLink): boolean {
    const isIts = (task: KnownTask): boolean => task.scope === link.connection.scope
    return [...this.#tasks.values()].some((task) => isIts(task) && task.isOwn && !task.isFetched)
  }

  /** A task that was just created. `over` is called when it ended, or nobody can see it end any more. */
  adopt(link: TaskLink, operation: Operation, created: CreatedTask, over: () => void, keeper?: TaskKeeper): TaskDriver {
    const driver = this.#driver(link, created.task.id, { operation, isOwn: true, keeper }, created, over)
    this.#collected.register(driver, over)
    return driver
  }

  /** A task by its id alone. */
  byId(link: TaskLink, taskId: string): TaskDriver {
    return this.#driver(link, taskId, { isOwn: false })
  }

  /**
   * A task by its reference; nothing is sent.
   *
   * @throws {InvalidReferenceError} Thrown when it is not a reference.
   */
  resume(value: unknown): TaskSource {
    const reference = readReference(value)
    if (reference.kind === 'settled') return settledTask(reference)
    return new ResumedTask(reference, this.#port.clock, async () => {
      const endpoint = await this.#port.endpoint()
      if (reference.endpoint !== endpoint) {
        const name = nameTask(reference.taskId, reference.operation)
        throw new InvalidReferenceError(
          `${name} is a task of ${reference.endpoint}, and this client is connected to ${endpoint}. Resume it on a client of that server.`,
        )
      }
      const { taskId, operation, createdAt, ttlMs, session } = reference
      const known = {
        operation,
        isOwn: true,
        ...(session && { session }),
        ...(createdAt && { createdAt }),
        ...(ttlMs !== undefined && { ttlMs }),
      }
      return this.#driver(await this.#port.link(reference), taskId, known)
    })
  }

  /** The driver of a task, and what is known of it beside: what is learned later is added. */
  #driver(link: TaskLink, taskId: string, learned: Learned, created?: CreatedTask, over?: () => void): TaskDriver {
    const { connection } = link
    const { scope } = connection
    const key = `${scope} ${taskId}`
    const before = this.#tasks.get(key)
    // A server that counts its ids begins anew when it restarts: the task that had this one is another.
    const isReused = created !== undefined && before?.isOver === true
    const known = (isReused ? undefined : before) ?? {
      taskId,
      scope,
      session: learned.session ?? connection.session,
      connection,
      isOwn: false,
      isOver: false,
      isFetched: false,
    }
    const task: KnownTask = Object.assign(known, learned, {
      isOwn: known.isOwn || learned.isOwn,
      session: known.session,
    })
    const shared = task.driver?.deref()
    // The driver of a connection that closed is of no use on the next.
    if (shared !== undefined && task.connection === connection) return shared
    const driver = this.#newDriver(link, task, () => this.#tasks.delete(key), created, over)
    Object.assign(task, { driver: new WeakRef(driver), connection })
    this.#tasks.set(key, task)
    if (this.#tasks.size > knownLimit) this.#dropOne()
    this.#collected.register(driver, () => {
      if (!task.isOwn && task.driver?.deref() === undefined) this.#tasks.delete(key)
    })
    return driver
  }

  /** Forgets the oldest task that nobody holds or that has ended; where there is none, the oldest. */
  #dropOne(): void {
    const idle = [...this.#tasks].find(([, task]) => task.isOver || task.driver?.deref() === undefined)
    this.#tasks.delete(idle?.[0] ?? this.#tasks.keys().next().value!)
  }

  #newDriver(link: TaskLink, task: KnownTask, gone: () => void, created?: CreatedTask, over?: () => void): TaskDriver {
    const { connection, wire, endpoint } = link
    const { desk } = connection
    const { taskId } = task
    return new TaskDriver(
      {
        taskId,
        get operation() {
          return task.operation ?? unknownOperation
        },
        wire,
        clock: this.#port.clock,
        closed: connection.closed,
        reference: () => ({
          longcall: 1,
          kind: 'task',
          taskId,
          endpoint,
          operation: task.operation ?? unknownOperation,
          generation: wire.generation,
          ...(task.session !== undefined && { session: task.session }),
          ...(task.createdAt !== undefined && { createdAt: task.createdAt }),
          ...(task.ttlMs !== undefined && { ttlMs: task.ttlMs }),
        }),
        isElsewhere: () => task.session?.id !== connection.session?.id,
        found: () => {
          task.session = connection.session
        },
        // What kept it on a connection that closed is of no use on the next.
        keeper: (created && task.keeper) ?? link.journal?.keeperOf(taskId) ?? keepsNothing,
        canAnswer: (question) => desk.canAnswer(question.method),
        ask: (question, context) => connection.ask(question, context),
        over: () => {
          task.isOver = true
          over?.()
        },
        fetched: () => {
          task.isFetched = true
        },
        gone,
        report: this.#port.report,
      },
      created && { task: created.task, questions: [], unreadable: [] },
    )
  }
}

/** A way to a server's tasks: over the client's connection, or over one that goes on with another session. */
export interface TaskLink {
  readonly connection: Connection
  readonly wire: TaskWire
  readonly endpoint: string
  /** Absent where none is kept. */
  readonly journal: CallJournal | undefined
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

/** What somebody who wants a task's driver knows of the task. */
interface Learned {
  /** Absent where only the id is known. */
  readonly operation?: Operation
  readonly createdAt?: string
  readonly ttlMs?: number | null
  /** The session that the task was last seen in. */
  readonly session?: RunningReference['session']
  readonly isOwn: boolean
  /** What keeps it, where that is at hand. */
  readonly keeper?: TaskKeeper | undefined
}

interface KnownTask extends Learned {
  readonly taskId: string
  /** Of the connection that it belongs to, in all its lines. */
  readonly scope: string
  session: RunningReference['session']
  /** Where the driver is at home. */
  connection: Connection
  driver?: WeakRef<TaskDriver>
  isOwn: boolean
  isOver: boolean
  isFetched: boolean
}

const knownLimit = 10_000

import { isTerminal, type Clock, type TaskSnapshot } from '@longcall/core'
import { hasExpired, type ExpiringTask } from './driver-errors.ts'
import type { DriverPort } from './driver-port.ts'
import { isNewer, type Sighting } from './snapshot-order.ts'

/** What has been seen of a task: the newest snapshot, and what that says of its time. */
export class TaskView {
  readonly #port: DriverPort
  readonly #clock: Clock
  #newest: Sighting | undefined
  #order = 0
  /** When this client saw the task created, by its own clock. */
  #createdAtMs: number | undefined
  /** When the server last said something of it, likewise. */
  #answeredAtMs: number | undefined

  constructor(port: DriverPort) {
    this.#port = port
    this.#clock = port.clock
  }

  get latest(): TaskSnapshot | undefined {
    return this.#newest?.snapshot
  }

  /** Whether the task was seen to have ended. */
  get isOver(): boolean {
    return this.latest !== undefined && isTerminal(this.latest.status)
  }

  /** The place of a poll that is being sent, or of a push that came in, among the others. */
  nextOrder(): number {
    this.#order += 1
    return this.#order
  }

  /**
   * Whether the server may have forgotten the task: its time to live has passed. A server that was heard of it after that
   * time keeps it longer than it says, or its clock is another.
   */
  get mayBeForgotten(): boolean {
    const outlived = this.#answeredAtMs !== undefined && hasExpired(this.life, this.#answeredAtMs)
    return !outlived && hasExpired(this.life, this.#clock.now())
  }

  /** Takes in a snapshot. True when it is newer than what was seen before. */
  see(snapshot: TaskSnapshot, from: Sighting['from'], order: number): boolean {
    if (from === 'created') this.#createdAtMs = this.#clock.now()
    else this.#answeredAtMs = this.#clock.now()
    const sighting = { snapshot, from, order }
    const newer = isNewer(sighting, this.#newest)
    if (newer) this.#newest = sighting
    return newer
  }

  /** What is known of the task's time: by its newest snapshot, or by the reference that it was resumed from. */
  get life(): ExpiringTask {
    const { taskId, operation } = this.#port
    const { createdAt, ttlMs = null } = this.latest ?? this.#port.reference()
    const createdAtMs = this.#createdAtMs ?? (createdAt === undefined ? undefined : Date.parse(createdAt))
    return { taskId, operation, snapshot: this.latest, ttlMs, createdAtMs }
  }
}

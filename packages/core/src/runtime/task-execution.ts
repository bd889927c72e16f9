import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock/clock.ts'
import { LeaseLostError } from '../errors/runtime-errors.ts'
import type { EngineSlot } from '../engine/task-engine.ts'
import { toJson, type JsonObject, type JsonValue } from '../json/json.ts'
import type { TaskProgress, TaskRecord, TaskRequest } from '../store/task-record.ts'
import type { Claim, Lease, TaskStore, WriteAck, WriteGuard } from '../store/task-store.ts'
import { openStatuses } from '../task/task-status.ts'
import { assertName } from './assert-name.ts'
import { orAbort } from './linked-signals.ts'
import { NoteWriter } from './note-writer.ts'
import { OrdinalNames } from './ordinal-names.ts'
import { patiently } from './patiently.ts'
import { QuestionAsker } from './question-asker.ts'
import { RunningTime } from './running-time.ts'
import type { AskOptions, Question, TaskBodyContext } from './task-body.ts'
import type { TaskEventDetail } from './task-events.ts'

/** What an execution needs of the runtime that it belongs to. */
export interface ExecutionHost {
  readonly store: TaskStore
  readonly clock: Clock
  readonly limits: { readonly maxStepBytes: number; readonly maxQuestionBytes: number }
  emit(task: TaskRecord, detail: TaskEventDetail): void
  /** The body begins to wait for a person. */
  onPause?(): void
  /** Resolves once it is known that the task is under its lease; else the body's signal has aborted. */
  ensureHeld?(taskId: string): Promise<void>
}

/**
 * One run of a body, under a lease: everything it writes carries the token, and when a write is refused because the token
 * is no longer the task's, the body's signal aborts.
 */
export class TaskExecution implements TaskBodyContext {
  readonly taskId: string
  readonly attempt: number
  readonly request: TaskRequest
  /** What it holds, as long as it does. */
  readonly lease: Lease
  readonly tool: string
  readonly #host: ExecutionHost
  readonly #abort = new AbortController()
  readonly #notes: NoteWriter
  readonly #asker: QuestionAsker
  readonly #stepNames = new OrdinalNames()
  #steps: Promise<ReadonlyMap<string, JsonValue>> | undefined
  #progress: TaskProgress | undefined
  /** How long the body has run. */
  readonly time: RunningTime

  constructor({ task, token }: Claim, slot: EngineSlot, host: ExecutionHost) {
    this.taskId = task.id
    this.attempt = task.attempt
    this.request = task.request
    this.tool = task.tool
    this.lease = { id: task.id, token }
    this.#host = host
    this.time = new RunningTime(host.clock, () => host.onPause?.())
    // A body may hand its signal to as many things as it likes.
    setMaxListeners(0, this.#abort.signal)
    this.#notes = new NoteWriter(
      async (note) => this.#check(await host.store.note(task.id, note, this.guard)),
      host.clock,
    )
    this.#asker = new QuestionAsker(
      {
        task,
        guard: this.guard,
        signal: this.signal,
        wait: (wait) => this.time.pause(() => orAbort(slot.park(wait), this.signal)),
        lost: () => this.abort(new LeaseLostError(task.id, task.tool)),
      },
      host,
    )
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Ends the body, as far as it listens. */
  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  updateStatus(message: string): void {
    if (this.signal.aborted) return
    // What the last progress said in words is said no more.
    const { message: _said, ...far } = this.#progress ?? {}
    const progress = this.#progress?.message === undefined ? undefined : (far as TaskProgress)
    this.#progress = progress ?? this.#progress
    this.#notes.add({ statusMessage: message, ...(progress !== undefined && { progress }) })
  }

  progress(progress: TaskProgress): void {
    if (this.signal.aborted) return
    this.#progress = progress
    this.#notes.add({ progress })
  }

  async ask(question: Question, options?: AskOptions): Promise<JsonObject> {
    const answer = await this.#asker.ask(question, options)
    await this.#host.ensureHeld?.(this.taskId)
    this.signal.throwIfAborted()
    return answer
  }

  async step(name: string, work: () => Promise<JsonValue> | JsonValue): Promise<JsonValue> {
    this.signal.throwIfAborted()
    const { store, clock, limits } = this.#host
    assertName(name, 'A step')
    const key = this.#stepNames.next(name)
    const read = (): Promise<ReadonlyMap<string, JsonValue>> => store.steps(this.taskId)
    this.#steps ??= this.attempt === 1 ? Promise.resolve(new Map()) : patiently(read, clock, this.signal)
    const kept = (await this.#steps).get(key)
    if (kept !== undefined) return kept
    await this.#host.ensureHeld?.(this.taskId)
    this.signal.throwIfAborted()
    const value = toJson(await work(), `what step "${name}" gave`, limits.maxStepBytes)
    const save = (): Promise<WriteAck> => store.saveStep(this.taskId, { key, value }, this.guard)
    this.#check(await patiently(save, clock, this.signal))
    this.signal.throwIfAborted()
    return value
  }

  /** Resolves when every question that was asked by now is in the store. */
  placed(): Promise<void> {
    return this.#asker.placed()
  }

  /** What must hold for its writes to be done. */
  get guard(): WriteGuard {
    return { from: openStatuses, token: this.lease.token }
  }

  /** A refused write says that the task is no longer this run's. */
  #check(ack: WriteAck): WriteAck {
    if (ack.kind !== 'written') this.abort(new LeaseLostError(this.taskId, this.tool))
    return ack
  }
}

import type {
  AnswerResult,
  Claim,
  ClaimRequest,
  CreateOptions,
  CreateResult,
  JsonValue,
  Lease,
  LeaseState,
  NewQuestion,
  NewTask,
  QuestionAnswer,
  StepRecord,
  TaskEnding,
  TaskFilter,
  TaskHistoryEntry,
  TaskNote,
  TaskPage,
  TaskRecord,
  TaskStatus,
  TaskStore,
  WriteAck,
  WriteGuard,
  WriteResult,
} from '@longcall/core'
import { never } from './recorder.ts'
import type { TaskWatch } from './task-watch.ts'

/**
 * One process's handle on a store. Once the process is dead, nothing that it asks of the store is done any more, and it never
 * hears back.
 */
export class MortalStore implements TaskStore {
  readonly #store: TaskStore
  readonly #watch: TaskWatch
  readonly #traps = new Map<string, () => void>()
  readonly #keptSteps: Set<string>
  #isDead = false

  /** @param keptSteps The keys of the steps that the store has, for all handles on it. */
  constructor(store: TaskStore, watch: TaskWatch, keptSteps: Set<string>) {
    this.#store = store
    this.#watch = watch
    this.#keptSteps = keptSteps
  }

  get isDead(): boolean {
    return this.#isDead
  }

  die(): void {
    this.#isDead = true
  }

  /** Dies as soon as a step of this key is kept, and resolves then. */
  dieAfterStep(key: string): Promise<void> {
    return new Promise((resolve) => this.#traps.set(key, resolve))
  }

  create(task: NewTask, options?: CreateOptions): Promise<CreateResult> {
    return this.#write(() => this.#store.create(task, options))
  }

  get(id: string, owner?: string): Promise<TaskRecord | undefined> {
    return this.#do(async () => {
      const task = await this.#store.get(id, owner)
      if (task === undefined && owner === undefined) this.#watch.lost(id)
      return task
    })
  }

  end(id: string, ending: TaskEnding, guard: WriteGuard): Promise<WriteResult> {
    return this.#write(() => this.#store.end(id, ending, guard))
  }

  note(id: string, note: TaskNote, guard: WriteGuard): Promise<WriteAck> {
    return this.#ack(id, () => this.#store.note(id, note, guard))
  }

  ask(id: string, question: NewQuestion, guard: WriteGuard): Promise<WriteResult> {
    return this.#write(() => this.#store.ask(id, question, guard))
  }

  answer(id: string, answers: ReadonlyMap<string, QuestionAnswer>, owner?: string): Promise<AnswerResult> {
    return this.#write(() => this.#store.answer(id, answers, owner))
  }

  withdraw(id: string, keys: readonly string[], guard: WriteGuard): Promise<WriteAck> {
    return this.#ack(id, () => this.#store.withdraw(id, keys, guard))
  }

  async saveStep(id: string, step: StepRecord, guard: WriteGuard): Promise<WriteAck> {
    const result = await this.#ack(id, () => this.#store.saveStep(id, step, guard))
    if (result.kind !== 'written') return result
    this.#keptSteps.add(step.key)
    const spring = this.#traps.get(step.key)
    if (spring === undefined) return result
    this.die()
    spring()
    return never()
  }

  steps(id: string): Promise<ReadonlyMap<string, JsonValue>> {
    return this.#do(() => this.#store.steps(id))
  }

  claim(id: string, claim: ClaimRequest): Promise<Claim | undefined> {
    return this.#write(() => this.#store.claim(id, claim))
  }

  claimable(...args: Parameters<TaskStore['claimable']>): ReturnType<TaskStore['claimable']> {
    return this.#do(() => this.#store.claimable(...args))
  }

  claimLost(...args: Parameters<TaskStore['claimLost']>): ReturnType<TaskStore['claimLost']> {
    return this.#do(() => this.#store.claimLost(...args))
  }

  heartbeat(leases: readonly Lease[], leaseMs: number): Promise<ReadonlyMap<string, LeaseState>> {
    return this.#do(() => this.#store.heartbeat(leases, leaseMs))
  }

  release(id: string, token: string, options?: { readonly elsewhere?: boolean }): Promise<WriteAck> {
    return this.#ack(id, () => this.#store.release(id, token, options))
  }

  list(filter: TaskFilter, page: { readonly cursor?: string; readonly limit: number }): Promise<TaskPage> {
    return this.#do(() => this.#store.list(filter, page))
  }

  count(filter: TaskFilter): Promise<Readonly<Record<TaskStatus, number>>> {
    return this.#do(() => this.#store.count(filter))
  }

  history(id: string): Promise<readonly TaskHistoryEntry[]> {
    return this.#do(() => this.#store.history(id))
  }

  sweep(limit: number): ReturnType<TaskStore['sweep']> {
    return this.#do(() => this.#store.sweep(limit))
  }

  watch(id: string, hint: () => void): () => void {
    return this.#store.watch(id, hint)
  }

  /** The store itself goes on: other processes have it, too. */
  async close(): Promise<void> {}

  async #do<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isDead) return never()
    const result = await call()
    return this.#isDead ? never() : result
  }

  /** A write that does not give its task back. */
  #ack(id: string, call: () => Promise<WriteAck>): Promise<WriteAck> {
    return this.#do(async () => {
      const ack = await call()
      const task = await this.#store.get(id)
      if (task !== undefined) this.#watch.saw(task)
      return ack
    })
  }

  /** A write, of which the watch learns at once. */
  #write<T extends { readonly task?: TaskRecord } | { readonly kind: string } | undefined>(
    call: () => Promise<T>,
  ): Promise<T> {
    return this.#do(async () => {
      const result = await call()
      if (result !== undefined && 'task' in result && result.task !== undefined) this.#watch.saw(result.task)
      return result
    })
  }
}

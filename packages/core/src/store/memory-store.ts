import type { JsonValue } from '../json/json.ts'
import { toJson } from '../json/json.ts'
import { systemClock, type Clock } from '../clock/clock.ts'
import { openStatuses, taskStatuses, type TaskStatus } from '../task/task-status.ts'
import { HintHub } from './hint-hub.ts'
import { readCursor, writeCursor } from './list-cursor.ts'
import { remember, type MemoryEntry } from './memory-entry.ts'
import { OpenTasks } from './open-tasks.ts'
import { answeredBy, withdrawnFrom, withQuestions } from './question-changes.ts'
import { canRun, canRunAgain, endedRecord, isLost, matches, newRecord, summaryOf } from './task-rules.ts'
import type {
  NewQuestion,
  NewTask,
  QuestionAnswer,
  QuestionRecord,
  StepRecord,
  TaskEnding,
  TaskHistoryEntry,
  TaskRecord,
  TaskSummary,
} from './task-record.ts'
import type {
  AnswerResult,
  Claim,
  ClaimablePage,
  ClaimRequest,
  CreateOptions,
  CreateResult,
  ExpiredTask,
  Lease,
  LeaseState,
  TaskFilter,
  TaskNote,
  TaskPage,
  TaskStore,
  WriteAck,
  WriteGuard,
  WriteResult,
} from './task-store.ts'

/** Keeps tasks in this process's memory: quick, and gone with the process. */
export class MemoryStore implements TaskStore {
  readonly #clock: Clock
  readonly #entries = new Map<string, MemoryEntry>()
  readonly #open = new OpenTasks()
  readonly #hints = new HintHub()
  /** Gone, and not yet named by a sweep. */
  readonly #expired: ExpiredTask[] = []
  #created = 0

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock
  }

  async create(task: NewTask, { maxOpen = Infinity, leaseMs }: CreateOptions = {}): Promise<CreateResult> {
    if (this.#find(task.id) !== undefined) return { kind: 'exists' }
    if (this.#open.count(task) >= maxOpen) this.#forgetExpired()
    if (this.#open.count(task) >= maxOpen) return { kind: 'full' }
    const now = this.#clock.now()
    const record = newRecord({ ...task, request: kept(task.request) }, now)
    this.#created += 1
    const entry: MemoryEntry = { record, order: this.#created, lease: undefined, steps: undefined, history: [] }
    this.#entries.set(task.id, entry)
    this.#open.add(task)
    remember(entry, now, 'created')
    if (leaseMs === undefined) return { kind: 'created', task: record }
    return { kind: 'created', ...this.#lease(entry, leaseMs, { ...record, attempt: 1 }) }
  }

  async get(id: string, owner?: string): Promise<TaskRecord | undefined> {
    return this.#find(id, owner)?.record
  }

  async end(id: string, ending: TaskEnding, guard: WriteGuard): Promise<WriteResult> {
    const outcome = ending.outcome === undefined ? undefined : kept(ending.outcome)
    return this.#write(id, guard, (entry, now) => {
      entry.lease = undefined
      this.#open.delete(entry.record)
      remember(entry, now, ending.status, ending.statusMessage)
      return endedRecord(entry.record, { ...ending, ...(outcome !== undefined && { outcome }) }, now)
    })
  }

  async note(id: string, note: TaskNote, guard: WriteGuard): Promise<WriteAck> {
    const said = kept(note)
    return this.#write(id, guard, ({ record }) => ({ ...record, ...said }))
  }

  async ask(id: string, question: NewQuestion, guard: WriteGuard): Promise<WriteResult> {
    const asked: QuestionRecord = { ...kept(question), state: 'open' }
    return this.#write(id, guard, (entry, now) => {
      const { record } = entry
      if (record.questions.some(({ key }) => key === question.key)) return undefined
      remember(entry, now, 'asked', question.key)
      return withQuestions(record, [...record.questions, asked])
    })
  }

  async answer(id: string, answers: ReadonlyMap<string, QuestionAnswer>, owner?: string): Promise<AnswerResult> {
    const given = new Map([...answers].map(([key, answer]) => [key, kept(answer)]))
    const entry = this.#find(id, owner)
    if (entry === undefined) return { kind: 'missing' }
    const now = this.#clock.now()
    const { questions, keys: answered } = answeredBy(entry.record, given)
    for (const key of answered) remember(entry, now, 'answered', key)
    if (answered.length > 0) this.#put(entry, withQuestions(entry.record, questions), now)
    return { kind: 'written', task: entry.record, answered }
  }

  async withdraw(id: string, keys: readonly string[], guard: WriteGuard): Promise<WriteAck> {
    return this.#write(id, guard, (entry, now) => {
      const { questions, keys: meant } = withdrawnFrom(entry.record, keys)
      for (const key of meant) remember(entry, now, 'withdrawn', key)
      return meant.length === 0 ? entry.record : withQuestions(entry.record, questions)
    })
  }

  async saveStep(id: string, step: StepRecord, guard: WriteGuard): Promise<WriteAck> {
    const value = kept(step.value)
    return this.#write(id, guard, (entry, now) => {
      entry.steps ??= new Map()
      if (entry.steps.has(step.key)) return entry.record
      entry.steps.set(step.key, value)
      remember(entry, now, 'step', step.key)
      return { ...entry.record }
    })
  }

  async steps(id: string): Promise<ReadonlyMap<string, JsonValue>> {
    return new Map(this.#find(id)?.steps)
  }

  async claim(id: string, { leaseMs, token, ...claim }: ClaimRequest): Promise<Claim | undefined> {
    const entry = this.#find(id)
    if (entry === undefined) return undefined
    if (token !== undefined && entry.lease?.token === token) return { task: entry.record, token }
    if (!this.#isClaimable(entry, claim)) return undefined
    return this.#lease(entry, leaseMs, { ...entry.record, attempt: entry.record.attempt + 1 }, token)
  }

  async claimable(
    claim: Pick<ClaimRequest, 'namespace' | 'tools'>,
    { cursor, limit }: { readonly cursor?: string; readonly limit: number },
  ): Promise<ClaimablePage> {
    const of = ['claimable', claim.namespace, claim.tools]
    const after = cursor === undefined ? 0 : readCursor(cursor, of)
    const tasks: Pick<TaskRecord, 'id' | 'namespace' | 'tool'>[] = []
    let last = 0
    for (const entry of this.#openEntries()) {
      if (entry.order <= after || !this.#isClaimable(entry, claim)) continue
      if (tasks.length === limit) return { tasks, nextCursor: writeCursor(last, of) }
      const { id, namespace, tool } = entry.record
      tasks.push({ id, namespace, tool })
      last = entry.order
    }
    return { tasks }
  }

  async claimLost(
    { namespace, leaseMs }: Pick<ClaimRequest, 'namespace' | 'leaseMs'>,
    limit: number,
  ): Promise<readonly Claim[]> {
    const claims: Claim[] = []
    for (const entry of this.#openEntries()) {
      if (claims.length === limit) break
      const { record, lease } = entry
      const isAbandoned = lease !== undefined && !this.#isLive(lease)
      if (record.namespace !== namespace || !isAbandoned || !isLost(record)) continue
      claims.push(this.#lease(entry, leaseMs, record))
    }
    return claims
  }

  async heartbeat(leases: readonly Lease[], leaseMs: number): Promise<ReadonlyMap<string, LeaseState>> {
    const states = new Map<string, LeaseState>()
    for (const { id, token } of leases) {
      const entry = this.#find(id)
      if (entry?.lease?.token === token) {
        entry.lease = { token, untilMs: this.#clock.now() + leaseMs }
        states.set(id, 'held')
      } else {
        states.set(id, entry?.record.status === 'cancelled' ? 'cancelled' : 'lost')
      }
    }
    return states
  }

  async release(
    id: string,
    token: string,
    { elsewhere = false }: { readonly elsewhere?: boolean } = {},
  ): Promise<WriteAck> {
    return this.#write(id, { from: openStatuses, token }, (entry, now) => {
      entry.lease = undefined
      remember(entry, now, 'released')
      return { ...entry.record, elsewhere, releases: entry.record.releases + 1 }
    })
  }

  async list(
    filter: TaskFilter,
    { cursor, limit }: { readonly cursor?: string; readonly limit: number },
  ): Promise<TaskPage> {
    const { namespace, owner, tool, statuses } = filter
    const of = ['list', namespace, owner, tool, statuses]
    const before = cursor === undefined ? Infinity : readCursor(cursor, of)
    const tasks: TaskSummary[] = []
    let last = 0
    for (const entry of this.#newestFirst(before)) {
      if (!this.#isAlive(entry.record) || !matches(entry.record, filter)) continue
      if (tasks.length === limit) return { tasks, nextCursor: writeCursor(last, of) }
      tasks.push(summaryOf(entry.record))
      last = entry.order
    }
    return { tasks }
  }

  async count(filter: TaskFilter): Promise<Readonly<Record<TaskStatus, number>>> {
    const counts = Object.fromEntries(taskStatuses.map((status) => [status, 0])) as Record<TaskStatus, number>
    for (const { record } of this.#entries.values()) {
      if (this.#isAlive(record) && matches(record, filter)) counts[record.status] += 1
    }
    return counts
  }

  async history(id: string): Promise<readonly TaskHistoryEntry[]> {
    return [...(this.#find(id)?.history ?? [])]
  }

  async sweep(limit: number): Promise<readonly ExpiredTask[]> {
    for (const { record } of this.#entries.values()) {
      if (this.#expired.length >= limit) break
      if (!this.#isAlive(record)) this.#expire(record)
    }
    return this.#expired.splice(0, limit)
  }

  watch(id: string, hint: () => void): () => void {
    return this.#hints.watch(id, hint)
  }

  async close(): Promise<void> {
    this.#hints.clear()
  }

  #find(id: string, owner?: string): MemoryEntry | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined || (owner !== undefined && entry.record.owner !== owner)) return undefined
    if (this.#isAlive(entry.record)) return entry
    this.#expire(entry.record)
    return undefined
  }

  #isAlive({ expiresAtMs }: TaskRecord): boolean {
    return expiresAtMs === null || this.#clock.now() < expiresAtMs
  }

  #isLive(lease: MemoryEntry['lease']): boolean {
    return lease !== undefined && this.#clock.now() < lease.untilMs
  }

  /** Every guarded write: compares, changes, and tells. `change` gives `undefined` to refuse. */
  #write(
    id: string,
    { from, token, owner }: WriteGuard,
    change: (entry: MemoryEntry, now: number) => TaskRecord | undefined,
  ): WriteResult {
    const entry = this.#find(id, owner)
    if (entry === undefined) return { kind: 'missing' }
    const isAllowed = from.includes(entry.record.status) && (token === undefined || token === entry.lease?.token)
    const now = this.#clock.now()
    const changed = isAllowed ? change(entry, now) : undefined
    if (changed === undefined) return { kind: 'refused', task: entry.record }
    if (changed !== entry.record) this.#put(entry, changed, now)
    return { kind: 'written', task: entry.record }
  }

  #put(entry: MemoryEntry, record: TaskRecord, now: number): void {
    const questions = Object.freeze(record.questions.map((question) => Object.freeze(question)))
    entry.record = Object.freeze({ ...record, questions, updatedAtMs: Math.max(now, entry.record.updatedAtMs + 1) })
    this.#hints.send(record.id)
  }

  #lease(entry: MemoryEntry, leaseMs: number, record: TaskRecord, token: string = crypto.randomUUID()): Claim {
    const now = this.#clock.now()
    entry.lease = { token, untilMs: now + leaseMs }
    this.#put(entry, record, now)
    remember(entry, now, 'claimed')
    return { task: entry.record, token }
  }

  #isClaimable(
    { record, lease }: MemoryEntry,
    { namespace, tools }: Pick<ClaimRequest, 'namespace' | 'tools'>,
  ): boolean {
    const isKnown = record.namespace === namespace && tools.includes(record.tool)
    return isKnown && canRun(record) && !this.#isLive(lease) && canRunAgain(record)
  }

  #forgetExpired(): void {
    for (const id of this.#open.ids()) this.#find(id)
  }

  *#openEntries(): Iterable<MemoryEntry> {
    for (const id of this.#open.ids()) {
      const entry = this.#find(id)
      if (entry !== undefined) yield entry
    }
  }

  *#newestFirst(before: number): Iterable<MemoryEntry> {
    const entries = [...this.#entries.values()]
    for (let index = entries.length - 1; index >= 0; index -= 1) {
      const entry = entries[index]!
      if (entry.order < before) yield entry
    }
  }

  /** Forgets a task; the next sweep names it. */
  #expire(record: TaskRecord): void {
    const { id, namespace, tool, owner, status } = record
    this.#open.delete(record)
    this.#entries.delete(id)
    this.#expired.push({ id, namespace, tool, owner, status })
    this.#hints.send(id)
  }
}

/** What nobody can change from outside. */
function kept<T>(value: T): T {
  return toJson(value, 'what a store is given') as T
}

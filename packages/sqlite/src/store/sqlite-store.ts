import { openStatuses, systemClock, taskStatuses } from '@longcall/core'
import type {
  AnswerResult,
  Claim,
  ClaimablePage,
  ClaimRequest,
  Clock,
  CreateOptions,
  CreateResult,
  ExpiredTask,
  JsonValue,
  Lease,
  LeaseState,
  NewQuestion,
  NewTask,
  QuestionAnswer,
  QuestionRecord,
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
import {
  answeredBy,
  canRun,
  canRunAgain,
  endedRecord,
  isLost,
  newRecord,
  withdrawnFrom,
  withQuestions,
} from '@longcall/core/backend'
import { randomUUID } from 'node:crypto'
import type { FileSecrets } from '../file/file-secrets.ts'
import type { Prepare, OpenedFile } from '../file/opened-file.ts'
import { ContentCodec } from '../file/content-codec.ts'
import { Cursors } from './cursors.ts'
import { freeId, isAnyExpired, sweepExpired } from './forget.ts'
import { insertEvents, readHistory } from './history-rows.ts'
import { holdLease } from './leases.ts'
import { countOpen, countTasks, findClaimable, findLost, listTasks } from './searches.ts'
import { processName } from '@longcall/core/backend'
import { updateQuestions } from './question-rows.ts'
import { json, stamped } from './stamped.ts'
import { insertStep, readSteps } from './step-rows.ts'
import { TakingGuard } from './taking-guard.ts'
import {
  findHead,
  findTask,
  insertTask,
  updateEnded,
  updateLease,
  updateReleased,
  updateSaid,
  updateWaiting,
  type TaskEntry,
} from './task-rows.ts'
import { WatchedTasks } from './watched-tasks.ts'

/** Changes a task's rows, and gives it as it is then; `undefined` refuses. `stamp` says when it was written. */
type Change = (entry: TaskEntry, stamp: (record: TaskRecord) => TaskRecord, nowMs: number) => TaskRecord | undefined

/** Keeps tasks in a SQLite file, which several processes of one machine may share. */
export class SqliteStore implements TaskStore {
  readonly #file: OpenedFile
  readonly #clock: Clock
  readonly #codec: ContentCodec
  readonly #cursors: Cursors
  readonly #watched: WatchedTasks
  readonly #taking: TakingGuard
  readonly #process = processName()

  constructor(file: OpenedFile, { cursorKey, contentKey }: FileSecrets, clock: Clock = systemClock) {
    this.#file = file
    this.#clock = clock
    this.#codec = new ContentCodec(contentKey, file)
    this.#cursors = new Cursors(cursorKey)
    this.#watched = new WatchedTasks(file)
    this.#taking = new TakingGuard(file, clock, this.#process)
  }

  async create(task: NewTask, { maxOpen = Infinity, leaseMs }: CreateOptions = {}): Promise<CreateResult> {
    const kept: NewTask = { ...task, request: json(task.request) }
    const created = await this.#file.write((): CreateResult => {
      const nowMs = this.#clock.now()
      const isFull = maxOpen < Infinity && countOpen(this.#statement, kept, nowMs) >= maxOpen
      if (isFull) return { kind: freeId(this.#statement, kept.id, nowMs) ? 'full' : 'exists' }
      const record = newRecord(kept, nowMs)
      const put = (): TaskEntry | undefined => insertTask(this.#statement, this.#codec, record)
      const entry = put() ?? (freeId(this.#statement, kept.id, nowMs) ? put() : undefined)
      if (entry === undefined) return { kind: 'exists' }
      if (leaseMs === undefined) return { kind: 'created', task: entry.record }
      return { kind: 'created', ...this.#lease(entry, { leaseMs, nowMs, attempt: 1 }) }
    })
    if (created.kind === 'created') this.#watched.send(kept.id)
    return created
  }

  get(id: string, owner?: string): Promise<TaskRecord | undefined> {
    return this.#file.readOnce((prepare) => this.#find(prepare, id, owner)?.record)
  }

  async end(id: string, ending: TaskEnding, guard: WriteGuard): Promise<WriteResult> {
    const kept = { ...ending, ...(ending.outcome !== undefined && { outcome: json(ending.outcome) }) }
    return this.#write(id, guard, (entry, stamp, nowMs) => {
      const record = stamp(endedRecord(entry.record, kept, nowMs))
      updateQuestions(this.#statement, this.#codec, entry, record.questions)
      updateEnded(this.#statement, this.#codec, { ...entry, record })
      return record
    })
  }

  async note(id: string, note: TaskNote, guard: WriteGuard): Promise<WriteAck> {
    const said = json(note)
    return this.#acknowledge(id, guard, (entry, stamp) => {
      const record = stamp({ ...entry.record, ...said })
      updateSaid(this.#statement, this.#codec, { ...entry, record })
      return record
    })
  }

  async ask(id: string, question: NewQuestion, guard: WriteGuard): Promise<WriteResult> {
    const asked: QuestionRecord = { ...json(question), state: 'open' }
    return this.#write(id, guard, (entry, stamp) => {
      const { questions } = entry.record
      if (questions.some(({ key }) => key === asked.key)) return undefined
      return this.#question(entry, stamp(withQuestions(entry.record, [...questions, asked])), 'asked', [asked.key])
    })
  }

  async answer(id: string, answers: ReadonlyMap<string, QuestionAnswer>, owner?: string): Promise<AnswerResult> {
    const given = new Map([...answers].map(([key, answer]) => [key, json(answer)]))
    let answered: readonly string[] = []
    const guard = { from: taskStatuses, ...(owner !== undefined && { owner }) }
    const result = await this.#write(id, guard, (entry, stamp) => {
      const { questions, keys } = answeredBy(entry.record, given)
      answered = keys
      if (keys.length === 0) return entry.record
      return this.#question(entry, stamp(withQuestions(entry.record, questions)), 'answered', keys)
    })
    return result.kind === 'missing' ? result : { kind: 'written', task: result.task, answered }
  }

  async withdraw(id: string, keys: readonly string[], guard: WriteGuard): Promise<WriteAck> {
    return this.#acknowledge(id, guard, (entry, stamp) => {
      const { questions, keys: meant } = withdrawnFrom(entry.record, keys)
      if (meant.length === 0) return entry.record
      return this.#question(entry, stamp(withQuestions(entry.record, questions)), 'withdrawn', meant)
    })
  }

  async saveStep(id: string, step: StepRecord, guard: WriteGuard): Promise<WriteAck> {
    const value = json(step.value)
    return this.#acknowledge(id, guard, (entry, stamp) =>
      insertStep(this.#statement, this.#codec, entry, { key: step.key, value }, stamp),
    )
  }

  steps(id: string): Promise<ReadonlyMap<string, JsonValue>> {
    return this.#file.read((prepare) => {
      const entry = this.#find(prepare, id)
      return entry === undefined ? new Map() : readSteps(prepare, this.#codec, entry)
    })
  }

  async claim(id: string, { leaseMs, token, namespace, tools }: ClaimRequest): Promise<Claim | undefined> {
    const mayTake = this.#taking.begin(leaseMs)
    const claimed = await this.#file.write(() => {
      const nowMs = this.#clock.now()
      const entry = this.#find(this.#statement, id)
      if (entry === undefined) return undefined
      const { record, lease } = entry
      if (token !== undefined && lease?.token === token) return { task: record, token }
      const isKnown = record.namespace === namespace && tools.includes(record.tool)
      const isHeld = lease !== undefined && (nowMs < lease.untilMs || !mayTake())
      if (!isKnown || isHeld || !canRun(record) || !canRunAgain(record)) return undefined
      return this.#lease(entry, { leaseMs, nowMs, token, attempt: record.attempt + 1 })
    })
    if (claimed !== undefined) this.#watched.send(id)
    return claimed
  }

  async claimable(
    claim: Pick<ClaimRequest, 'namespace' | 'tools'>,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<ClaimablePage> {
    await this.#taking.prepare()
    const request = { ...page, nowMs: this.#clock.now() }
    return this.#file.read((prepare) => findClaimable(prepare, this.#cursors, claim, request))
  }

  async claimLost(
    { namespace, leaseMs }: Pick<ClaimRequest, 'namespace' | 'leaseMs'>,
    limit: number,
  ): Promise<readonly Claim[]> {
    await this.#taking.prepare()
    const mayTake = this.#taking.begin(leaseMs)
    const find = (prepare: Prepare): readonly string[] =>
      findLost(prepare, { namespace, limit, nowMs: this.#clock.now() })
    if ((await this.#file.read(find)).length === 0) return []
    const claims = await this.#file.write(() => {
      const nowMs = this.#clock.now()
      if (!mayTake()) return []
      return find(this.#statement)
        .map((id) => this.#findReadable(id))
        .filter((entry) => entry !== undefined && isLost(entry.record))
        .map((entry) => this.#lease(entry!, { leaseMs, nowMs, attempt: entry!.record.attempt }))
    })
    for (const { task } of claims) this.#watched.send(task.id)
    return claims
  }

  async heartbeat(leases: readonly Lease[], leaseMs: number): Promise<ReadonlyMap<string, LeaseState>> {
    if (leases.length === 0) return new Map()
    return this.#file.write(() => {
      const nowMs = this.#clock.now()
      const hold = { leaseMs, untilMs: nowMs + leaseMs, holder: this.#process }
      return new Map(leases.map((lease) => [lease.id, holdLease(this.#statement, lease, hold, nowMs)]))
    })
  }

  release(id: string, token: string, { elsewhere = false }: { readonly elsewhere?: boolean } = {}): Promise<WriteAck> {
    return this.#acknowledge(id, { from: openStatuses, token }, (entry, stamp) => {
      const record = stamp({ ...entry.record, elsewhere, releases: entry.record.releases + 1 })
      const released = { ...entry, record }
      updateReleased(this.#statement, released)
      insertEvents(this.#statement, released, 'released')
      return record
    })
  }

  list(filter: TaskFilter, page: { readonly cursor?: string; readonly limit: number }): Promise<TaskPage> {
    const nowMs = this.#clock.now()
    const how = { cursors: this.#cursors, codec: this.#codec }
    return this.#file.read((prepare) => listTasks(prepare, how, filter, { ...page, nowMs }))
  }

  count(filter: TaskFilter): Promise<Readonly<Record<TaskStatus, number>>> {
    return this.#file.read((prepare) => countTasks(prepare, filter, this.#clock.now()))
  }

  history(id: string): Promise<readonly TaskHistoryEntry[]> {
    return this.#file.read((prepare) => {
      const entry = this.#find(prepare, id)
      return entry === undefined ? [] : readHistory(prepare, entry)
    })
  }

  async sweep(limit: number): Promise<readonly ExpiredTask[]> {
    if (!(await this.#taking.mayDelete())) return []
    const nowMs = this.#clock.now()
    if (!(await this.#file.read((prepare) => isAnyExpired(prepare, nowMs)))) return []
    const expired = await this.#file.write(() => sweepExpired(this.#statement, nowMs, limit))
    for (const { id } of expired) this.#watched.send(id)
    return expired
  }

  watch(id: string, hint: () => void): () => void {
    return this.#watched.watch(id, hint)
  }

  async close(): Promise<void> {
    this.#watched.close()
    this.#file.close()
  }

  readonly #statement: Prepare = (sql) => this.#file.statement(sql)

  #find(prepare: Prepare, id: string, owner?: string): TaskEntry | undefined {
    return findTask(prepare, this.#codec, { id, owner, nowMs: this.#clock.now() })
  }

  /** A task that is damaged keeps no other from being found; whoever asks for it hears what is the matter. */
  #findReadable(id: string): TaskEntry | undefined {
    try {
      return this.#find(this.#statement, id)
    } catch (error) {
      if (this.#file.explain(error).code === 'store_corrupt') return undefined
      throw error
    }
  }

  /** Every guarded write: compares, changes, and tells. */
  async #write(
    id: string,
    { from, token, owner }: WriteGuard,
    change: Change,
    find: typeof findTask = findTask,
  ): Promise<WriteResult> {
    let hasChanged = false
    const result = await this.#file.write((): WriteResult => {
      const nowMs = this.#clock.now()
      const entry = find(this.#statement, this.#codec, { id, owner, nowMs })
      if (entry === undefined) return { kind: 'missing' }
      const { record, lease } = entry
      const isAllowed = from.includes(record.status) && (token === undefined || token === lease?.token)
      const changed = isAllowed ? change(entry, (next) => stamped(next, record, nowMs), nowMs) : undefined
      hasChanged = changed !== undefined && changed !== record
      return changed === undefined ? { kind: 'refused', task: record } : { kind: 'written', task: changed }
    })
    if (hasChanged && result.kind === 'written') this.#watched.send(id, result.task.updatedAtMs)
    return result
  }

  /** The same for a write that does not give the task back: what of it may be large is not read. */
  async #acknowledge(id: string, guard: WriteGuard, change: Change): Promise<WriteAck> {
    const { kind } = await this.#write(id, guard, change, findHead)
    return { kind }
  }

  #question(
    entry: TaskEntry,
    record: TaskRecord,
    event: 'asked' | 'answered' | 'withdrawn',
    keys: readonly string[],
  ): TaskRecord {
    const changed = { ...entry, record }
    updateQuestions(this.#statement, this.#codec, entry, record.questions)
    updateWaiting(this.#statement, changed)
    insertEvents(this.#statement, changed, event, keys)
    return record
  }

  #lease(
    entry: TaskEntry,
    {
      leaseMs,
      nowMs,
      attempt,
      token = randomUUID(),
    }: { leaseMs: number; nowMs: number; attempt: number; token?: string | undefined },
  ): Claim {
    const record = stamped({ ...entry.record, attempt }, entry.record, nowMs)
    const lease = { token, untilMs: nowMs + leaseMs, leaseMs, holder: this.#process }
    const leased = { ...entry, record, lease }
    updateLease(this.#statement, leased)
    insertEvents(this.#statement, leased, 'claimed')
    return { task: record, token }
  }
}

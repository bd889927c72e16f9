import {
  createTask,
  openStatuses,
  type Claim,
  type JsonObject,
  type NewQuestion,
  type NewTask,
  type QuestionAnswer,
  type TaskBackend,
  type TaskEnding,
  type TaskRecord,
  type TaskStore,
  type WriteGuard,
} from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import {
  libsql,
  nodeSqlite,
  sqlite,
  SqliteStoreError,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteOptions,
} from '@longcall/sqlite'
import { copyFileSync, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Each SQLite that this runtime has, by name. */
export const drivers: readonly (readonly [name: string, driver: SqliteDriver])[] = [nodeSqlite(), libsql()].flatMap(
  (driver) => (driver === undefined ? [] : [[driver.name, driver] as const]),
)

/** A task file in a folder of its own, and what can be done to it behind the back of whoever has it open. */
export class FileLab {
  readonly driver: SqliteDriver
  readonly clock: ManualClock = new ManualClock()
  readonly folder: string
  readonly file: string
  readonly #opened: TaskBackend[] = []

  private constructor(driver: SqliteDriver, folder: string) {
    this.driver = driver
    this.folder = folder
    this.file = join(folder, 'tasks.db')
  }

  /** One that is gone at the end of the test. */
  static async in(driver: SqliteDriver): Promise<FileLab> {
    const lab = new FileLab(driver, await mkdtemp(join(tmpdir(), 'longcall-file-')))
    onTestFinished(() => lab.#leave())
    return lab
  }

  /** Opens the file, as a process of its own would; it is closed at the end of the test. */
  open(options: SqliteOptions = {}): TaskBackend {
    const backend = sqlite(this.file, { driver: this.driver, clock: this.clock, ...options })
    this.#opened.push(backend)
    return backend
  }

  /** What opening says. */
  refusal(options: SqliteOptions = {}): SqliteStoreError {
    try {
      this.open(options)
    } catch (error) {
      if (error instanceof SqliteStoreError) return error
      throw error
    }
    throw new Error('The file was opened.')
  }

  /** Does something to the file as another program would. */
  raw<T>(work: (connection: SqliteConnection) => T): T {
    const connection = this.driver.open(this.file)
    try {
      return work(connection)
    } finally {
      connection.close()
    }
  }

  /**
   * Another folder with the file as it is now, and with these of what lies beside it: what a machine that lost its power
   * would find, whether or not this one is open.
   */
  async copy(...suffixes: readonly ('-wal' | '-shm')[]): Promise<FileLab> {
    const other = await FileLab.in(this.driver)
    for (const suffix of ['', ...suffixes]) {
      if (existsSync(this.file + suffix)) copyFileSync(this.file + suffix, other.file + suffix)
    }
    return other
  }

  async #leave(): Promise<void> {
    for (const { store } of this.#opened) await store.close()
    await rm(this.folder, { recursive: true })
  }
}

const dayMs = 86_400_000

/** Who takes tasks. */
export const worker = { namespace: 'test', tools: ['work'], leaseMs: 15_000 } as const

/** Asks nothing of a task but that it is open. */
export const ifOpen: WriteGuard = { from: openStatuses }

export const done: TaskEnding = { status: 'completed', outcome: said('done'), retentionMs: dayMs }

export function said(text: string): { readonly kind: 'result'; readonly result: JsonObject } {
  return { kind: 'result', result: { said: text } }
}

export function newTask(over: Partial<NewTask> = {}): NewTask {
  const shape = { ttlMs: dayMs, namespace: 'test', owner: 'ann', quota: 'ann', tool: 'work', onCrash: 'rerun' } as const
  return { ...createTask(shape), ...over }
}

/** Puts a task in, which must succeed. */
export async function put(store: TaskStore, over: Partial<NewTask> = {}): Promise<TaskRecord> {
  const created = await store.create(newTask(over))
  if (created.kind !== 'created') throw new Error(`The task was not created: ${created.kind}.`)
  return created.task
}

/** Puts a task in and takes it. */
export async function putTaken(store: TaskStore, over: Partial<NewTask> = {}): Promise<Claim> {
  const { id } = await put(store, over)
  const claim = await store.claim(id, worker)
  if (claim === undefined) throw new Error('The task was not claimed.')
  return claim
}

/** The request of a task that takes this many bytes, and is no longer when it is encrypted. */
export function large(bytes: number): Pick<NewTask, 'request'> {
  return { request: { arguments: { padding: 'x'.repeat(bytes) } } }
}

export function question(key: string, message = `${key}?`): NewQuestion {
  return { key, identity: `identity of ${key}`, method: 'elicitation/create', params: { message } }
}

export function answers(key: string, text = 'yes'): ReadonlyMap<string, QuestionAnswer> {
  return new Map([[key, said(text)]])
}

/** What a promise was rejected with, which must be an error of the store. */
export async function rejection(promise: Promise<unknown>): Promise<SqliteStoreError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof SqliteStoreError) return error
    throw error
  }
  throw new Error('It was not rejected.')
}

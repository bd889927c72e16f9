import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import type { SqliteConnection, SqliteDriver, SqliteStatement } from '../driver/driver.ts'
import { explainError } from './explain-error.ts'
import { assertKnownVersion, migrate } from './migrations.ts'
import { SqliteStoreError } from './sqlite-store-error.ts'
import { inTransaction } from './transaction.ts'
import { WriteQueue } from './write-queue.ts'

/** How often somebody who listens looks whether another process has written. */
const lookEveryMs = 25

/** How long a file may be locked while it is opened or read: what locks it then takes moments. */
const openMs = 10_000

/**
 * The open file: writes in line, reads at once, and news of what other processes write.
 *
 * It has two connections. What is read while no write runs is what is committed, and a reader waits for nobody who writes.
 */
export class TaskFile {
  readonly path: string
  readonly #driver: SqliteDriver
  readonly #writer: SqliteConnection
  readonly #reader: SqliteConnection
  readonly #queue: WriteQueue
  readonly #statements = new Map<string, SqliteStatement>()
  readonly #reads = new Map<string, SqliteStatement>()
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #seenVersion: unknown
  #othersVersion: unknown
  #isClosed = false

  /** @throws {SqliteStoreError} Thrown when the file cannot be used. */
  constructor(path: string, driver: SqliteDriver) {
    this.path = path
    this.#driver = driver
    try {
      makeOwnersOnly(path)
      this.#writer = openWriter(path, driver)
      this.#reader = openReader(path, driver)
    } catch (error) {
      throw this.explain(error)
    }
    const version = this.#writer.prepare('PRAGMA user_version')
    this.#queue = new WriteQueue(this.#writer, {
      explain: (error) => this.explain(error),
      onBegin: () => assertKnownVersion(Number(version.get()?.['user_version']), path),
      haveOthersWritten: () => this.#haveOthersWritten(),
    })
    this.#seenVersion = this.#othersVersion = this.#dataVersion()
  }

  /** A statement for use within {@link write}. */
  statement(sql: string): SqliteStatement {
    return prepared(this.#statements, this.#writer, sql)
  }

  /** Does a write, together with others of this tick; durable when it resolves. */
  write<T>(run: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(closedError(this.path))
    return this.#queue.add(run)
  }

  /** Does a write at once and by itself, waiting for others: for when the file is opened, and nobody is served yet. */
  now<T>(run: () => T): T {
    try {
      this.#writer.exec(`PRAGMA busy_timeout = ${openMs}`)
      return inTransaction(this.#writer, run)
    } catch (error) {
      throw this.explain(error)
    } finally {
      this.#writer.exec('PRAGMA busy_timeout = 0')
    }
  }

  /** Reads what is committed. */
  async read<T>(run: (statement: (sql: string) => SqliteStatement) => T): Promise<T> {
    if (this.#isClosed) throw closedError(this.path)
    try {
      return run((sql) => prepared(this.#reads, this.#reader, sql))
    } catch (error) {
      throw this.explain(error)
    }
  }

  /** Calls `listener` soon after another process has written; returns the end of it. */
  onForeignWrite(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  /** What failed, as an error of ours. */
  explain(error: unknown): ReturnType<typeof explainError> {
    return explainError(error, this.#driver, this.path)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#listeners.clear()
    this.#queue.close(closedError(this.path))
    for (const connection of [this.#reader, this.#writer]) {
      try {
        connection.close()
      } catch {
        // What is committed is in the file, or beside it; the next to open it tidies up.
      }
    }
  }

  #look(): void {
    let version: unknown
    try {
      version = this.#dataVersion()
    } catch {
      // Locked for a moment, or worse: then whoever reads hears of it.
      return
    }
    if (version === this.#seenVersion) return
    this.#seenVersion = version
    for (const listener of [...this.#listeners]) listener()
  }

  #haveOthersWritten(): boolean {
    const version = this.#dataVersion()
    if (version === this.#othersVersion) return false
    this.#othersVersion = version
    return true
  }

  /** Another after each commit of another connection. The writer asks, so that our own commits do not count. */
  #dataVersion(): unknown {
    return this.statement('PRAGMA data_version').get()?.['data_version']
  }
}

/**
 * A new file, and what SQLite lays beside it, can be read by nobody but its owner; one that holds something keeps its mode.
 *
 * One that is there is not opened: to close it would give up the locks that this process has on it.
 */
function makeOwnersOnly(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === 0) chmodSync(path, 0o600)
  if (size !== undefined) return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function openWriter(path: string, driver: SqliteDriver): SqliteConnection {
  const connection = driver.open(path)
  try {
    // Before all else: whoever opens the file together with others waits its turn.
    connection.exec(`PRAGMA busy_timeout = ${openMs}`)
    const mode = connection.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal') {
      throw new SqliteStoreError(
        'store_failed',
        `The task file ${path} cannot have a write-ahead log (its journal mode is ${String(mode)}). Keep it on a disk of this machine.`,
      )
    }
    connection.exec('PRAGMA synchronous = FULL')
    // Where a disk acknowledges before it keeps, on macOS, it is told to keep. Others ignore it.
    connection.exec('PRAGMA fullfsync = ON')
    connection.exec('PRAGMA journal_size_limit = 67108864')
    migrate(connection, path)
    // A file that cannot be written says so now, not at the first task.
    inTransaction(connection, () => {})
    // From here on the queue waits, without blocking.
    connection.exec('PRAGMA busy_timeout = 0')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function openReader(path: string, driver: SqliteDriver): SqliteConnection {
  const connection = driver.open(path)
  connection.exec(`PRAGMA busy_timeout = ${openMs}`)
  connection.exec('PRAGMA query_only = ON')
  return connection
}

function prepared(
  statements: Map<string, SqliteStatement>,
  connection: SqliteConnection,
  sql: string,
): SqliteStatement {
  let statement = statements.get(sql)
  if (statement === undefined) statements.set(sql, (statement = connection.prepare(sql)))
  return statement
}

function closedError(path: string): SqliteStoreError {
  return new SqliteStoreError('store_closed', `The task file ${path} was closed.`)
}

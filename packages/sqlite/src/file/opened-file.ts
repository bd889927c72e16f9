import type { SqliteConnection, SqliteDriver, SqliteStatement } from '../driver/driver.ts'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import { explainError } from './explain-error.ts'
import type { FileKind } from './file-kind.ts'
import { FilePlace } from './file-place.ts'
import { assertKnownVersion } from './migrations.ts'
import { openMs, openReader, openWriter } from './open-file.ts'
import { inSnapshot, inTransaction } from './transaction.ts'
import { WriteQueue } from './write-queue.ts'

/** Where a statement comes from: a reader's or a writer's connection. */
export type Prepare = (sql: string) => SqliteStatement

/** How often somebody who listens looks whether another process has written. */
const lookEveryMs = 25

/**
 * The open file: writes in line, reads at once, and news of what other processes write.
 *
 * It has two connections. What is read while no write runs is what is committed, and a reader waits for nobody who writes.
 */
export class OpenedFile {
  readonly path: string
  readonly kind: FileKind
  readonly #driver: SqliteDriver
  readonly #writer: SqliteConnection
  readonly #reader: SqliteConnection
  readonly #identity: FilePlace
  readonly #queue: WriteQueue
  readonly #statements = new Map<string, SqliteStatement>()
  readonly #reads = new Map<string, SqliteStatement>()
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #seenVersion: unknown
  #othersVersion: unknown
  #isClosed = false

  /** @throws {SqliteStoreError} Thrown when the file cannot be used. */
  constructor(path: string, driver: SqliteDriver, kind: FileKind) {
    this.path = path
    this.kind = kind
    this.#driver = driver
    try {
      this.#writer = openWriter(path, driver, kind)
    } catch (error) {
      throw this.explain(error)
    }
    try {
      this.#reader = openReader(path, driver)
      this.#identity = new FilePlace(path)
      this.#seenVersion = this.#othersVersion = this.#dataVersion()
    } catch (error) {
      ignoringFailure(() => this.#writer.close())
      throw this.explain(error)
    }
    this.#queue = new WriteQueue(this.#writer, {
      explain: (error) => this.explain(error),
      onBegin: () => this.#assertStillOurs(),
      haveOthersWritten: () => this.#haveOthersWritten(),
    })
  }

  /** A statement for use within {@link write}. */
  statement(sql: string): SqliteStatement {
    return prepared(this.#statements, this.#writer, sql)
  }

  /** When others last kept the file to themselves for long, by `performance.now()`. */
  get blockedAtMs(): number {
    return this.#queue.blockedAtMs
  }

  /** Does a write, together with others of this tick; durable when it resolves. */
  write<T>(run: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(closedError(this))
    return this.#queue.add(run)
  }

  /** Does a write at once and by itself, waiting for others: for when the file is opened, and nobody is served yet. */
  writeAtOnce<T>(run: () => T): T {
    try {
      this.#writer.exec(`PRAGMA busy_timeout = ${openMs}`)
      return inTransaction(this.#writer, run)
    } catch (error) {
      throw this.explain(error)
    } finally {
      this.#writer.exec('PRAGMA busy_timeout = 0')
    }
  }

  /** Reads what is committed, all of it as it was at one moment. */
  read<T>(run: (prepare: Prepare) => T): Promise<T> {
    return this.readOnce((prepare) => inSnapshot(this.#reader, () => run(prepare)))
  }

  /** The same with one statement, which needs no transaction to see one moment: that takes as long as many a statement. */
  async readOnce<T>(run: (prepare: Prepare) => T): Promise<T> {
    if (this.#isClosed) throw closedError(this)
    try {
      return run((sql) => prepared(this.#reads, this.#reader, sql))
    } catch (error) {
      throw this.explain(error)
    }
  }

  /** Calls `listener` soon after another process has written; returns the end of it. */
  onForeignWrite(listener: () => void): () => void {
    if (this.#isClosed) return () => {}
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
    return explainError(error, this.#driver, this.path, this.kind)
  }

  /** Whether SQLite said this, and not whoever used it. */
  isOfSqlite(error: unknown): boolean {
    return this.#driver.resultCode(error) !== undefined
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#listeners.clear()
    this.#queue.close(closedError(this))
    // What is committed is in the file, or beside it; where any of this fails, the next to open it tidies up. SQLite takes the
    // log in with the last connection, but one that a driver has not let go of yet may be the last.
    ignoringFailure(() => this.#writer.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get())
    this.#statements.clear()
    this.#reads.clear()
    for (const connection of [this.#reader, this.#writer]) ignoringFailure(() => connection.close())
  }

  /** Throws when this process may not write to the file any more. */
  #assertStillOurs(): void {
    assertKnownVersion(Number(this.statement('PRAGMA user_version').get()?.['user_version']), this.path, this.kind)
    if (this.#identity.isKept()) return
    throw new SqliteStoreError(
      'store_moved',
      `The ${this.kind.noun} ${this.path} or its -wal or -shm was moved, deleted or replaced while it was open. Nothing is written any more. Put it back with its -wal and -shm, or restart this process.`,
    )
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
    try {
      const version = this.#dataVersion()
      if (version === this.#othersVersion) return false
      this.#othersVersion = version
      return true
    } catch {
      // Who writes next hears of it.
      return false
    }
  }

  /** Another after each commit of another connection. The writer asks, so that our own commits do not count. */
  #dataVersion(): unknown {
    return this.statement('PRAGMA data_version').get()?.['data_version']
  }
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

function ignoringFailure(step: () => unknown): void {
  try {
    step()
  } catch {
    // It is not needed.
  }
}

function closedError({ kind, path }: Pick<OpenedFile, 'kind' | 'path'>): SqliteStoreError {
  return new SqliteStoreError(
    'store_closed',
    `The ${kind.noun} ${path} was closed here, and takes nothing any more. Open it again to go on.`,
  )
}

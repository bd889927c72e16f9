import { createRequire } from 'node:module'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import type { SqliteConnection, SqliteDriver, SqliteRow, SqliteStatement, SqliteValue } from './driver.ts'

type Libsql = new (file: string) => LibsqlDatabase

/** As much of it as is used here. */
interface LibsqlDatabase {
  exec(sql: string): unknown
  prepare(sql: string): LibsqlStatement
  close(): unknown
}

interface LibsqlStatement {
  columns(): readonly { readonly name: string }[]
  /** Has rows come as arrays. */
  raw(): unknown
  run(values: readonly SqliteValue[]): unknown
  get(values: readonly SqliteValue[]): LibsqlRow | undefined
  all(values: readonly SqliteValue[]): readonly LibsqlRow[]
}

type LibsqlRow = readonly SqliteValue[]

/** The package `libsql`, which brings its SQLite along; `undefined` where it is not installed. */
export function libsql(): SqliteDriver | undefined {
  const Database = load()
  if (Database === undefined) return undefined
  return {
    name: 'libsql',
    open: (file) => opened(new Database(file)),
    resultCode: (error) => {
      const code = (error as { readonly rawCode?: unknown } | null)?.rawCode
      if (typeof code === 'number') return code & 0xff
      // What fails while a file is opened has its code in its words alone.
      const words = /unable to open .*: (\d+)"?\)?$/i.exec(error instanceof Error ? error.message : '')
      return words === null ? undefined : Number(words[1]) & 0xff
    },
  }
}

function load(): Libsql | undefined {
  try {
    return createRequire(import.meta.url)('libsql') as Libsql
  } catch (error) {
    // Its binary is a package of its own, which there may be none of for a platform.
    if ((error as NodeJS.ErrnoException | null)?.code === 'MODULE_NOT_FOUND') return undefined
    const why = error instanceof Error ? error.message : String(error)
    throw new SqliteStoreError('no_driver', `The package libsql is installed, and cannot be loaded: ${why}`, {
      cause: error,
    })
  }
}

function opened(database: LibsqlDatabase): SqliteConnection {
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => new SoundStatement(database, sql),
    close: () => database.close(),
  }
}

/**
 * A statement of libsql whose `get` goes by the values that it is given.
 *
 * libsql (0.5) takes a statement back to its start after a `get` that succeeded, and not before one. After anything else
 * SQLite takes no new values, which libsql does not notice: it would give the row of the values before. Such a statement is
 * prepared anew.
 *
 * Values are handed over as one array, and the objects of rows are made here: libsql takes about as long for either as SQLite
 * takes for a statement.
 */
class SoundStatement implements SqliteStatement {
  readonly #database: LibsqlDatabase
  readonly #sql: string
  #statement: LibsqlStatement
  readonly #names: readonly string[]
  #isAtStart = true

  constructor(database: LibsqlDatabase, sql: string) {
    this.#database = database
    this.#sql = sql
    this.#statement = database.prepare(sql)
    this.#names = this.#statement.columns().map(({ name }) => name)
    this.#takeRowsRaw()
  }

  run(...values: readonly SqliteValue[]): unknown {
    this.#isAtStart = false
    return this.#statement.run(values)
  }

  all(...values: readonly SqliteValue[]): readonly SqliteRow[] {
    this.#isAtStart = false
    return this.#statement.all(values).map((row) => this.#named(row))
  }

  get(...values: readonly SqliteValue[]): SqliteRow | undefined {
    if (!this.#isAtStart) {
      this.#statement = this.#database.prepare(this.#sql)
      this.#takeRowsRaw()
    }
    this.#isAtStart = false
    const row = this.#statement.get(values)
    this.#isAtStart = true
    return row === undefined ? undefined : this.#named(row)
  }

  #takeRowsRaw(): void {
    if (this.#names.length > 0) this.#statement.raw()
  }

  #named(values: LibsqlRow): SqliteRow {
    const row: Record<string, SqliteValue> = {}
    for (const [index, name] of this.#names.entries()) row[name] = values[index]!
    return row
  }
}

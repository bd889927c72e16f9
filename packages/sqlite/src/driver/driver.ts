/**
 * A library that speaks to SQLite: as much of it as is needed here, so that any can be used. All of it is synchronous.
 *
 * {@link nodeSqlite} and {@link libsql} are two.
 */
export interface SqliteDriver {
  readonly name: string
  /** Opens a file, and makes it where there is none. */
  open(file: string): SqliteConnection
  /** The primary result code of what this library threw, such as 5 for `SQLITE_BUSY`; `undefined` when SQLite gave none. */
  resultCode(error: unknown): number | undefined
}

/** An open file. */
export interface SqliteConnection {
  /** Runs statements that give nothing back. */
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
}

/** A statement whose `?` are given their values, in order, with each run. */
export interface SqliteStatement {
  run(...values: readonly SqliteValue[]): unknown
  /** The first row, if there is one. */
  get(...values: readonly SqliteValue[]): SqliteRow | undefined
  all(...values: readonly SqliteValue[]): readonly SqliteRow[]
}

/** What a column holds. */
export type SqliteValue = string | number | null

/** A row by the names of its columns. A driver may put more into it. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>

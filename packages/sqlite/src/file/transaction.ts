import type { SqliteConnection } from '../driver/driver.ts'

/** Does all of `run`, or nothing; waits for others as long as the connection is told to. */
export function inTransaction<T>(connection: SqliteConnection, run: () => T): T {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const value = run()
    connection.exec('COMMIT')
    return value
  } catch (error) {
    rollBack(connection)
    throw error
  }
}

/** Reads all of `run` from one moment of the file. */
export function inSnapshot<T>(connection: SqliteConnection, run: () => T): T {
  connection.exec('BEGIN')
  try {
    return run()
  } finally {
    rollBack(connection)
  }
}

/** Undoes what the transaction wrote. */
export function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK')
  } catch {
    // Some failures end the transaction by themselves.
  }
}

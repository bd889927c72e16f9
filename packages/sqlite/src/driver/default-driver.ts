import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import type { SqliteDriver } from './driver.ts'
import { libsql } from './libsql.ts'
import { nodeSqlite } from './node-sqlite.ts'

/**
 * Node's own SQLite where it has one, else `libsql`.
 *
 * @throws {SqliteStoreError} Thrown when there is neither.
 */
export function defaultDriver(): SqliteDriver {
  const driver = nodeSqlite() ?? libsql()
  if (driver !== undefined) return driver
  throw new SqliteStoreError(
    'no_driver',
    `There is no SQLite here: Node ${process.versions.node} brings none along, and the package libsql is not installed. ` +
      'Run on Node 22.13 or newer, install libsql, or pass sqlite() a driver.',
  )
}

import type { SqliteConnection } from '../driver/driver.ts'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import type { FileKind } from './file-kind.ts'
import { inSnapshot, inTransaction } from './transaction.ts'

/**
 * Brings the file's schema up to date, whichever process comes first.
 *
 * @throws {SqliteStoreError} Thrown when the file is of a newer version (`store_newer`) or not ours (`store_foreign`).
 */
export function migrate(connection: SqliteConnection, file: string, kind: FileKind): void {
  const newest = kind.migrations.length
  if (assertOurs(connection, file, kind) === newest) return
  inTransaction(connection, () => {
    // Another process may have been first.
    for (const step of kind.migrations.slice(versionOf(connection, file, kind))) connection.exec(step)
    connection.exec(`PRAGMA application_id = ${kind.applicationId}`)
    connection.exec(`PRAGMA user_version = ${newest}`)
  })
}

/**
 * Reads the version of the file's schema, 0 of a new one.
 *
 * @throws {SqliteStoreError} Thrown when the file is of a newer version (`store_newer`) or not ours (`store_foreign`).
 */
export function assertOurs(connection: SqliteConnection, file: string, kind: FileKind): number {
  // As it was at one moment: another process may be making it.
  return inSnapshot(connection, () => versionOf(connection, file, kind))
}

/** @throws {SqliteStoreError} Thrown when the file is of a newer version (`store_newer`). */
export function assertKnownVersion(version: number, file: string, { noun, migrations }: FileKind): void {
  if (version <= migrations.length) return
  throw new SqliteStoreError(
    'store_newer',
    `The ${noun} ${file} has version ${version}; this @longcall/sqlite knows versions up to ${migrations.length}. ` +
      'A newer one has opened it: restart this process with that one.',
  )
}

function versionOf(connection: SqliteConnection, file: string, kind: FileKind): number {
  const version = Number(connection.prepare('PRAGMA user_version').get()?.['user_version'])
  const application = connection.prepare('PRAGMA application_id').get()?.['application_id']
  const tables = connection.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']
  const isNew = tables === 0 && version === 0 && application === 0
  if (!isNew && application !== kind.applicationId) {
    throw new SqliteStoreError(
      'store_foreign',
      `The file ${file} is a database of another program, or no ${kind.noun}. Give the ${kind.contents} a file of their own.`,
    )
  }
  assertKnownVersion(version, file, kind)
  return version
}

import { BackendError } from '@longcall/core'

/** What is the matter with the file, or with how it was opened. */
export type SqliteStoreErrorCode =
  /** The disk, or what the file may take of it, is full. Nothing was written; reads go on. */
  | 'store_full'
  /** The file or its folder may not be written. */
  | 'store_readonly'
  /** The file cannot be opened: its folder is not there, or it is no file. */
  | 'store_unreachable'
  /** The file was moved, deleted or replaced while it was open. */
  | 'store_moved'
  /** The file is damaged, or no database at all. */
  | 'store_corrupt'
  /** The file was written by a newer version of this package. */
  | 'store_newer'
  /** The file is somebody else's database. */
  | 'store_foreign'
  /** Others kept the file locked for too long. */
  | 'store_busy'
  /** The file is encrypted and no key was given, or another, or it is not encrypted and one was. */
  | 'store_key'
  /** The store was closed. */
  | 'store_closed'
  /** The clock on the wall jumped. Leases begin anew; the next sweep goes on. */
  | 'clock_jumped'
  /** There is no SQLite to be used. */
  | 'no_driver'
  /** Anything else that SQLite says. */
  | 'store_failed'

/** Thrown when the file that holds the tasks cannot be used; `code` says why. */
export class SqliteStoreError extends BackendError {
  override readonly name = 'SqliteStoreError'
  declare readonly code: SqliteStoreErrorCode

  // oxlint-disable-next-line no-useless-constructor -- only these codes
  constructor(code: SqliteStoreErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

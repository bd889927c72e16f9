import { closeSync, fchmodSync, fstatSync, openSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteConnection, SqliteDriver } from '../driver/driver.ts'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import { isBusy } from './explain-error.ts'
import type { FileKind } from './file-kind.ts'
import { assertOurs, migrate } from './migrations.ts'
import { inTransaction } from './transaction.ts'

/** How long a file may be locked while it is opened or read: what locks it then takes moments. */
export const openMs = 10_000

/** Opens the connection that writes to a file, which is made where there is none, and brought up to date. */
export function openWriter(path: string, driver: SqliteDriver, kind: FileKind): SqliteConnection {
  makeOwnersOnly(path, kind)
  return opened(path, driver, (connection) => {
    // Before anything is changed: somebody else's file stays as it is.
    assertOurs(connection, path, kind)
    logAhead(connection, path, driver, kind)
    connection.exec('PRAGMA synchronous = FULL')
    // Where a disk acknowledges before it keeps, on macOS, it is told to keep. Others ignore it.
    connection.exec('PRAGMA fullfsync = ON')
    connection.exec('PRAGMA journal_size_limit = 67108864')
    migrate(connection, path, kind)
    // A file that cannot be written says so now, not at the first task.
    inTransaction(connection, () => {})
    // From here on the queue waits, without blocking.
    connection.exec('PRAGMA busy_timeout = 0')
  })
}

/** Opens the connection that reads, once there is one that writes. */
export function openReader(path: string, driver: SqliteDriver): SqliteConnection {
  return opened(path, driver, (connection) => {
    connection.exec('PRAGMA query_only = ON')
    // SQLite opens the log with the first read: now, while it is the writer's.
    connection.prepare('PRAGMA user_version').get()
  })
}

function opened(path: string, driver: SqliteDriver, prepare: (connection: SqliteConnection) => void): SqliteConnection {
  const connection = driver.open(path)
  try {
    // Before all else: whoever opens the file together with others waits its turn.
    connection.exec(`PRAGMA busy_timeout = ${openMs}`)
    prepare(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * A new file, and what SQLite lays beside it, can be read by nobody but its owner; one that holds something keeps its mode.
 *
 * One that holds something is not opened: to close it would give up the locks that this process has on it.
 */
function makeOwnersOnly(path: string, kind: FileKind): void {
  const found = look(path)
  if (found !== undefined) assertIsFile(found, path, kind)
  else assertHasFolder(path, kind)
  if (found !== undefined && found.size > 0) return
  const handle = openSync(path, 'a', 0o600)
  try {
    // Whatever the umask took away, and whoever made it empty.
    const { size, uid } = fstatSync(handle)
    if (size === 0 && (process.getuid === undefined || uid === process.getuid())) fchmodSync(handle, 0o600)
  } finally {
    closeSync(handle)
  }
}

/** What SQLite would take for something else than a path is a mistake here. */
export function assertIsPath(file: string, { noun }: FileKind, otherwise: string): void {
  if (file !== '' && file !== ':memory:' && !/^file:/i.test(file)) return
  throw new SqliteStoreError(
    'store_unreachable',
    `${JSON.stringify(file)} is no path of a ${noun}. Name a file, or ${otherwise}.`,
  )
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function assertIsFile(found: Stats, path: string, { noun }: FileKind): void {
  if (found.isFile()) return
  const what = found.isDirectory() ? 'is a folder. Name a file in it.' : 'is no file that can hold data. Name another.'
  throw new SqliteStoreError('store_unreachable', `The ${noun} ${path} ${what}`)
}

function assertHasFolder(path: string, { noun }: FileKind): void {
  const folder = dirname(path)
  if (look(folder)?.isDirectory() === true) return
  throw new SqliteStoreError(
    'store_unreachable',
    `The ${noun} ${path} cannot be opened: there is no folder ${folder}. Make it first.`,
  )
}

/**
 * Has the file keep a write-ahead log. Of several that open a new file at once one may do it, and SQLite has the others fail
 * without waiting.
 */
function logAhead(connection: SqliteConnection, path: string, driver: SqliteDriver, { noun }: FileKind): void {
  for (const giveUpAtMs = performance.now() + openMs; ; pause(5)) {
    try {
      const mode = connection.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
      if (mode === 'wal') return
      throw new SqliteStoreError(
        'store_failed',
        `The ${noun} ${path} cannot have a write-ahead log (its journal mode is ${String(mode)}). Keep it on a disk of this machine.`,
      )
    } catch (error) {
      if (!isBusy(error, driver) || performance.now() >= giveUpAtMs) throw error
    }
  }
}

/** Blocks, as opening does. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

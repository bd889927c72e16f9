import type { Clock, TaskBackend } from '@longcall/core'
import { resolve } from 'node:path'
import { defaultDriver } from './driver/default-driver.ts'
import type { SqliteDriver } from './driver/driver.ts'
import { SqliteEngine } from './engine/sqlite-engine.ts'
import { assertUsable, readSecrets } from './file/file-secrets.ts'
import { OpenedFile } from './file/opened-file.ts'
import { assertIsPath } from './file/open-file.ts'
import { taskFiles } from './store/task-files.ts'
import { SqliteStore } from './store/sqlite-store.ts'

/** How {@link sqlite} keeps and runs tasks. */
export interface SqliteOptions {
  /** How many bodies run at once in this process; 64 by default. */
  readonly concurrency?: number
  /**
   * Encrypts what tools and clients say: arguments, questions, answers, steps, results, status messages. 32 bytes, or a
   * passphrase. A file is encrypted from its beginning or never, under one key.
   *
   * Ids, owners, tools, statuses, times and the names of questions and steps stay readable.
   */
  readonly encryptionKey?: Uint8Array | string
  /** What speaks to SQLite: by default `node:sqlite` where Node has it, else `libsql`. */
  readonly driver?: SqliteDriver
  /** What leases and expiry go by; all processes that share a file must go by the same. */
  readonly clock?: Clock
}

/**
 * Keeps and runs tasks in a SQLite file: they outlive the process, and several processes of this machine may share them.
 *
 * The file is opened at once, and made where there is none, for its owner alone. The backend belongs to one runtime, which
 * closes it.
 *
 * @param file The path of the file. SQLite lays a `-wal` and a `-shm` beside it, which belong to it.
 * @throws {SqliteStoreError} Thrown when the file cannot be used; its `code` says why.
 */
export function sqlite(file: string, options: SqliteOptions = {}): TaskBackend {
  const { driver = defaultDriver(), encryptionKey, clock } = options
  assertIsPath(file, taskFiles, 'use memory() for tasks that may be lost')
  const path = resolve(file)
  // One that is there and undefined is a mistake, such as a variable of the environment that nobody set.
  if ('encryptionKey' in options) assertUsable(encryptionKey, path, taskFiles)
  const opened = new OpenedFile(path, driver, taskFiles)
  try {
    const store = new SqliteStore(opened, readSecrets(opened, encryptionKey), clock)
    return { store, engine: new SqliteEngine(opened, options) }
  } catch (error) {
    opened.close()
    throw error
  }
}

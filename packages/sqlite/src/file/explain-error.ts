import { LongcallError } from '@longcall/core'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteDriver } from '../driver/driver.ts'
import type { FileKind } from './file-kind.ts'
import { SqliteStoreError, type SqliteStoreErrorCode } from '../errors/sqlite-store-error.ts'

/** SQLite's primary result codes, as far as there is something to be said of them. See https://sqlite.org/rescode.html. */
const resultCodes = {
  permission: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

/** What a disk has left when there is no room for the smallest of the files that SQLite lays beside a database. */
const fullBytes = 65_536

/** What a driver threw, as an error that says what failed, on which file, and what to do. */
export function explainError(error: unknown, driver: SqliteDriver, file: string, { noun }: FileKind): LongcallError {
  if (error instanceof LongcallError) return error
  const code = codeOf(driver.resultCode(error) ?? fromSystem(error), file)
  return new SqliteStoreError(code, messages[code](noun, file, messageOf(error)), { cause: error })
}

/** Whether another process kept a driver from doing something, which it can do in a moment. */
export function isBusy(error: unknown, driver: SqliteDriver): boolean {
  return driver.resultCode(error) === resultCodes.busy
}

type ExplainedCode = Extract<
  SqliteStoreErrorCode,
  'store_full' | 'store_readonly' | 'store_unreachable' | 'store_corrupt' | 'store_busy' | 'store_failed'
>

const messages: Readonly<Record<ExplainedCode, (noun: string, file: string, message: string) => string>> = {
  store_full: (noun, file) =>
    `The ${noun} ${file} cannot grow: the disk is full. Nothing was written; free some space, and it goes on.`,
  store_readonly: (noun, file) =>
    `The ${noun} ${file} cannot be written. Let this process write to it, to its folder, and to the -wal and -shm that SQLite keeps beside it.`,
  store_unreachable: (noun, file) =>
    `The ${noun} ${file} cannot be opened. See that the folder ${dirname(file)} is there, and that this process may write to it.`,
  store_corrupt: damaged,
  store_busy: (noun, file) =>
    `The ${noun} ${file} was locked by another process for too long. See that no backup and no shell keeps it locked, and try again.`,
  store_failed: (noun, file, message) =>
    `SQLite failed on the ${noun} ${file}: ${message}. See that its disk is well and that nobody else changes the file or what lies beside it.`,
}

function codeOf(code: number | undefined, file: string): ExplainedCode {
  switch (code) {
    case resultCodes.full:
      return 'store_full'
    case resultCodes.inputOutput:
      return isDiskFull(file) ? 'store_full' : 'store_failed'
    case resultCodes.readonly:
    case resultCodes.permission:
      return 'store_readonly'
    case resultCodes.cannotOpen:
      return isReadOnly(file) ? 'store_readonly' : 'store_unreachable'
    case resultCodes.corrupt:
    case resultCodes.notADatabase:
      return 'store_corrupt'
    case resultCodes.busy:
    case resultCodes.locked:
      return 'store_busy'
    default:
      return 'store_failed'
  }
}

/** SQLite calls it an error of the disk when there is no room for its -shm. */
function isDiskFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize < fullBytes
  } catch {
    return false
  }
}

/** SQLite only says that it cannot open a file when its -wal and -shm may not be made, or belong to somebody else. */
function isReadOnly(file: string): boolean {
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK)
    for (const path of [file, `${file}-wal`, `${file}-shm`]) {
      if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK)
    }
    return false
  } catch (error) {
    return fromSystem(error) === resultCodes.readonly
  }
}

/** The result code that says the same as an error of the file system. */
function fromSystem(error: unknown): number | undefined {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return resultCodes.cannotOpen
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return resultCodes.readonly
    case 'ENOSPC':
    case 'EDQUOT':
      return resultCodes.full
    default:
      return undefined
  }
}

/** What to do when a file is damaged. */
export function damaged(noun: string, file: string): string {
  return `The ${noun} ${file} is damaged, or no SQLite file. It was left as it is; move it and its -wal away, and restore a copy, or begin with a new file.`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { LongcallError } from '@longcall/core'
import { dirname } from 'node:path'
import type { SqliteDriver } from '../driver/driver.ts'
import { SqliteStoreError, type SqliteStoreErrorCode } from './sqlite-store-error.ts'

/** SQLite's primary result codes, as far as there is something to be said of them. See https://sqlite.org/rescode.html. */
const resultCodes = {
  permission: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

/** What a driver threw, as an error that says what failed, on which file, and what to do. */
export function explainError(error: unknown, driver: SqliteDriver, file: string): LongcallError {
  if (error instanceof LongcallError) return error
  const { code, what } = explanation(driver.resultCode(error) ?? fromSystem(error), file)
  return new SqliteStoreError(code, what ?? `SQLite failed on the task file ${file}: ${messageOf(error)}.`, {
    cause: error,
  })
}

function explanation(
  code: number | undefined,
  file: string,
): { readonly code: SqliteStoreErrorCode; readonly what?: string } {
  switch (code) {
    case resultCodes.full:
      return {
        code: 'store_full',
        what: `The task file ${file} cannot grow: the disk is full. Nothing was written; free some space, and it goes on.`,
      }
    case resultCodes.readonly:
    case resultCodes.permission:
      return {
        code: 'store_readonly',
        what: `The task file ${file} cannot be written. Let this process write to it, and to its folder, where SQLite keeps its -wal and -shm beside it.`,
      }
    case resultCodes.cannotOpen:
      return {
        code: 'store_unreachable',
        what: `The task file ${file} cannot be opened. See that the folder ${dirname(file)} is there, and that this process may write to it.`,
      }
    case resultCodes.corrupt:
    case resultCodes.notADatabase:
      return { code: 'store_corrupt', what: damaged(file) }
    case resultCodes.busy:
    case resultCodes.locked:
      return { code: 'store_busy', what: `The task file ${file} is locked by another process for too long.` }
    default:
      return { code: 'store_failed' }
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
export function damaged(file: string): string {
  return `The task file ${file} is damaged, or no SQLite file. It was left as it is; move it and its -wal away, and restore a copy, or begin with a new file.`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

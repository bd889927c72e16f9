import { lstatSync, realpathSync, statSync, type BigIntStats } from 'node:fs'
import { dirname } from 'node:path'

/** A folder that changed as lately may change again and look the same: some systems tell times in seconds. */
const defaultSettleMs = 3_000

/**
 * Where a task file lies, with its log and what processes share of it, and whether they still do: under their names may lie
 * others by now, or nothing.
 *
 * They are looked at when something was made, moved or deleted in their folder, and not before each write: on Linux a file
 * whose times were looked at gets exact ones with its next write, which a commit would then have to keep on the disk as well.
 * That takes it half as long again, and more.
 */
export class FilePlace {
  readonly #path: string
  /** Where SQLite lays the others: beside the file itself, whatever links to it. */
  readonly #real: string
  readonly #settleMs: number
  readonly #files: string
  /** The file may lie in another folder. */
  readonly #isLink: boolean
  /** The folder as it was when they were last looked at, if it could not have changed since without showing it. */
  #folder: string | undefined

  constructor(path: string, { settleMs = defaultSettleMs }: { readonly settleMs?: number } = {}) {
    this.#path = path
    this.#settleMs = settleMs
    this.#real = realpathSync(path)
    this.#files = this.#look()
    this.#isLink = lstatSync(path).isSymbolicLink()
  }

  /** Whether all are the same files as at the beginning. */
  isKept(): boolean {
    const found = look(dirname(this.#path))
    const folder = `${identity(found)}:${found?.ctimeNs}`
    if (folder === this.#folder) return true
    const isKept = this.#look() === this.#files
    const isSettled = found !== undefined && Date.now() - Number(found.ctimeMs) > this.#settleMs
    this.#folder = isKept && isSettled && !this.#isLink ? folder : undefined
    return isKept
  }

  #look(): string {
    return [this.#path, `${this.#real}-wal`, `${this.#real}-shm`].map((path) => identity(look(path))).join()
  }
}

function look(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}

function identity(found: BigIntStats | undefined): string {
  return found === undefined ? 'none' : `${found.dev}:${found.ino}`
}

import { link, mkdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { JournalError, toJson, type JsonObject } from '@longcall/core'
import { makeFolder, namesIn, syncFolder, type DraftFolder } from './draft-folder.ts'
import { saysOneOf } from './explain-file-error.ts'

/**
 * One record as a folder with a file for each version of it; the highest is the one that counts.
 *
 * - *Beginning*: a folder with version 1 is made aside and renamed into its place, which fails where there is one.
 * - *Changing*: the next version is written aside and linked under its number, which fails where there is one: that is the
 *   comparing, and no lock is left behind by whoever is killed. The version before is emptied and keeps its name, so that
 *   a writer who was paused finds its number taken.
 * - *Removing*: the next version is `null`; then the folder is renamed away as a whole, so that a writer who was paused
 *   finds nothing to link into. Whoever comes upon a folder that ends in `null` finishes this.
 *
 * No file gets its name before its content is on the disk, so none is ever half written.
 */
export class FileRecord {
  readonly #folder: string
  readonly #drafts: DraftFolder

  constructor(folder: string, drafts: DraftFolder) {
    this.#folder = folder
    this.#drafts = drafts
  }

  /** What stands there, and in which version; 0 of none. */
  async read(): Promise<{ readonly version: number; readonly content: JsonObject | undefined }> {
    for (let unreadable = 0; ;) {
      const versions = (await namesIn(this.#folder)).filter((name) => /^\d{1,9}$/.test(name)).map(Number)
      const version = versions.reduce((highest, other) => Math.max(highest, other), 0)
      if (version === 0) return { version, content: undefined }
      const text = await readFile(this.#version(version), 'utf8').catch((error: unknown) => {
        if (saysOneOf(error, 'ENOENT')) return ''
        throw error
      })
      const content = parsed(text)
      if (content === null) return { version, content: undefined }
      if (content !== undefined) return { version, content }
      // Emptied, because there is a higher one by now; where there is none, somebody else has been at it.
      if (unreadable === version) throw this.#damaged(version)
      unreadable = version
    }
  }

  /** Writes the next version, `undefined` to remove the record. False when another writer was first. */
  async write(version: number, content: JsonObject | undefined): Promise<boolean> {
    const draft = await this.#drafts.write(JSON.stringify(content ?? null))
    try {
      if (!(await (version === 1 ? this.#begin(draft) : this.#add(draft, version)))) return false
    } finally {
      await rm(draft, { force: true })
    }
    // What is left of this by a failure takes some space, and harms nobody.
    if (content === undefined) await this.#drafts.discard(this.#folder).catch(() => {})
    else if (version > 1) await truncate(this.#version(version - 1)).catch(() => {})
    return true
  }

  /** Takes away what a process that was killed had removed already. */
  async bury(): Promise<void> {
    await this.#drafts.discard(this.#folder)
  }

  async #begin(draft: string): Promise<boolean> {
    const scope = dirname(this.#folder)
    const made = this.#drafts.fresh()
    await mkdir(made, { mode: 0o700 })
    try {
      await rename(draft, join(made, '1'))
      await syncFolder(made)
      await makeFolder(scope, dirname(scope))
      await rename(made, this.#folder)
    } catch (error) {
      // Windows says that it is not permitted.
      const isTaken = saysOneOf(error, 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES') && (await exists(this.#folder))
      await rm(made, { recursive: true, force: true })
      if (isTaken) return false
      throw error
    }
    await syncFolder(scope)
    return true
  }

  async #add(draft: string, version: number): Promise<boolean> {
    try {
      await link(draft, this.#version(version))
    } catch (error) {
      if (saysOneOf(error, 'EEXIST', 'ENOENT')) return false
      throw error
    }
    // It may have been removed right after, which was synced, too.
    await syncFolder(this.#folder).catch((error: unknown) => {
      if (!saysOneOf(error, 'ENOENT')) throw error
    })
    return true
  }

  #version(version: number): string {
    return join(this.#folder, String(version))
  }

  #damaged(version: number): JournalError {
    return new JournalError(
      'journal_damaged',
      `The journal has a record that cannot be read: ${this.#version(version)}. Somebody else changed it. Move its folder away to go on without it.`,
    )
  }
}

/** `undefined` of what is no record: it is empty, or was emptied while it was read. */
function parsed(text: string): JsonObject | null | undefined {
  try {
    const json = toJson(JSON.parse(text), 'a record')
    return typeof json === 'object' && !Array.isArray(json) ? (json as JsonObject | null) : undefined
  } catch {
    return undefined
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

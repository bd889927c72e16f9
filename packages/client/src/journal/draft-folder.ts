import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saysOneOf } from './explain-file-error.ts'

/** Where files are written before they get their names, and brought when they are thrown away. */
export class DraftFolder {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** A path in here that nobody has. */
  fresh(): string {
    return join(this.#path, crypto.randomUUID())
  }

  /** Writes a draft, which is on the disk when this resolves; gives its path. */
  async write(text: string): Promise<string> {
    const draft = this.fresh()
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.datasync()
    } catch (error) {
      // On a disk that is full, what was begun would keep it so.
      await rm(draft, { force: true }).catch(() => {})
      throw error
    } finally {
      await file.close()
    }
    return draft
  }

  /** Writes a file over what it was, in one step; not synced. */
  async replace(path: string, text: string): Promise<void> {
    const draft = this.fresh()
    try {
      await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
      await rename(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** Takes a file or folder away in one step, and deletes it. */
  async discard(path: string): Promise<void> {
    const draft = this.fresh()
    try {
      await rename(path, draft)
    } catch (error) {
      if (saysOneOf(error, 'ENOENT')) return
      throw error
    }
    await rm(draft, { recursive: true, force: true })
  }

  /** Deletes what was left by processes that were killed: of drafts that are so old, nobody is at work any more. */
  async sweep(): Promise<void> {
    const oldestMs = Date.now() - draftLifeMs
    for (const name of await readdir(this.#path)) {
      const path = join(this.#path, name)
      const found = await stat(path).catch(() => {})
      if (found !== undefined && found.mtimeMs < oldestMs) await rm(path, { recursive: true, force: true })
    }
  }
}

const draftLifeMs = 3_600_000

/** Has the disk keep what names are in a folder. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folder, and keeps names by itself.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The names in a folder; none where there is no such folder. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (saysOneOf(error, 'ENOENT')) return []
    throw error
  }
}

/** Makes a folder for its owner alone, and has the disk keep it. */
export async function makeFolder(path: string, parent: string): Promise<void> {
  if ((await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(parent)
}

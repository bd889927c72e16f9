import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  JournalError,
  toJsonObject,
  type Journal,
  type JournalChange,
  type JournalHolder,
  type JournalKey,
  type JournalRecord,
  type JsonObject,
} from '@longcall/core'
import { DraftFolder, namesIn } from './draft-folder.ts'
import { explain, saysOneOf } from './explain-file-error.ts'
import { FileRecord } from './file-record.ts'
import { FolderWatch } from './folder-watch.ts'
import { openFolder } from './open-folder.ts'

/**
 * A journal as files: a folder for each scope, in that one for each record, in that one file for each version of it.
 *
 * ```
 * journal.json            says that the folder is a journal
 * scopes/<scope>/<id>/7   see FileRecord
 * holders/<name>          who is there
 * drafts/                 what is not finished, or thrown away
 * ```
 */
export class JournalFolder implements Journal {
  readonly name: string
  readonly #path: string
  readonly #drafts: DraftFolder
  readonly #watches = new Map<string, FolderWatch>()
  readonly #running = new Set<Promise<unknown>>()
  #opening: Promise<void> | undefined
  #isClosed = false

  constructor(path: string) {
    this.name = path
    this.#path = resolve(path)
    this.#drafts = new DraftFolder(join(this.#path, 'drafts'))
  }

  get({ scope, id }: JournalKey): Promise<JsonObject | undefined> {
    return this.#use(async () => (await this.#record(scope, id).read()).content)
  }

  list(scope: string): Promise<readonly JournalRecord[]> {
    return this.#use(async () => {
      // What a file manager leaves in a folder is no record.
      const ids = (await namesIn(this.#folderOf(scope))).filter(isName)
      const records = await Promise.all(ids.map((id) => this.#read(scope, id)))
      return records.filter((record) => record !== undefined)
    })
  }

  edit({ scope, id }: JournalKey, change: JournalChange): Promise<JsonObject | undefined> {
    return this.#use(async () => {
      const record = this.#record(scope, id)
      for (;;) {
        const found = await record.read().catch((error: unknown) => {
          // One that cannot be read can be removed, and no more.
          if (!isDamage(error) || change(unreadable) !== undefined) throw error
        })
        if (found === undefined) {
          await record.bury()
          return undefined
        }
        const wanted = change(found.content)
        if (wanted === found.content) return wanted
        const content = wanted === undefined ? undefined : toJsonObject(wanted, `record ${id} of the journal`)
        if (!(await record.write(found.version + 1, content))) continue
        await this.#watchOf(scope).touch()
        return content
      }
    })
  }

  watch(scope: string, hint: () => void): () => void {
    return this.#isClosed ? () => {} : this.#watchOf(scope).add(hint)
  }

  beat(holder: JournalHolder): Promise<void> {
    // What a machine that lost its power forgets of this is true of nobody any more: nothing is synced.
    return this.#use(() => this.#drafts.replace(this.#holder(holder.name), JSON.stringify(holder)))
  }

  leave(name: string): Promise<void> {
    return this.#use(() => this.#drafts.discard(this.#holder(name)))
  }

  holders(): Promise<readonly JournalHolder[]> {
    return this.#use(async () => {
      const names = await namesIn(join(this.#path, 'holders'))
      const found = await Promise.all(names.map((name) => readHolder(this.#holder(name))))
      return found.filter((holder) => holder !== undefined)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const watch of this.#watches.values()) watch.close()
    await Promise.allSettled(this.#running)
  }

  /** One whose remover was killed is taken away; one that cannot be read hides no others. */
  async #read(scope: string, id: string): Promise<JournalRecord | undefined> {
    const record = this.#record(scope, id)
    const { version, content } = await record.read().catch((error: unknown) => {
      if (!isDamage(error)) throw error
      return { version: 1, content: unreadable }
    })
    if (content !== undefined) return { id, content }
    if (version > 0) await record.bury().catch(() => {})
    return undefined
  }

  #record(scope: string, id: string): FileRecord {
    return new FileRecord(join(this.#folderOf(scope), asName(id)), this.#drafts)
  }

  #holder(name: string): string {
    return join(this.#path, 'holders', asName(name))
  }

  /** A scope may be any text, and a name of a file not. */
  #folderOf(scope: string): string {
    return join(this.#path, 'scopes', createHash('sha256').update(scope).digest('hex').slice(0, 40))
  }

  #watchOf(scope: string): FolderWatch {
    let watch = this.#watches.get(scope)
    if (watch === undefined) this.#watches.set(scope, (watch = new FolderWatch(this.#folderOf(scope))))
    return watch
  }

  #use<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#explained(work).finally(() => this.#running.delete(running))
    this.#running.add(running)
    return running
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new JournalError('journal_closed', `The journal ${this.name} was closed here. Open it again to go on.`)
    }
    this.#opening ??= openFolder(this.#path).then(() => this.#drafts.sweep())
    try {
      await this.#opening
    } catch (error) {
      this.#opening = undefined
      throw explain(error, this.name)
    }
    try {
      return await work()
    } catch (error) {
      throw explain(error, this.name)
    }
  }
}

/** Stands for what cannot be read: it is no entry of a client's. */
const unreadable: JsonObject = Object.freeze({})

/** Somebody else was at it: what they left is no record, and may be no folder. */
function isDamage(error: unknown): boolean {
  return (error instanceof JournalError && error.code === 'journal_damaged') || saysOneOf(error, 'ENOTDIR', 'EISDIR')
}

function isName(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id)
}

/** An id becomes the name of a folder, and must not lead out of the journal. */
function asName(id: string): string {
  if (isName(id)) return id
  throw new JournalError('journal_failed', 'An id in a journal is of up to 64 letters, digits, "-" and "_".')
}

/** One that left, or cannot be read, is nobody. */
async function readHolder(path: string): Promise<JournalHolder | undefined> {
  try {
    const { name, process, untilMs } = JSON.parse(await readFile(path, 'utf8')) as Partial<JournalHolder>
    if (typeof name !== 'string' || typeof process !== 'string' || typeof untilMs !== 'number') return undefined
    return { name, process, untilMs }
  } catch {
    return undefined
  }
}

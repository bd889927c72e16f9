import { toJsonObject, type Journal, type JournalChange, type JournalHolder, type JournalKey } from '@longcall/core'
import type { JournalRecord, JsonObject } from '@longcall/core'
import { HintHub } from '@longcall/core/backend'
import { resolve } from 'node:path'
import { defaultDriver } from '../driver/default-driver.ts'
import type { SqliteDriver, SqliteRow } from '../driver/driver.ts'
import { ContentCodec } from '../file/content-codec.ts'
import { assertUsable, readSecrets } from '../file/file-secrets.ts'
import { assertIsPath } from '../file/open-file.ts'
import { OpenedFile, type Prepare } from '../file/opened-file.ts'
import { journalFiles } from './journal-files.ts'

/** How {@link sqliteJournal} keeps calls. */
export interface SqliteJournalOptions {
  /**
   * Encrypts what is kept of calls: references with their sessions, questions, answers, results. 32 bytes, or a
   * passphrase. A file is encrypted from its beginning or never, under one key. Servers' addresses and principals stay
   * readable.
   */
  readonly encryptionKey?: Uint8Array | string
  /** What speaks to SQLite: by default `node:sqlite` where Node has it, else `libsql`. */
  readonly driver?: SqliteDriver
}

/**
 * A client's journal in a SQLite file: several processes of this machine may share it, and writes of one tick are committed
 * together.
 *
 * The file is opened at once, and made where there is none, for its owner alone. It is no file of tasks: {@link sqlite} has
 * its own.
 *
 * @param file The path of the file. SQLite lays a `-wal` and a `-shm` beside it, which belong to it.
 * @throws {SqliteStoreError} Thrown when the file cannot be used; its `code` says why.
 */
export function sqliteJournal(file: string, options: SqliteJournalOptions = {}): Journal {
  const { driver = defaultDriver(), encryptionKey } = options
  assertIsPath(file, journalFiles, 'use memoryJournal() for calls that may be lost')
  const path = resolve(file)
  // One that is there and undefined is a mistake, such as a variable of the environment that nobody set.
  if ('encryptionKey' in options) assertUsable(encryptionKey, path, journalFiles)
  const opened = new OpenedFile(path, driver, journalFiles)
  try {
    const { contentKey } = readSecrets(opened, encryptionKey)
    return new SqliteJournal(opened, new ContentCodec(contentKey, opened))
  } catch (error) {
    opened.close()
    throw error
  }
}

class SqliteJournal implements Journal {
  readonly name: string
  readonly #file: OpenedFile
  readonly #codec: ContentCodec
  readonly #hints = new HintHub()

  constructor(file: OpenedFile, codec: ContentCodec) {
    this.name = file.path
    this.#file = file
    this.#codec = codec
  }

  get(key: JournalKey): Promise<JsonObject | undefined> {
    return this.#file.readOnce((prepare) => this.#find(prepare, key))
  }

  list(scope: string): Promise<readonly JournalRecord[]> {
    return this.#file.readOnce((prepare) => {
      const rows = prepare('SELECT id, content FROM records WHERE scope = ?').all(scope)
      return rows.map((row) => ({ id: String(row['id']), content: this.#read(row, { scope, id: String(row['id']) }) }))
    })
  }

  async edit(key: JournalKey, change: JournalChange): Promise<JsonObject | undefined> {
    const edited = await this.#file.write((): Edited => {
      try {
        return this.#edit(key, change)
      } catch (error) {
        // Only what SQLite says undoes the writes of others.
        if (this.#file.isOfSqlite(error)) throw error
        return { kind: 'threw', error }
      }
    })
    if (edited.kind === 'threw') throw edited.error
    if (edited.kind === 'changed') this.#hints.send(key.scope)
    return edited.content
  }

  watch(scope: string, hint: () => void): () => void {
    const ends = [this.#hints.watch(scope, hint), this.#file.onForeignWrite(() => hint())]
    return () => {
      for (const end of ends) end()
    }
  }

  async beat({ name, process, untilMs }: JournalHolder): Promise<void> {
    await this.#file.write(() =>
      this.#file
        .statement('INSERT OR REPLACE INTO holders (name, process, until) VALUES (?, ?, ?)')
        .run(name, process, untilMs),
    )
  }

  async leave(name: string): Promise<void> {
    await this.#file.write(() => this.#file.statement('DELETE FROM holders WHERE name = ?').run(name))
  }

  holders(): Promise<readonly JournalHolder[]> {
    return this.#file.readOnce((prepare) =>
      prepare('SELECT name, process, until FROM holders')
        .all()
        .map(({ name, process, until }) => ({
          name: String(name),
          process: String(process),
          untilMs: Number(until),
        })),
    )
  }

  async close(): Promise<void> {
    this.#hints.clear()
    this.#file.close()
  }

  #edit(key: JournalKey, change: JournalChange): Edited {
    const { scope, id } = key
    const prepare: Prepare = (sql) => this.#file.statement(sql)
    const found = this.#find(prepare, key)
    const wanted = change(found)
    if (wanted === found) return { kind: 'kept', content: found }
    if (wanted === undefined) {
      prepare('DELETE FROM records WHERE scope = ? AND id = ?').run(scope, id)
      return { kind: 'changed', content: undefined }
    }
    const content = toJsonObject(wanted, `record ${id} of the journal`)
    const written = this.#codec.write(content, placeOf(key))
    prepare('INSERT OR REPLACE INTO records (scope, id, content) VALUES (?, ?, ?)').run(scope, id, written)
    return { kind: 'changed', content }
  }

  #find(prepare: Prepare, key: JournalKey): JsonObject | undefined {
    const row = prepare('SELECT content FROM records WHERE scope = ? AND id = ?').get(key.scope, key.id)
    return row === undefined ? undefined : this.#read(row, key)
  }

  #read({ content }: SqliteRow, key: JournalKey): JsonObject {
    return toJsonObject(this.#codec.read(String(content), placeOf(key)), `record ${key.id} of the journal`)
  }
}

/** Sealed, a record can be read in its place only. */
function placeOf({ scope, id }: JournalKey): string {
  return `record ${id} of ${scope}`
}

type Edited =
  | { readonly kind: 'kept' | 'changed'; readonly content: JsonObject | undefined }
  | { readonly kind: 'threw'; readonly error: unknown }

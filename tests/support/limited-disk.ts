import type { SqliteConnection, SqliteDriver } from '@longcall/sqlite'

/** As many pages as SQLite knows. */
const endless = 4_294_967_294

/** A driver whose files may take so much room: SQLite's page limit stands in for the disk. */
export class LimitedDisk implements SqliteDriver {
  readonly name: string
  readonly #driver: SqliteDriver
  readonly #connections = new Set<SqliteConnection>()
  #isFull = false

  constructor(driver: SqliteDriver) {
    this.name = driver.name
    this.#driver = driver
  }

  open(file: string): SqliteConnection {
    const connection = this.#driver.open(file)
    this.#connections.add(connection)
    if (this.#isFull) limit(connection, 0)
    return {
      exec: (sql) => connection.exec(sql),
      prepare: (sql) => connection.prepare(sql),
      close: () => {
        this.#connections.delete(connection)
        connection.close()
      },
    }
  }

  resultCode(error: unknown): number | undefined {
    return this.#driver.resultCode(error)
  }

  /** Lets no file grow by more than this. */
  fillUp({ sparePages = 0 }: { readonly sparePages?: number } = {}): void {
    this.#isFull = true
    for (const connection of this.#connections) limit(connection, sparePages)
  }

  /** There is room again. */
  free(): void {
    this.#isFull = false
    for (const connection of this.#connections) connection.exec(`PRAGMA max_page_count = ${endless}`)
  }
}

function limit(connection: SqliteConnection, sparePages: number): void {
  const pages = Number(connection.prepare('PRAGMA page_count').get()?.['page_count'])
  // A limit of none would be no limit.
  connection.exec(`PRAGMA max_page_count = ${Math.max(1, pages + sparePages)}`)
}

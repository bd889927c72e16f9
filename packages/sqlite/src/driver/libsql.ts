import { createRequire } from 'node:module'
import type { SqliteConnection, SqliteDriver } from './driver.ts'

type Libsql = new (file: string) => SqliteConnection

/** The package `libsql`, which brings its SQLite along; `undefined` where it is not installed. */
export function libsql(): SqliteDriver | undefined {
  const Database = load()
  if (Database === undefined) return undefined
  return {
    name: 'libsql',
    open: (file) => new Database(file),
    resultCode: (error) => {
      const code = (error as { readonly rawCode?: unknown } | null)?.rawCode
      if (typeof code === 'number') return code & 0xff
      // What fails while a file is opened has its code in its words alone.
      const words = /unable to open .*: (\d+)"?\)?$/i.exec(error instanceof Error ? error.message : '')
      return words === null ? undefined : Number(words[1]) & 0xff
    },
  }
}

function load(): Libsql | undefined {
  try {
    return createRequire(import.meta.url)('libsql') as Libsql
  } catch (error) {
    // Its binary is a package of its own, which there may be none of for a platform.
    if ((error as NodeJS.ErrnoException | null)?.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

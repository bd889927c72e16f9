import type { SqliteConnection, SqliteDriver } from './driver.ts'

/** `node:sqlite`, as far as it is used here. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => SqliteConnection
}

/** The SQLite that Node brings along; `undefined` where this Node has none. It has one from 22.13 on. */
export function nodeSqlite(): SqliteDriver | undefined {
  const sqlite = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined
  if (sqlite === undefined) return undefined
  return {
    name: 'node:sqlite',
    open: (file) => new sqlite.DatabaseSync(file),
    resultCode: (error) => {
      const code = (error as { readonly errcode?: unknown } | null)?.errcode
      // Its lowest byte is the primary code.
      return typeof code === 'number' ? code & 0xff : undefined
    },
  }
}

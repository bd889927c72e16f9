// @ts-check
/** What our store is compared to: SQLite's library, and as little around it as will do. */
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { rowNumber } from './recorded-writes.mjs'

/**
 * @typedef {import('@longcall/sqlite').SqliteConnection} SqliteConnection
 * @typedef {import('@longcall/sqlite').SqliteValue} SqliteValue
 * @typedef {import('./recorded-writes.mjs').Ran} Ran
 * @typedef {<T>(run: () => T) => Promise<T>} Write
 */

/**
 * The least that a program with the same library could do.
 *
 * It writes by the very statements by which our store writes, with the same values, into the same tables, as durably. Before
 * a write it reads no more than says whether it may be done: the number of the owner's open tasks, or four columns of the
 * task. It checks nothing else, makes no JSON and no records, and tells nobody. A get reads the columns of a task as the
 * library gives them.
 *
 * @param {string} file that our store has made
 * @param {string} driver
 * @param {object} how
 * @param {import('./recorded-writes.mjs').RecordedWrites} how.written
 * @param {boolean} how.grouped commits all writes of a tick together, as ours does; else each by itself, at once
 * @returns {import('./durable-store.mjs').DurableStore}
 */
export function openBare(file, driver, { written, grouped }) {
  const connection = openLibrary(file, driver)
  connection.prepare('PRAGMA journal_mode = WAL').get()
  connection.exec('PRAGMA synchronous = FULL')
  connection.exec('PRAGMA fullfsync = ON')
  const select = connection.prepare(
    `SELECT * FROM tasks JOIN requests USING (seq) LEFT JOIN outcomes USING (seq)
      WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)`,
  )
  const guard = connection.prepare('SELECT seq, status, lease_token, lease_until FROM tasks WHERE id = ?')
  const replayed = (/** @type {readonly Ran[]} */ statements) =>
    statements.map((ran) => replay(connection, ran, written.names))
  const [create, claim, complete] = [replayed(written.create), replayed(written.claim), replayed(written.complete)]
  const write = grouped ? groupCommit(connection) : commitAlone(connection)
  return {
    create: ({ id, owner }) =>
      write(() => {
        let seq = 0
        for (const run of create) seq = run({ id, owner, seq }) || seq
      }),
    claim: (id) =>
      write(() => {
        const found = guard.get(id)
        if (found?.['status'] !== 'working' || found['lease_token'] !== null) throw new Error(`task ${id} is not free`)
        const token = randomUUID()
        for (const run of claim) run({ seq: Number(found['seq']), id, token })
        return token
      }),
    complete: (id, token) =>
      write(() => {
        const found = guard.get(id)
        if (found?.['status'] !== 'working' || found['lease_token'] !== token) throw new Error(`task ${id} is not ours`)
        for (const run of complete) run({ seq: Number(found['seq']), id, token })
      }),
    get: async (id, owner) => {
      if (select.get(id, Date.now())?.['owner'] !== owner) throw new Error(`task ${id} is not there`)
    },
    close: () => connection.close(),
  }
}

/**
 * The library itself, as its manual uses it.
 *
 * @param {string} file
 * @param {string} driver
 * @returns {SqliteConnection}
 */
function openLibrary(file, driver) {
  if (driver === 'libsql') return new (createRequire(import.meta.resolve('@longcall/sqlite'))('libsql'))(file)
  // The types are those of a Node that has no `node:sqlite`.
  const library = /** @type {any} */ (process.getBuiltinModule('node:sqlite'))
  return new library.DatabaseSync(file)
}

/**
 * A statement that was run for one task, for any; gives the number of the row that it put in.
 *
 * @param {SqliteConnection} connection
 * @param {Ran} ran
 * @param {Record<string, SqliteValue>} names
 */
function replay(connection, { sql, method, values }, names) {
  const statement = connection.prepare(sql)
  const nameOf = new Map(Object.entries(names).map(([name, value]) => [value, name]))
  const places = values.flatMap((value, index) => {
    const name = nameOf.get(value)
    return name === undefined ? [] : [{ name, index }]
  })
  return (/** @type {Record<string, SqliteValue>} */ task) => {
    const own = [...values]
    for (const { name, index } of places) own[index] = task[name] ?? null
    return rowNumber(statement[method](...own))
  }
}

/**
 * @param {SqliteConnection} connection
 * @returns {Write}
 */
function commitAlone(connection) {
  return async (run) => {
    connection.exec('BEGIN IMMEDIATE')
    const value = run()
    connection.exec('COMMIT')
    return value
  }
}

/**
 * @param {SqliteConnection} connection
 * @returns {Write}
 */
function groupCommit(connection) {
  /** @type {{ run: () => any, resolve: (value: any) => void }[]} */
  let waiting = []
  const flush = () => {
    const batch = waiting
    waiting = []
    connection.exec('BEGIN IMMEDIATE')
    const values = batch.map(({ run }) => run())
    connection.exec('COMMIT')
    for (const [index, { resolve }] of batch.entries()) resolve(values[index])
  }
  return (run) =>
    new Promise((resolve) => {
      if (waiting.push({ run, resolve }) === 1) setImmediate(flush)
    })
}

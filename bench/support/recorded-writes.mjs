// @ts-check
/** By which statements our store writes. */
import { openLongcall } from './durable-store.mjs'

/**
 * @typedef {import('@longcall/sqlite').SqliteDriver} SqliteDriver
 * @typedef {import('@longcall/sqlite').SqliteValue} SqliteValue
 *
 * @typedef {object} Ran a statement that was run
 * @property {string} sql
 * @property {'run' | 'get' | 'all'} method
 * @property {readonly SqliteValue[]} values
 *
 * @typedef {object} RecordedWrites
 * @property {{ id: string, owner: string, token: string, seq: number }} names the values that name the task
 * @property {readonly Ran[]} create
 * @property {readonly Ran[]} claim
 * @property {readonly Ran[]} complete
 */

/** What writes, and what counts the owner's open tasks, which a task is created or refused by. */
const kept = /^(INSERT|UPDATE|DELETE|SELECT count)/

/**
 * Creates, claims and completes a task with our store, and notes by which statements.
 *
 * @param {string} file which has so many tasks that the number of the next is like no other value
 * @param {SqliteDriver} driver
 * @param {import('@longcall/core').NewTask} task
 * @returns {Promise<RecordedWrites>}
 */
export async function recordWrites(file, driver, task) {
  /** @type {(Ran & { result: any })[]} */
  let log = []
  const taken = () => {
    const ran = log.filter(({ sql }) => kept.test(sql))
    log = []
    return ran
  }
  const store = openLongcall(
    file,
    recording(driver, (ran) => void log.push(ran)),
  )
  taken()
  await store.create(task)
  const create = taken()
  const token = await store.claim(task.id)
  const claim = taken()
  await store.complete(task.id, token)
  const complete = taken()
  await store.close()
  const seq = rowNumber(create.find(({ sql }) => sql.startsWith('INSERT INTO tasks'))?.result)
  if (Number.isNaN(seq) || claim.length === 0 || complete.length === 0) throw new Error('no write was noted')
  return { names: { id: task.id, owner: task.owner, token, seq }, create, claim, complete }
}

/**
 * The number of the row that a statement put in.
 *
 * @param {any} result
 */
export function rowNumber(result) {
  return Number(result?.seq ?? result?.lastInsertRowid)
}

/**
 * @param {SqliteDriver} driver
 * @param {(ran: Ran & { result: unknown }) => void} note
 * @returns {SqliteDriver}
 */
function recording(driver, note) {
  return {
    ...driver,
    open: (file) => {
      const connection = driver.open(file)
      return {
        exec: (sql) => connection.exec(sql),
        close: () => connection.close(),
        prepare: (sql) => {
          const statement = connection.prepare(sql)
          const noted =
            (/** @type {Ran['method']} */ method) =>
            (/** @type {SqliteValue[]} */ ...values) => {
              const result = /** @type {any} */ (statement[method](...values))
              note({ sql, method, values, result })
              return result
            }
          return { run: noted('run'), get: noted('get'), all: noted('all') }
        },
      }
    },
  }
}

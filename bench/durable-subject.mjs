// @ts-check
/** Tasks in a SQLite file, kept by our store or by the bare driver, and what the operations on them cost. */
import { libsql, nodeSqlite } from '@longcall/sqlite'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBare } from './support/bare-store.mjs'
import { newTask, openLongcall } from './support/durable-store.mjs'
import { measureCpu, runSome } from './support/measure.mjs'
import { recordWrites } from './support/recorded-writes.mjs'
import { beSubject, subjectOptions } from './support/subject.mjs'
import { temporaryFolder } from './support/temporary-folder.mjs'

/** Files of finished tasks; they are only read here. */
const { contender, driver: driverName, few, many } = subjectOptions()
const driver = [nodeSqlite(), libsql()].find((known) => known?.name === driverName)
if (driver === undefined) throw new Error(`no such driver: ${driverName}`)
const folder = temporaryFolder()
let made = 0

/** Clients poll the tasks that are open, and those are few. */
const polled = 64

/** So few tasks of one owner that none has too many. */
const another = () => newTask(`somebody-${Math.floor(made++ / 40)}`)

/** @param {string} file */
function copyOf(file) {
  const copy = join(folder, `${made++}.sqlite`)
  copyFileSync(file, copy)
  return copy
}

const written = contender === 'longcall' ? undefined : await recordWrites(copyOf(few), driver, another())

/**
 * @param {string} file
 * @param {number} atOnce
 */
function open(file, atOnce) {
  if (driver === undefined || written === undefined) return openLongcall(file, /** @type {any} */ (driver))
  return openBare(file, driver.name, { written, grouped: atOnce > 1 })
}

/**
 * Creates tasks, claims them and completes them, when it is told to, in a file that grows.
 *
 * @param {number} atOnce
 */
function writing(atOnce) {
  const store = open(copyOf(few), atOnce)
  /** @type {import('@longcall/core').NewTask[]} */
  let tasks = []
  /** @type {string[]} */
  const tokens = []
  const idAt = (/** @type {number} */ index) => tasks[index]?.id ?? ''
  return {
    prepare: (/** @type {number} */ count) => (tasks = Array.from({ length: count }, another)),
    create: (/** @type {number} */ index) => store.create(/** @type {any} */ (tasks[index])),
    claim: async (/** @type {number} */ index) => void (tokens[index] = await store.claim(idAt(index))),
    complete: (/** @type {number} */ index) => store.complete(idAt(index), tokens[index] ?? ''),
  }
}

/**
 * Gets tasks of a file, each so many tasks away from the one before, or the same few by turns.
 *
 * @param {string} file
 */
function reading(file) {
  const store = open(file, 1)
  const connection = /** @type {import('@longcall/sqlite').SqliteDriver} */ (driver).open(file)
  const tasks = connection.prepare('SELECT id, owner FROM tasks').all()
  connection.close()
  const getAt = (/** @type {number} */ index) => {
    const { id, owner } = tasks[(index * 7919) % tasks.length] ?? {}
    return store.get(String(id), String(owner))
  }
  return { far: getAt, polled: (/** @type {number} */ index) => getAt(index % polled) }
}

const [ofFew, ofMany] = [reading(few), reading(many)]
/** @type {Record<string, (index: number) => Promise<unknown>>} */
const gets = {
  'get, of 1,000': ofFew.polled,
  'get, of 100,000': ofMany.polled,
  'getFar, of 1,000': ofFew.far,
  'getFar, of 100,000': ofMany.far,
}
/** @type {Record<number, ReturnType<typeof writing>>} */
const writes = {}

beSubject(
  'ready',
  (/** @type {{ operation: string, atOnce: number, count: number }} */ { operation, atOnce, count }) => {
    const tasks = (writes[atOnce] ??= writing(atOnce))
    if (operation === 'create') tasks.prepare(count)
    const work = gets[operation] ?? tasks[/** @type {'create' | 'claim' | 'complete'} */ (operation)]
    return measureCpu(count, () => runSome(count, atOnce, work))
  },
)

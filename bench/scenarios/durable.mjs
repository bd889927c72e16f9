// @ts-check
/**
 * What a store in a SQLite file takes to create a task, to claim it, to complete it and to get it, beside the bare driver
 * that writes the same: see support/bare-store.mjs. Both write as durably: a write-ahead log, `synchronous = FULL`. With
 * many in flight both commit the writes of a tick together; with one, the bare driver has a transaction for each, at once.
 *
 * Writes go into a file that begins with 1,000 finished tasks. Gets are of finished tasks, of 1,000 or 100,000 in the file: `get` is
 * of the same 64 by turns, as when clients poll, `getFar` of another each time, which the disk's cache is slow to give.
 *
 * The two take turns, on the same disk. A ratio is bare/ours of one round: 1 is as fast as the driver, more is faster. With
 * one in flight the disk is waited for, so trust the CPU before the rate.
 */
import { libsql, nodeSqlite } from '@longcall/sqlite'
import { join } from 'node:path'
import { makeFinished } from '../support/durable-store.mjs'
import { spread } from '../support/measure.mjs'
import { startSubject } from '../support/subject.mjs'
import { temporaryFolder } from '../support/temporary-folder.mjs'

/** @typedef {import('../support/measure.mjs').Cost} Cost */

export const title =
  'A store in a SQLite file: CPU and rate per operation, beside the bare driver, median and quartiles'

export const together = true

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'cpu', heading: 'CPU µs' },
  { name: 'bareCpu', heading: 'bare µs' },
  { name: 'cpuRatio', heading: 'CPU bare/ours' },
  { name: 'perSecond', heading: 'per s' },
  { name: 'barePerSecond', heading: 'bare per s' },
  { name: 'timeRatio', heading: 'time bare/ours' },
]

const rounds = 15
const warmUp = 3
const atOnces = [1, 64]
const operations = [
  'create',
  'claim',
  'complete',
  'get, of 1,000',
  'get, of 100,000',
  'getFar, of 1,000',
  'getFar, of 100,000',
]
const drivers = [nodeSqlite(), libsql()].flatMap((driver) => driver ?? [])

/** @type {Record<string, { ours: boolean, beside: string }>} */
export const contenders = Object.fromEntries(
  drivers.flatMap((driver) =>
    operations.flatMap((operation) =>
      atOnces.map((atOnce) => {
        const name = nameOf(driver.name, operation, atOnce)
        return [name, { ours: true, beside: name }]
      }),
    ),
  ),
)

export async function measure() {
  const [maker] = drivers
  if (maker === undefined) throw new Error('there is no SQLite here')
  const folder = temporaryFolder()
  const files = { few: join(folder, 'few'), many: join(folder, 'many') }
  await makeFinished(files.few, maker, 1000)
  await makeFinished(files.many, maker, 100_000)
  const measured = {}
  for (const { name } of drivers) Object.assign(measured, await measureDriver(name, files))
  return measured
}

/**
 * @param {string} driver
 * @param {{ few: string, many: string }} files
 */
async function measureDriver(driver, files) {
  const start = (/** @type {string} */ contender) =>
    startSubject('durable-subject.mjs', { contender, driver, ...files })
  const [ours, bare] = [await start('longcall'), await start('bare')]
  /** @type {Record<string, { ours: Cost[], bare: Cost[] }>} */
  const costs = {}
  for (let round = -warmUp; round < rounds; round++) {
    for (const atOnce of atOnces) {
      for (const operation of operations) {
        const count = operation.startsWith('get') ? 4000 : atOnce === 1 ? 200 : 1024
        const ask = (/** @type {typeof ours} */ subject) => subject.ask({ operation, atOnce, count })
        const first = await ask(round % 2 === 0 ? ours : bare)
        const second = await ask(round % 2 === 0 ? bare : ours)
        if (round < 0) continue
        const both = (costs[nameOf(driver, operation, atOnce)] ??= { ours: [], bare: [] })
        both.ours.push(round % 2 === 0 ? first : second)
        both.bare.push(round % 2 === 0 ? second : first)
      }
    }
  }
  await Promise.all([ours.stop(), bare.stop()])
  return Object.fromEntries(Object.entries(costs).map(([name, both]) => [name, summary(both)]))
}

/** @param {{ ours: Cost[], bare: Cost[] }} costs one of each in a round */
function summary({ ours, bare }) {
  const pairs = ours.map((our, round) => /** @type {const} */ ([our, /** @type {Cost} */ (bare[round])]))
  return {
    cpu: spread(
      ours.map(({ cpuUs }) => cpuUs),
      1,
    ),
    bareCpu: spread(
      bare.map(({ cpuUs }) => cpuUs),
      1,
    ),
    cpuRatio: spread(
      pairs.map(([our, its]) => its.cpuUs / our.cpuUs),
      2,
    ),
    perSecond: spread(ours.map(({ perSecond }) => perSecond)).median,
    barePerSecond: spread(bare.map(({ perSecond }) => perSecond)).median,
    timeRatio: spread(
      pairs.map(([our, its]) => our.perSecond / its.perSecond),
      2,
    ),
  }
}

/**
 * @param {string} driver
 * @param {string} operation
 * @param {number} atOnce
 */
function nameOf(driver, operation, atOnce) {
  return `${driver}: ${operation}, ${atOnce} at once`
}

// @ts-check
/**
 * What a store in memory takes to create a task, to get one and to end one, with few tasks in it and with many. Ours and
 * the SDK's take turns.
 */
import { spread } from '../support/measure.mjs'
import { startSubject } from '../support/subject.mjs'

export const title = 'A store in memory: CPU per operation, median and quartiles'

/** They take turns, so that whatever else the machine does falls on all of them. */
export const together = true

/** A store is polled for the same few tasks; `getFar` takes another each time, which memory is slow to give. */
const operations = /** @type {const} */ (['create', 'get', 'getFar', 'end'])

/** @type {import('../run.mjs').Column[]} */
export const columns = operations.flatMap((name) => [
  { name, heading: `${name} µs`, compared: true },
  { name: `${name}PerSecond`, heading: `${name}/s` },
])

const rounds = 8
const warmUp = 2
const [presents, atOnces] = [
  [1000, 100_000],
  [1, 64],
]
const stores = ['longcall', 'SDK v1']

/** @type {Record<string, { ours: boolean, beside: string }>} */
export const contenders = Object.fromEntries(
  presents.flatMap((present) =>
    atOnces.flatMap((atOnce) =>
      stores.map((store) => [
        nameOf(store, present, atOnce),
        { ours: store === 'longcall', beside: nameOf('longcall', present, atOnce) },
      ]),
    ),
  ),
)

export async function measure() {
  const subjects = await Promise.all(stores.map((store) => startSubject('store-subject.mjs', { store })))
  /** @type {Record<string, Taken[]>} */
  const samples = {}
  for (let round = -warmUp; round < rounds; round++) {
    for (const present of presents) {
      for (const [which, store] of stores.entries()) {
        const taken = await subjects[which]?.ask({ present, atOnce: atOnces, gets: 20_000, writes: 2000 })
        if (round < 0) continue
        for (const [index, atOnce] of atOnces.entries()) {
          ;(samples[nameOf(store, present, atOnce)] ??= []).push(taken[index])
        }
      }
    }
  }
  await Promise.all(subjects.map((subject) => subject.stop()))
  return Object.fromEntries(Object.entries(samples).map(([name, taken]) => [name, summary(taken)]))
}

/** @typedef {Record<string, import('../support/measure.mjs').Cost>} Taken */

/** @param {Taken[]} taken */
function summary(taken) {
  return Object.fromEntries(
    operations.flatMap((name) => {
      const costs = taken.flatMap((sample) => sample[name] ?? [])
      const cpuUs = costs.map((cost) => cost.cpuUs)
      const perSecond = costs.map((cost) => cost.perSecond)
      return [
        [name, spread(cpuUs, 2)],
        [`${name}PerSecond`, spread(perSecond).median],
      ]
    }),
  )
}

/**
 * @param {string} store
 * @param {number} present
 * @param {number} atOnce
 */
function nameOf(store, present, atOnce) {
  return `${store}, ${present} tasks, ${atOnce} at once`
}

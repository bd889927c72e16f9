// @ts-check
/** Tasks in a SQLite file, behind the few words that a benchmark needs. */
import { createTask, openStatuses, toJsonObject } from '@longcall/core'
import { sqlite } from '@longcall/sqlite'
import { runSome } from './measure.mjs'

/**
 * @typedef {import('@longcall/core').NewTask} NewTask
 * @typedef {import('@longcall/sqlite').SqliteDriver} SqliteDriver
 *
 * @typedef {object} DurableStore
 * @property {(task: NewTask) => Promise<unknown>} create
 * @property {(id: string) => Promise<string>} claim gives the lease's token
 * @property {(id: string, token: string) => Promise<unknown>} complete
 * @property {(id: string, owner: string) => Promise<unknown>} get
 * @property {() => unknown} close
 */

const hourMs = 3_600_000
const tool = 'render'
const namespace = 'default'

/** Frozen, as a server hands them over, so that no store need copy them. */
const request = Object.freeze({ arguments: toJsonObject({ frames: 900, style: 'plain' }, 'the arguments') })
const content = [{ type: 'text', text: 'Rendered 900 frames.' }]
const ending = Object.freeze({
  status: /** @type {const} */ ('completed'),
  outcome: Object.freeze({
    kind: /** @type {const} */ ('result'),
    result: toJsonObject({ content }, 'the result'),
  }),
  retentionMs: hourMs,
})

/**
 * @param {string} owner who has 100 open ones at most
 * @returns {NewTask}
 */
export function newTask(owner) {
  return { ...createTask({ ttlMs: hourMs, owner, tool, namespace }), request }
}

/**
 * @param {string} file
 * @param {SqliteDriver} driver
 * @returns {DurableStore}
 */
export function openLongcall(file, driver) {
  const { store } = sqlite(file, { driver })
  return {
    create: async (task) => {
      const { kind } = await store.create(task, { maxOpen: 100 })
      if (kind !== 'created') throw new Error(`a task was not created: ${kind}`)
    },
    claim: async (id) => {
      const claim = await store.claim(id, { namespace, tools: [tool], leaseMs: 15_000 })
      if (claim === undefined) throw new Error(`task ${id} was not claimed`)
      return claim.token
    },
    complete: async (id, token) => {
      const { kind } = await store.end(id, ending, { from: openStatuses, token })
      if (kind !== 'written') throw new Error(`task ${id} was not completed: ${kind}`)
    },
    get: async (id, owner) => {
      if ((await store.get(id, owner)) === undefined) throw new Error(`task ${id} is not there`)
    },
    close: () => store.close(),
  }
}

/**
 * Makes a file of so many tasks that are over.
 *
 * @param {string} file
 * @param {SqliteDriver} driver
 * @param {number} count
 */
export async function makeFinished(file, driver, count) {
  const store = openLongcall(file, driver)
  await runSome(count, 500, async (index) => {
    const task = newTask(`owner-${index % 1000}`)
    await store.create(task)
    await store.complete(task.id, await store.claim(task.id))
  })
  await store.close()
}

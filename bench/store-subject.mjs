// @ts-check
/** A store of tasks in memory, and what its operations cost. */
import { createTask, MemoryStore, openStatuses } from '@longcall/core'
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks'
import { measureCpu, runSome } from './support/measure.mjs'
import { beSubject, subjectOptions } from './support/subject.mjs'

/**
 * @typedef {object} Store
 * @property {() => Promise<string>} create
 * @property {(id: string) => Promise<unknown>} get
 * @property {(id: string) => Promise<unknown>} end
 * @property {() => unknown} close
 */

const hourMs = 3_600_000
const args = { frames: 900, style: 'plain' }
const result = { content: [{ type: /** @type {const} */ ('text'), text: 'Rendered 900 frames.' }] }

/** @type {Record<string, () => Store>} */
const stores = { longcall: openLongcall, 'SDK v1': openSdkV1 }

/** @returns {Store} */
function openLongcall() {
  const store = new MemoryStore()
  const owner = 'somebody'
  return {
    create: async () => {
      const created = await store.create(createTask({ ttlMs: hourMs, owner, quota: owner, arguments: args }), {
        maxOpen: 1_000_000,
      })
      if (created.kind !== 'created') throw new Error(`a task was not created: ${created.kind}`)
      return created.task.id
    },
    get: (id) => store.get(id, owner),
    end: (id) => {
      const ending = /** @type {const} */ ({
        status: 'completed',
        outcome: { kind: 'result', result },
        retentionMs: hourMs,
      })
      return store.end(id, ending, { from: openStatuses })
    },
    close: () => store.close(),
  }
}

/** @returns {Store} */
function openSdkV1() {
  const store = new InMemoryTaskStore()
  const session = 'somebody'
  const request = { method: 'tools/call', params: { name: 'task', arguments: args } }
  return {
    create: async () => (await store.createTask({ ttl: hourMs, pollInterval: 500 }, 1, request, session)).taskId,
    get: (id) => store.getTask(id, session),
    end: (id) => store.storeTaskResult(id, 'completed', result, session),
    close: () => store.cleanup(),
  }
}

const open = stores[subjectOptions().store]
if (open === undefined) throw new Error('no such store')

/** Clients poll the tasks that are open, and those are few. */
const polled = 64

/**
 * @param {Store} store
 * @param {string[]} present
 * @param {{ atOnce: number, gets: number, writes: number }} amounts
 */
async function measureOperations(store, present, { atOnce, gets, writes }) {
  /** @type {string[]} */
  const ids = []
  // Few again and again, spread over all; and each time another, far from the one before.
  const polledId = (/** @type {number} */ index) => present[((index % polled) * 7919) % present.length] ?? ''
  const farId = (/** @type {number} */ index) => present[(index * 7919) % present.length] ?? ''
  return {
    get: await measureCpu(gets, () => runSome(gets, atOnce, (index) => store.get(polledId(index)))),
    getFar: await measureCpu(gets, () => runSome(gets, atOnce, (index) => store.get(farId(index)))),
    create: await measureCpu(writes, () => runSome(writes, atOnce, async () => void ids.push(await store.create()))),
    end: await measureCpu(writes, () => runSome(writes, atOnce, (index) => store.end(ids[index] ?? ''))),
  }
}

beSubject('ready', async (/** @type {{ present: number, atOnce: number[], gets: number, writes: number }} */ asked) => {
  const store = open()
  /** @type {string[]} */
  const present = []
  await runSome(asked.present, 1, async () => void present.push(await store.create()))
  await runSome(asked.present, 1, (index) => store.end(present[index] ?? ''))
  const taken = []
  for (const atOnce of asked.atOnce) {
    globalThis.gc?.()
    // A collection that is asked for throws compiled code away, too.
    const other = open()
    await measureOperations(other, [await other.create()], { atOnce, gets: 5000, writes: 10_000 })
    await other.close()
    taken.push(await measureOperations(store, present, { ...asked, atOnce }))
  }
  await store.close()
  return taken
})

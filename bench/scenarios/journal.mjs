// @ts-check
/** What a journal takes of each call, on a 2026-07-28 server, where every call may become a task. */
import { join } from 'node:path'
import { Client, fileJournal, memoryJournal } from '@longcall/client'
import { sqliteJournal } from '@longcall/sqlite'
import { runSome, spread } from '../support/measure.mjs'
import { startPeer } from '../support/peer.mjs'
import { temporaryFolder } from '../support/temporary-folder.mjs'

export const title = 'A journal: ms a call one by one, calls a second 32 at once'

export const together = true

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'plainAlone', heading: 'answered at once: ms' },
  { name: 'plainMany', heading: 'calls/s' },
  { name: 'taskAlone', heading: 'until the handle of a task: ms' },
  { name: 'taskMany', heading: 'calls/s' },
]

const rounds = 7
const count = { alone: 60, many: 320 }
const atOnce = 32

/** @type {Record<string, (folder: string) => import('@longcall/core').Journal | undefined>} */
const journals = {
  none: () => undefined,
  'in memory': () => memoryJournal(),
  'in files': (folder) => fileJournal(join(folder, 'calls')),
  'in SQLite': (folder) => sqliteJournal(join(folder, 'calls.db')),
}

/** @type {Record<string, { ours: boolean, beside: string }>} */
export const contenders = Object.fromEntries(
  Object.keys(journals).map((name) => [name, { ours: true, beside: 'none' }]),
)

export async function measure() {
  const peer = await startPeer({ pollIntervalMs: 60_000, push: false })
  const folder = temporaryFolder()
  const subjects = await Promise.all(
    Object.entries(journals).map(async ([name, open]) => {
      const journal = open(folder)
      const client = await Client.connect(peer.url, { era: '2026-07-28', ...(journal && { journal }) })
      await client.listTools()
      /** @type {Record<string, number[]>} */
      const measured = { plainAlone: [], plainMany: [], taskAlone: [], taskMany: [] }
      return { name, journal, client, measured }
    }),
  )
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { client, measured } of subjects) {
      const plain = () => client.callTool('greet', { name: 'Ann' })
      const task = () => client.callTool('slow', { ms: 0 }, { task: true })
      const took = {
        plainAlone: (await timed(count.alone, 1, plain)) / count.alone,
        plainMany: (count.many / (await timed(count.many, atOnce, plain))) * 1000,
        taskAlone: (await timed(count.alone, 1, task)) / count.alone,
        taskMany: (count.many / (await timed(count.many, atOnce, task))) * 1000,
      }
      if (round > 0) for (const [name, value] of Object.entries(took)) measured[name]?.push(value)
    }
  }
  for (const { client, journal } of subjects) {
    await client.close({ force: true })
    await journal?.close()
  }
  await peer.stop()
  return Object.fromEntries(
    subjects.map(({ name, measured }) => [
      name,
      Object.fromEntries(
        Object.entries(measured).map(([what, values]) => [what, spread(values, what.endsWith('Alone') ? 2 : 0)]),
      ),
    ]),
  )
}

/**
 * @param {number} times
 * @param {number} parallel
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>} milliseconds
 */
async function timed(times, parallel, work) {
  const began = performance.now()
  await runSome(times, parallel, work)
  return performance.now() - began
}

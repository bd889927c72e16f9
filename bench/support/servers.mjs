// @ts-check
/** The servers that are compared, each in a process of its own, and a client of each. */
import { RawClient } from './raw-client.mjs'
import { startSubject } from './subject.mjs'

/**
 * @typedef {object} ServerContender
 * @property {boolean} ours
 * @property {string} beside whom it is compared to
 * @property {import('./raw-client.mjs').Generation} generation
 * @property {'longcall' | 'SDK v1' | 'SDK v2'} server
 * @property {number} [tools] how many it has that nobody calls: on 2026-07-28 a server object is made for each request
 * @property {boolean} [durable] whether it keeps its tasks in a SQLite file, or in memory
 *
 * @typedef {object} Served
 * @property {RawClient} client
 * @property {(count: number, work: () => Promise<unknown>) => Promise<import('./measure.mjs').Cost>} cost what each of so
 *   many operations took of the server's CPU
 * @property {() => Promise<void>} stop
 */

/** @type {Record<string, ServerContender>} */
export const servers = {
  'longcall 2025-11-25': one('longcall', '2025-11-25'),
  'SDK v1 2025-11-25': one('SDK v1', '2025-11-25'),
  'SDK v2 2025-11-25': one('SDK v2', '2025-11-25'),
  'longcall 2026-07-28': one('longcall', '2026-07-28'),
  'SDK v2 2026-07-28': one('SDK v2', '2026-07-28'),
  'longcall 2026-07-28, 50 tools': one('longcall', '2026-07-28', 50),
  'SDK v2 2026-07-28, 50 tools': one('SDK v2', '2026-07-28', 50),
  'longcall 2025-11-25, SQLite': { ...one('longcall', '2025-11-25'), durable: true },
  'longcall 2026-07-28, SQLite': { ...one('longcall', '2026-07-28'), durable: true },
}

/**
 * @param {ServerContender['server']} server
 * @param {import('./raw-client.mjs').Generation} generation
 * @param {number} [tools]
 * @returns {ServerContender}
 */
function one(server, generation, tools = 0) {
  const beside = `longcall ${generation}${tools > 0 ? `, ${tools} tools` : ''}`
  return { ours: server === 'longcall', beside, generation, server, tools }
}

/** @param {ServerContender} contender */
export const hasTasks = ({ server }) => server !== 'SDK v2'

/**
 * @param {ServerContender} contender
 * @returns {Promise<Served>}
 */
export async function startServer({ server, generation, tools, durable }) {
  const subject = await startSubject('server-subject.mjs', { server, generation, tools, durable })
  const client = new RawClient(subject.hello, generation)
  await client.open()
  return {
    client,
    cost: async (count, work) => {
      const [cpu, began] = [await subject.ask('cpu'), performance.now()]
      await work()
      const ms = performance.now() - began
      return { cpuUs: ((await subject.ask('cpu')) - cpu) / count, perSecond: (count / ms) * 1000 }
    },
    stop: async () => {
      client.close()
      await subject.stop()
    },
  }
}

/**
 * A real server that is to be killed. It loads all that it needs, says `warm`, and waits for its order, a line of JSON; then it
 * says `listening <url>`. It ends when nobody holds its input any more.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { McpServer } from '@modelcontextprotocol/server'
import { createTasks, serveHttp } from '@longcall/server'
import { libsql, nodeSqlite, sqlite } from '@longcall/sqlite'
import { openJournal } from './journal.mjs'
import { createKiller } from './killer.mjs'
import { registerTools } from './tools.mjs'
import { watchedDriver } from './watched-driver.mjs'
import { watchReplies } from './watched-replies.mjs'
import { takeStock, watchedStore, writeHistories } from './watched-store.mjs'

/**
 * @typedef {{
 *   readonly file: string,
 *   readonly journal: string,
 *   readonly leaseMs: number,
 *   readonly concurrency: number,
 *   readonly encryptionKey?: string | undefined,
 *   readonly writesHistories: boolean,
 *   readonly kill?: import('./killer.mjs').KillOrder | undefined,
 * }} ServerOrder
 */

const input = createInterface({ input: process.stdin })
input.once('close', () => process.exit(0))
console.log('warm')
const [line] = await once(input, 'line')
const order = /** @type {ServerOrder} */ (JSON.parse(String(line)))

const journal = openJournal(order.journal)
const reach = createKiller(order.kill, journal)
const watch = { reach, journal, wires: new Map() }
const driver = nodeSqlite() ?? libsql()
if (driver === undefined) throw new Error('There is no SQLite here.')
const { store, engine } = sqlite(order.file, {
  driver: watchedDriver(driver, reach),
  concurrency: order.concurrency,
  ...(order.encryptionKey !== undefined && { encryptionKey: Buffer.from(order.encryptionKey, 'hex') }),
})
await takeStock(store, watch)
if (order.writesHistories) await writeHistories(store, journal)
journal({ kind: 'up' })
watchReplies(reach)

const tasks = createTasks({
  backend: { store: watchedStore(store, watch), engine },
  leaseMs: order.leaseMs,
  // Its client polls as often as it likes.
  pollIntervalMs: 1,
  // What ended is kept for its ttl: a day, and for brief tasks a moment.
  limits: { maxOpenPerOwner: 1_000_000, retentionMs: 0 },
  onEvent: (event) => {
    if (event.kind === 'trouble') journal({ kind: 'trouble', what: String(event.error) })
  },
})
registerTools(tasks, watch)
const endpoint = await serveHttp(() => new McpServer({ name: 'crash', version: '1.0.0' }), { tasks, port: 0 })
process.once('SIGTERM', () => {
  void endpoint.close({ graceMs: 20 }).then(() => process.exit(0))
})
console.log(`listening ${endpoint.url}`)

// @ts-check
/** Connecting and closing, over and over: on one client and on new ones, called off in the middle, closed under calls. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@longcall/client'
import { allInLanes, eventually, settledWithin } from './lanes.mjs'
import { MemoryLog } from './memory.mjs'
import { randomOf } from './random.mjs'
import { eraOf, sessionsOf, startServer } from './servers.mjs'
import { settings, ways } from './settings.mjs'

/**
 * @typedef {import('./report.mjs').Report} Report
 * @typedef {import('./settings.mjs').Way} Way
 *
 * @typedef {object} Cycle
 * @property {Client} same the client of the lane
 * @property {number} latestMs how long connecting takes at most, about
 * @property {() => number} random
 */

/** A process costs more than a session. */
const shares = { stdio: 0.1, http: 0.4 }
const lanes = { stdio: 4, http: 8 }
const samples = 12
const warmUpCycles = 40
const settledMs = 2000
/** Bytes per cycle: a client that stays behind, or its connection, is several times that. */
const heapBound = 1000
const rssBound = 30_000

/** @param {Report} report */
export async function soakReconnects(report) {
  for (const way of ways) {
    const count = Math.round(settings.reconnects * shares[way.over])
    if (count > 0) await soakWay(way, count, report)
  }
}

/**
 * @param {Way} way
 * @param {number} count
 * @param {Report} report
 */
async function soakWay(way, count, report) {
  const place = await startServer(way)
  const clients = Array.from({ length: lanes[way.over] }, () => new Client(place.target, { era: eraOf(way) }))
  const memory = new MemoryLog()
  /** @type {object[]} */
  const leaked = []
  /** @type {Map<string, number>} */
  const outcomes = new Map()
  const cycle = async (/** @type {number} */ index, /** @type {number} */ lane) => {
    const random = randomOf(settings.seed, 'reconnects', way.name, index)
    const same = /** @type {Client} */ (clients[lane])
    const [name, run] = pick(random())
    try {
      const client = random() < 0.5 ? same : same.new()
      const outcome = await run({ same: client, latestMs: way.over === 'stdio' ? 120 : 12, random })
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      assert.equal(client.isConnected, false)
      if (settings.isLeaking) leaked.push(client.new())
    } catch (error) {
      throw new Error(`cycle ${index}, ${name}: it did not end as it must`, { cause: error })
    }
  }

  await allInLanes(warmUpCycles, clients.length, cycle)
  const startedAt = performance.now()
  await memory.take(0)
  for (let sample = 0; sample < samples; sample += 1) {
    const from = Math.round((count * sample) / samples)
    const to = Math.round((count * (sample + 1)) / samples)
    await allInLanes(to - from, clients.length, (index, lane) => cycle(warmUpCycles + from + index, lane))
    await memory.take(to)
  }
  const ms = performance.now() - startedAt

  if (way.over === 'http') {
    const areEnded = await eventually(async () => (await sessionsOf(place)).used === 0)
    const { used, unused } = await sessionsOf(place)
    report.demand(areEnded, `${way.name}: ${used} sessions are open on the server`)
    // Whoever calls off before the answer never learns of the session.
    if (unused > 0) outcomes.set('sessions begun for nobody', unused)
  }
  await place.stop()
  const remark = [...outcomes].map(([name, times]) => `${times} ${name}`).join(', ')
  report.row({ what: `reconnects, ${way.name}`, count, ms, memory, heapBound, rssBound, remark })
  leaked.length = 0
}

/** @param {number} random @returns {readonly [name: string, run: (cycle: Cycle) => Promise<string>]} */
function pick(random) {
  if (random < 0.6) return ['connect and close', plain]
  if (random < 0.8) return ['called off', calledOff]
  return ['closed by force', forced]
}

/** @param {Cycle} cycle */
async function plain({ same: client, random }) {
  await client.connect()
  if (random() < 0.3) await Promise.all([client.connect(), client.connect()])
  const calls = Array.from({ length: Math.floor(random() * 4) }, (_, index) => client.callTool('measure', { index }))
  for (const [index, { data }] of (await Promise.all(calls)).entries())
    assert.deepEqual(data, { index, square: index * index })
  if (random() < 0.3) await client.listTools()
  await client.close({ force: true })
  return 'closed'
}

/** @param {Cycle} cycle */
async function calledOff({ same: client, latestMs, random }) {
  const abort = new AbortController()
  const connected = client.connect({ signal: abort.signal }).then(
    () => 'connected before it was called off',
    (/** @type {unknown} */ error) => {
      assert.equal(/** @type {{ code?: unknown }} */ (error).code, 'connect_failed')
      return 'called off'
    },
  )
  await sleep(random() * latestMs)
  abort.abort(new Error('changed my mind'))
  const outcome = await settledWithin(settledMs, connected)
  await client.close({ force: true })
  return outcome
}

/** @param {Cycle} cycle */
async function forced({ same: client }) {
  await client.connect()
  /** @type {Promise<unknown>[]} */
  const calls = []
  const begun = Array.from(
    { length: 4 },
    () =>
      new Promise((resolve, reject) => {
        const call = client.callTool('hang', {}, { onProgress: resolve }).then(
          () => assert.fail('a call that hangs was answered'),
          (/** @type {unknown} */ error) => error,
        )
        calls.push(call)
        void call.then(reject)
      }),
  )
  await Promise.all(begun)
  await client.close({ force: true })
  const errors = await settledWithin(settledMs, Promise.all(calls))
  for (const error of errors) if (/** @type {{ code?: unknown }} */ (error).code !== 'request_closed') throw error
  return 'closed by force'
}

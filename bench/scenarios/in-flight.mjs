// @ts-check
/**
 * A thousand tasks in flight on one client: what each costs in memory, whether that stays the same while they run, and
 * what is left of them when they are over and nobody holds them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { collectWarnings, mapSome, median, usedBytes } from '../support/measure.mjs'
import { startPeer } from '../support/peer.mjs'

/**
 * @typedef {import('../support/contenders.mjs').Contender} Contender
 * @typedef {import('../support/peer.mjs').Peer} Peer
 */

export const title = '1,000 tasks in flight on one client, pushed, polled every 2 s'

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'bytesPerTask', heading: 'bytes per task', compared: true },
  { name: 'growth', heading: 'the same 6 s later' },
  { name: 'leftPerTask', heading: 'left per task after 1, 2, 3 waves' },
  { name: 'warnings', heading: 'warnings' },
]

const many = 1000
const waves = 3
const samples = 5

/** @param {(url: string) => Promise<Contender>} connect */
export async function measure(connect) {
  const warnings = collectWarnings()
  const peer = await startPeer({ pollIntervalMs: 2000, push: true })
  const client = await connect(peer.url)
  await wave(client, peer, 100, 1)
  const before = await settled()

  /** @type {number[][]} */
  const inFlight = []
  /** @type {number[]} */
  const left = []
  for (let round = 0; round < waves; round++) {
    inFlight.push((await wave(client, peer, many, samples)).map((bytes) => Math.round((bytes - before) / many)))
    left.push(Math.round(((await settled()) - before) / many))
  }
  await client.close()
  await peer.stop()
  return {
    bytesPerTask: median(inFlight.flat()),
    growth: `× ${median(inFlight.map((round) => (round.at(-1) ?? 0) / (round[0] ?? 1))).toFixed(2)}`,
    leftPerTask: left.join(', '),
    warnings: warnings.length,
    inFlight,
    failed: warnings,
  }
}

/**
 * Runs so many tasks at the same time, to their end.
 *
 * @param {Contender} client
 * @param {Peer} peer
 * @param {number} count
 * @param {number} looks
 * @returns {Promise<number[]>} the memory in use at each look, while all are in flight
 */
async function wave(client, peer, count, looks) {
  const tasks = await mapSome(Array.from({ length: count }), () => client.start('hang', {}))
  const used = []
  for (let look = 0; look < looks; look++) {
    await sleep(1500)
    used.push(usedBytes())
  }
  await mapSome(tasks, ({ taskId }, index) => peer.finish(taskId, String(index)))
  const texts = await Promise.all(tasks.map(({ text }) => text))
  if (texts.some((text, index) => text !== String(index))) throw new Error('a task ended with the result of another')
  return used
}

/** The memory in use once the idle connections are closed. */
async function settled() {
  await sleep(7000)
  return usedBytes()
}

// @ts-check
/**
 * How long after a task is over its caller has the result. Tasks end at times spread over the interval between two polls,
 * each with the time of its end as its text; pushed, they all end before the first poll is due.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { mapSome, median } from '../support/measure.mjs'
import { startPeer } from '../support/peer.mjs'

export const title = 'Milliseconds from the end of a task to its result, median'

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'push', heading: 'pushed, polled every 5 s', compared: true },
  { name: 'poll', heading: 'polled every 500 ms', compared: true },
]

const tasks = 40
/** What opening the stream of pushes may take. */
const lead = 700

/** @param {(url: string) => Promise<import('../support/contenders.mjs').Contender>} connect */
export async function measure(connect) {
  const push = await delays(connect, { pollIntervalMs: 5000, push: true }, 4000)
  const poll = await delays(connect, { pollIntervalMs: 500, push: false }, 1000)
  return { push: median(push), poll: median(poll), delays: { push, poll } }
}

/**
 * @param {(url: string) => Promise<import('../support/contenders.mjs').Contender>} connect
 * @param {{ pollIntervalMs: number, push: boolean }} options
 * @param {number} spread milliseconds over which the ends of the tasks are spread
 */
async function delays(connect, options, spread) {
  const peer = await startPeer(options)
  const client = await connect(peer.url)
  const running = await mapSome(Array.from({ length: tasks }), () => client.start('hang', {}))
  const measured = running.map(async ({ taskId, text }, index) => {
    await sleep(lead + (spread * index) / tasks)
    // The way of this very request is part of the time; it is the same for all.
    await peer.finish(taskId, String(Date.now()))
    return text.then(async (endedAt) => Date.now() - Number(endedAt))
  })
  const results = await Promise.all(measured)
  await client.close()
  await peer.stop()
  return results
}

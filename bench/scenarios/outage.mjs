// @ts-check
/**
 * What a short outage costs: for two seconds every poll is answered with 503, as by a proxy whose server restarts, or its
 * connection is cut. Tasks end before, during and after; a client that takes the failed poll for the end of the task has lost
 * a result that the server keeps.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startFaultProxy } from '../../tests/support/fault-proxy.mjs'
import { mapSome, median } from '../support/measure.mjs'
import { startPeer } from '../support/peer.mjs'

export const title =
  'An outage of 2 s, polled every 500 ms: results that arrive, and milliseconds from a task’s end to them, median'

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'refused', heading: 'polls get 503' },
  { name: 'refusedDelay', heading: 'ms', compared: true },
  { name: 'cut', heading: 'connections are cut' },
  { name: 'cutDelay', heading: 'ms', compared: true },
]

const tasks = 40
const outageMs = 2000
const poll = /** @type {const} */ ({ method: 'tasks/get', direction: 'request', nth: 'every' })

/** @param {(url: string) => Promise<import('../support/contenders.mjs').Contender>} connect */
export async function measure(connect) {
  const refused = await outage(connect, { match: poll, fault: 'status', status: 503 })
  const cut = await outage(connect, { match: poll, fault: 'drop-connection' })
  return {
    refused: `${refused.length} of ${tasks}`,
    refusedDelay: refused.length === 0 ? undefined : median(refused),
    cut: `${cut.length} of ${tasks}`,
    cutDelay: cut.length === 0 ? undefined : median(cut),
    delays: { refused, cut },
    failed: [refused, cut].some(({ length }) => length < tasks) ? ['a result was lost'] : [],
  }
}

/**
 * @param {(url: string) => Promise<import('../support/contenders.mjs').Contender>} connect
 * @param {Parameters<Awaited<ReturnType<typeof startFaultProxy>>['setRules']>[0][number]} rule
 * @returns {Promise<number[]>} of each result that came, how long after the task's end
 */
async function outage(connect, rule) {
  const peer = await startPeer({ pollIntervalMs: 500, push: false })
  const proxy = await startFaultProxy(peer.url)
  const client = await connect(proxy.url)
  const running = await mapSome(Array.from({ length: tasks }), () => client.start('hang', {}))
  await sleep(1000)
  proxy.setRules([rule])
  const over = sleep(outageMs).then(() => proxy.setRules([]))
  const measured = running.map(async ({ taskId, text }, index) => {
    const came = text.then(
      (endedAt) => [Date.now() - Number(endedAt)],
      () => [],
    )
    await sleep((1.5 * outageMs * index) / tasks)
    await peer.finish(taskId, String(Date.now()))
    return Promise.race([came, sleep(longestMs).then(() => [])])
  })
  const delays = (await Promise.all(measured)).flat()
  await over
  await client.close()
  await proxy.close()
  await peer.stop()
  return delays
}

/** A result that has not come by then does not come. */
const longestMs = 20_000

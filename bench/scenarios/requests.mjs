// @ts-check
/** How many requests a task costs, from its call to its result, where the server pushes and where it only polls. */
import { mapSome } from '../support/measure.mjs'
import { startPeer } from '../support/peer.mjs'

export const title = 'Requests per task of 3 s, polled every 500 ms'

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'push', heading: 'server pushes', compared: true },
  { name: 'poll', heading: 'server does not push', compared: true },
  { name: 'methods', heading: 'by method, pushed' },
]

const tasks = 40

/** @param {(url: string) => Promise<import('../support/contenders.mjs').Contender>} connect */
export async function measure(connect) {
  const push = await count(connect, true)
  const poll = await count(connect, false)
  return {
    push: total(push),
    poll: total(poll),
    methods: Object.entries(push)
      .map(([method, requests]) => `${method} ${requests}`)
      .join(', '),
    byMethod: { push, poll },
  }
}

/**
 * @param {(url: string) => Promise<import('../support/contenders.mjs').Contender>} connect
 * @param {boolean} push
 * @returns {Promise<Record<string, number>>} requests per task, by method
 */
async function count(connect, push) {
  const peer = await startPeer({ pollIntervalMs: 500, push })
  const client = await connect(peer.url)
  const running = await mapSome(Array.from({ length: tasks }), () => client.start('slow', { ms: 3000 }))
  await Promise.all(running.map(({ text }) => text))
  /** @type {Record<string, number>} */
  const methods = {}
  for (const { kind, method } of await peer.log())
    if (kind === 'request') methods[method] = (methods[method] ?? 0) + 1 / tasks
  await client.close()
  await peer.stop()
  return Object.fromEntries(Object.entries(methods).map(([method, requests]) => [method, Number(requests.toFixed(2))]))
}

/** @param {Record<string, number>} methods */
const total = (methods) =>
  Number(
    Object.values(methods)
      .reduce((sum, requests) => sum + requests, 0)
      .toFixed(2),
  )

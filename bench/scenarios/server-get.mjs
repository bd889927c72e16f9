// @ts-check
/**
 * What `tasks/get` takes of a server's CPU, beside a call of a plain tool on the same server: of a task that has ended, and
 * of one that goes on, each polled no faster than told. Servers and operations take turns.
 */
import { runSome, spread } from '../support/measure.mjs'
import { hasTasks, servers, startServer } from '../support/servers.mjs'

export const title = 'tasks/get over HTTP: CPU of the server per request, median and quartiles'

export const together = true

export const contenders = servers

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'echo', heading: 'plain call µs', compared: true },
  { name: 'ended', heading: 'get, ended µs', compared: true },
  { name: 'working', heading: 'get, working µs', compared: true },
  { name: 'endedRatio', heading: 'plain/get, ended' },
  { name: 'workingRatio', heading: 'plain/get, working' },
]

const rounds = 20
const warmUp = 5
const perRound = 300
const atOnce = 8
/** As many as it takes for none to be polled again before its millisecond is over. */
const polled = 64

export async function measure() {
  const measured = await Promise.all(
    Object.entries(contenders).map(async ([name, contender]) => {
      const served = await startServer(contender)
      const { client } = served
      /** @type {Record<string, (index: number) => Promise<unknown>>} */
      const operations = { echo: () => client.call('echo') }
      if (hasTasks(contender)) {
        const [ended, working] = [await start(client, 'work'), await start(client, 'hang')]
        await Promise.all(ended.map((id) => client.result(id)))
        operations['ended'] = (index) => client.get(ended[index % polled] ?? '')
        operations['working'] = (index) => client.get(working[index % polled] ?? '')
      }
      /** @type {Record<string, number[]>} */
      const costs = {}
      return { name, served, operations, costs }
    }),
  )
  for (let round = -warmUp; round < rounds; round++) {
    for (const { served, operations, costs } of measured) {
      const entries = Object.entries(operations)
      for (const [name, work] of round % 2 === 0 ? entries : entries.toReversed()) {
        const { cpuUs } = await served.cost(perRound, () => runSome(perRound, atOnce, work))
        if (round >= 0) (costs[name] ??= []).push(cpuUs)
      }
    }
  }
  await Promise.all(measured.map(({ served }) => served.stop()))
  return Object.fromEntries(measured.map(({ name, costs }) => [name, summary(costs)]))
}

/**
 * @param {import('../support/raw-client.mjs').RawClient} client
 * @param {string} tool
 */
function start(client, tool) {
  return Promise.all(Array.from({ length: polled }, () => client.start(tool)))
}

/** @param {Record<string, number[]>} costs */
function summary({ echo = [], ended, working }) {
  const ratio = (/** @type {number[]} */ gets) =>
    spread(
      gets.map((get, round) => (echo[round] ?? 0) / get),
      2,
    )
  return {
    echo: spread(echo),
    ...(ended && { ended: spread(ended), endedRatio: ratio(ended) }),
    ...(working && { working: spread(working), workingRatio: ratio(working) }),
  }
}

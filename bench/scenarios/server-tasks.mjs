// @ts-check
/**
 * What a task with next to no work takes from its call to its result, beside a plain call on the same server. Servers and
 * operations take turns; the client is on the same machine, so trust the CPU before the rate. On 2026-07-28 the client polls
 * without a pause, so a task that takes longer takes more requests.
 */
import { runSome, spread } from '../support/measure.mjs'
import { hasTasks, servers, startServer } from '../support/servers.mjs'

/** @typedef {import('../support/measure.mjs').Cost} Cost */

export const title = 'Tasks over HTTP, from call to result: CPU of the server per task, median and quartiles'

export const together = true

export const contenders = Object.fromEntries(Object.entries(servers).filter(([, server]) => hasTasks(server)))

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'task', heading: 'task µs', compared: true },
  { name: 'echo', heading: 'plain call µs', compared: true },
  { name: 'ratio', heading: 'task/plain' },
  { name: 'requests', heading: 'requests per task' },
  { name: 'tasksPerSecond', heading: 'tasks/s' },
  { name: 'echoesPerSecond', heading: 'plain calls/s' },
]

const rounds = 20
const warmUp = 5
const perRound = 200
const atOnce = 16

export async function measure() {
  const measured = await Promise.all(
    Object.entries(contenders).map(async ([name, contender]) => {
      const served = await startServer(contender)
      return {
        name,
        served,
        requests: /** @type {number[]} */ ([]),
        tasks: /** @type {Cost[]} */ ([]),
        echoes: /** @type {Cost[]} */ ([]),
      }
    }),
  )
  for (let round = -warmUp; round < rounds; round++) {
    for (const { served, requests, tasks, echoes } of measured) {
      const { client } = served
      const before = client.sent
      const task = await served.cost(perRound, () =>
        runSome(perRound, atOnce, async () => client.result(await client.start('work'))),
      )
      const sent = client.sent - before
      const echo = await served.cost(perRound, () => runSome(perRound, atOnce, () => client.call('echo')))
      if (round < 0) continue
      requests.push(sent / perRound)
      tasks.push(task)
      echoes.push(echo)
    }
  }
  await Promise.all(measured.map(({ served }) => served.stop()))
  return Object.fromEntries(
    measured.map(({ name, requests, tasks, echoes }) => [
      name,
      {
        task: spread(tasks.map(({ cpuUs }) => cpuUs)),
        echo: spread(echoes.map(({ cpuUs }) => cpuUs)),
        ratio: spread(
          tasks.map(({ cpuUs }, round) => cpuUs / (echoes[round]?.cpuUs ?? 0)),
          2,
        ),
        requests: spread(requests, 1).median,
        tasksPerSecond: spread(tasks.map(({ perSecond }) => perSecond)).median,
        echoesPerSecond: spread(echoes.map(({ perSecond }) => perSecond)).median,
      },
    ]),
  )
}

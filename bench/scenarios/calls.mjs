// @ts-check
/**
 * What a plain call of a tool takes of a client: calls per second one after the other and 32 at once, and CPU of the
 * client's process per call. The server is written by hand and answers at once, so the client is most of the cost.
 *
 * Each client is a process of its own that stays connected; in a round each is measured once, in an order that turns. A
 * ratio is of one round, to the official client of the same protocol version: more calls is better, less CPU is better.
 */
import { installOtherClients } from '../support/other-clients.mjs'
import { isByOthers } from '../support/callers.mjs'
import { bareCommand, startBareHttp } from '../support/bare-server.mjs'
import { spread } from '../support/measure.mjs'
import { startSubject } from '../support/subject.mjs'
import { temporaryFolder } from '../support/temporary-folder.mjs'

/**
 * @typedef {import('../support/measure.mjs').Cost} Cost
 * @typedef {import('../support/subject.mjs').Subject} Subject
 */

export const title = 'Plain calls on a bare server: per second, and CPU of the client, median and quartiles'

export const together = true

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'alonePerSecond', heading: 'one by one: calls/s' },
  { name: 'aloneRatio', heading: '/ SDK v2' },
  { name: 'aloneCpu', heading: 'CPU µs' },
  { name: 'aloneCpuRatio', heading: '/ SDK v2' },
  { name: 'manyPerSecond', heading: '32 at once: calls/s' },
  { name: 'manyRatio', heading: '/ SDK v2' },
  { name: 'manyCpu', heading: 'CPU µs' },
  { name: 'manyCpuRatio', heading: '/ SDK v2' },
]

const rounds = 13
const warmUpCalls = 1000
const atOnce = 32

const legacy = ['SDK v2', 'longcall', 'SDK v1', '@ai-sdk/mcp', 'mcp-client']
/** What is compared with each other: to the first, which is the official client. @type {Record<string, string[]>} */
const groups = {
  stdio: legacy,
  http: legacy,
  'http 2026-07-28': ['SDK v2 2026-07-28', 'longcall 2026-07-28'],
}

/** How many calls are measured in a round, so that each takes about half a second. @type {Record<string, { alone: number, many: number }>} */
const counts = {
  stdio: { alone: 1000, many: 3200 },
  http: { alone: 400, many: 960 },
  'http 2026-07-28': { alone: 400, many: 960 },
}

/** @type {Record<string, { ours: boolean, beside: string }>} */
export const contenders = Object.fromEntries(
  Object.entries(groups).flatMap(([group, callers]) =>
    callers.map((caller) => {
      const name = nameOf(group, caller)
      return [name, { ours: caller.startsWith('longcall'), beside: name }]
    }),
  ),
)

export async function measure() {
  const others = await installOtherClients(temporaryFolder())
  const [http, modern] = [await startBareHttp('legacy'), await startBareHttp('modern')]
  const places = { stdio: bareCommand, http: http.place, 'http 2026-07-28': modern.place }
  /** @type {Record<string, object>} */
  const measured = {}
  for (const [group, callers] of Object.entries(groups)) {
    const place = places[/** @type {keyof typeof places} */ (group)]
    /** @type {{ caller: string, subject: Subject }[]} */
    const subjects = []
    for (const caller of callers) {
      if (isByOthers(caller) && 'missing' in others) measured[nameOf(group, caller)] = { skipped: others.missing }
      else {
        const installed = 'folder' in others ? { others: others.folder } : {}
        subjects.push({ caller, subject: await startSubject('call-subject.mjs', { caller, place, ...installed }) })
      }
    }
    const costs = await takeTurns(subjects, counts[group] ?? { alone: 400, many: 960 })
    await Promise.all(subjects.map(({ subject }) => subject.stop()))
    const [official] = costs
    for (const { caller, alone, many } of costs) {
      measured[nameOf(group, caller)] = {
        ...named('alone', alone, official?.alone ?? []),
        ...named('many', many, official?.many ?? []),
      }
    }
  }
  await Promise.all([http.stop(), modern.stop()])
  return measured
}

/**
 * @param {readonly { caller: string, subject: Subject }[]} subjects
 * @param {{ alone: number, many: number }} count
 */
async function takeTurns(subjects, count) {
  const costs = subjects.map(({ caller, subject }) => ({
    caller,
    subject,
    alone: /** @type {Cost[]} */ ([]),
    many: /** @type {Cost[]} */ ([]),
  }))
  for (const { subject } of costs) {
    await subject.ask({ count: warmUpCalls, atOnce: 1 })
    await subject.ask({ count: warmUpCalls, atOnce })
  }
  for (let round = 0; round < rounds; round++) {
    const first = round % costs.length
    for (const { subject, alone, many } of [...costs.slice(first), ...costs.slice(0, first)]) {
      alone.push(await subject.ask({ count: count.alone, atOnce: 1 }))
      many.push(await subject.ask({ count: count.many, atOnce }))
    }
  }
  return costs
}

/**
 * @param {string} how
 * @param {readonly Cost[]} own
 * @param {readonly Cost[]} official of the same rounds
 */
function named(how, own, official) {
  /** @param {'perSecond' | 'cpuUs'} what */
  const ratio = (what) =>
    spread(
      own.map((cost, round) => cost[what] / (official[round]?.[what] ?? Number.NaN)),
      2,
    )
  return {
    [`${how}PerSecond`]: spread(own.map(({ perSecond }) => perSecond)),
    [`${how}Ratio`]: ratio('perSecond'),
    [`${how}Cpu`]: spread(own.map(({ cpuUs }) => cpuUs)),
    [`${how}CpuRatio`]: ratio('cpuUs'),
  }
}

/**
 * @param {string} group
 * @param {string} caller
 */
function nameOf(group, caller) {
  return `${group}: ${caller}`
}

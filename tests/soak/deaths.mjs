// @ts-check
/**
 * Servers that are killed under calls, and started again: what became of each call, and how often the server ran it.
 *
 * `look` is read-only and may be run again, `add` may not. What is under way over HTTP when a server dies fails with its
 * socket; what comes to the next server in a session that it does not know is lost, or repeated.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@longcall/client'
import { settledWithin } from './lanes.mjs'
import { randomOf } from './random.mjs'
import { eraOf, startServer } from './servers.mjs'
import { settings, ways } from './settings.mjs'

/**
 * @typedef {import('./report.mjs').Report} Report
 * @typedef {import('./settings.mjs').Way} Way
 *
 * @typedef {object} Ending what became of a call
 * @property {string} call
 * @property {'look' | 'add'} tool
 * @property {string} code `answered`, or that of the error
 * @property {boolean} wasInFlight when the server died, as against sent afterwards
 */

/** A server over HTTP has to be started here, and waited for. */
const shares = { stdio: 0.3, http: 0.2 }
const callsInFlight = 12
const callsAfter = 8
/** From the death, or from the start of the next server over HTTP, until every call has settled. */
const settledMs = 5000

/** @param {Report} report */
export async function soakDeaths(report) {
  // Most of the time is spent in waiting for processes: one way over stdio and one over HTTP go along with each other.
  await Promise.all(
    ['stdio', 'http'].map(async (over) => {
      for (const way of ways) {
        const count = Math.round(settings.deaths * shares[way.over])
        if (way.over === over && count > 0) await soakWay(way, count, report)
      }
    }),
  )
}

/**
 * @param {Way} way
 * @param {number} count
 * @param {Report} report
 */
async function soakWay(way, count, report) {
  const folder = mkdtempSync(join(tmpdir(), 'longcall-soak-'))
  const journal = join(folder, 'journal')
  const env = { JOURNAL: journal, ...(way.over === 'stdio' && { HELPER: '1' }) }
  const place = await startServer(way, env)
  const client = await Client.connect(place.target, { era: eraOf(way) })
  /** @type {Ending[]} */
  const endings = []
  const startedAt = performance.now()
  let longestMs = 0
  for (let death = 0; death < count; death += 1) {
    const random = randomOf(settings.seed, 'deaths', way.name, death)
    const send = (/** @type {number} */ index, /** @type {boolean} */ wasInFlight) => {
      const tool = random() < 0.5 ? 'look' : 'add'
      return callOnce(client, { call: `${death}.${index}`, tool, wasInFlight }, Math.floor(random() * 40))
    }
    const first = Array.from({ length: callsInFlight }, (_, index) => send(index, true))
    const { pid } = /** @type {any} */ ((await client.callTool('who')).structuredContent)
    await sleep(random() * 30)
    if (way.over === 'stdio') process.kill(pid, 'SIGKILL')
    else await place.restart()
    const diedAt = performance.now()
    const second = Array.from({ length: callsAfter }, (_, index) => send(callsInFlight + index, false))
    endings.push(...(await settledWithin(settledMs, Promise.all([...first, ...second]))))
    longestMs = Math.max(longestMs, performance.now() - diedAt)
    const { structuredContent } = await client.callTool('who')
    assert.notEqual(/** @type {any} */ (structuredContent).pid, pid, 'the server was not killed')
  }
  const ms = performance.now() - startedAt
  await client.close()
  await place.stop()

  const runs = countLines(readFileSync(journal, 'utf8'))
  rmSync(folder, { recursive: true })
  for (const ending of endings) check(way, ending, runs.get(ending.call) ?? 0, report)
  report.row({
    what: `deaths, ${way.name}`,
    count,
    ms,
    remark: `${summary(endings, runs)}; ${Math.round(longestMs)} ms at most`,
  })
}

/**
 * @param {Client} client
 * @param {Omit<Ending, 'code'>} about
 * @param {number} ms that the server takes
 * @returns {Promise<Ending>}
 */
async function callOnce(client, about, ms) {
  const { call, tool } = about
  try {
    const { content } = await client.callTool(tool, { call, ms })
    assert.deepEqual(content, [{ type: 'text', text: call }])
    return { ...about, code: 'answered' }
  } catch (error) {
    return { ...about, code: String(/** @type {{ code?: unknown }} */ (error).code) }
  }
}

/**
 * @param {Way} way
 * @param {Ending} ending
 * @param {number} runs how often the server ran the call
 * @param {Report} report
 */
function check(way, { call, tool, code, wasInFlight }, runs, report) {
  const what = `${way.name}: ${tool} ${call}, ${wasInFlight ? 'under way at the death' : 'sent after it'}, ${code}`
  report.demand(tool === 'look' || runs <= 1, `${what}, and was run ${runs} times`)
  report.demand(code !== 'answered' || runs > 0, `${what}, and was never run`)
  report.demand(endingsOf(way, tool, wasInFlight).includes(code), `${what}: it must not end so`)
}

/**
 * How a call may end.
 *
 * @param {Way} way
 * @param {Ending['tool']} tool
 * @param {boolean} wasInFlight
 */
function endingsOf({ over }, tool, wasInFlight) {
  // A socket that broke says nothing of the server: neither that it has ended, nor that it forgot anything.
  if (over === 'http' && wasInFlight) return ['answered', 'request_network', 'request_stream_ended']
  return tool === 'look' ? ['answered'] : ['answered', 'request_lost']
}

/**
 * @param {readonly Ending[]} endings
 * @param {ReadonlyMap<string, number>} runs
 */
function summary(endings, runs) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const { tool, code } of endings) counts.set(`${tool} ${code}`, (counts.get(`${tool} ${code}`) ?? 0) + 1)
  const repeated = endings.filter(({ call }) => (runs.get(call) ?? 0) > 1).length
  return `${[...counts].map(([name, times]) => `${times} ${name}`).join(', ')}; ${repeated} repeated`
}

/** @param {string} text */
function countLines(text) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const line of text.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

// @ts-check
/**
 * What a program takes that starts, connects to the bare server, calls its tool once and ends: CPU of its process, without
 * that of the server, and time, from the start of the process to the answer and to its end.
 *
 * In a round each client is started once, in an order that turns. A ratio is of one round, to the official client with
 * the handshake of 2025-11-25: less is better. Which era the server speaks is given to `longcall` and `SDK v2`; those of the
 * first contact find it out.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isByOthers } from '../support/callers.mjs'
import { installOtherClients } from '../support/other-clients.mjs'
import { bareCommand, startBareHttp } from '../support/bare-server.mjs'
import { spread } from '../support/measure.mjs'
import { temporaryFolder } from '../support/temporary-folder.mjs'

/** @typedef {{ cpuMs: number, echoMs: number, wholeMs: number }} Start */

export const title = 'A program that calls one tool and ends: CPU and time, median and quartiles'

export const together = true

/** @type {import('../run.mjs').Column[]} */
export const columns = [
  { name: 'cpu', heading: 'CPU ms' },
  { name: 'cpuRatio', heading: '/ SDK v2' },
  { name: 'echo', heading: 'to the answer ms' },
  { name: 'echoRatio', heading: '/ SDK v2' },
  { name: 'whole', heading: 'to the end ms' },
]

const rounds = 11
const official = 'SDK v2'
const callers = [
  official,
  'longcall, era remembered',
  'longcall',
  'longcall, first contact',
  'SDK v2, first contact',
  'SDK v1',
  '@ai-sdk/mcp',
  'mcp-client',
  'node alone',
]
const overs = /** @type {const} */ (['stdio', 'http'])

/** @type {Record<string, { ours: boolean, beside: string }>} */
export const contenders = Object.fromEntries(
  overs.flatMap((over) =>
    callers.map((caller) => {
      const name = nameOf(over, caller)
      return [name, { ours: caller.startsWith('longcall'), beside: name }]
    }),
  ),
)

export async function measure() {
  const folder = temporaryFolder()
  const others = await installOtherClients(folder)
  const http = await startBareHttp('legacy')
  const places = { stdio: bareCommand, http: http.place }
  /** @type {Record<string, object>} */
  const measured = {}
  for (const over of overs) {
    const present = callers.filter((caller) => !isByOthers(caller) || 'folder' in others)
    const installed = 'folder' in others ? { others: others.folder } : {}
    const options = { place: places[over], eraFile: join(folder, 'eras.json'), ...installed }
    /** @type {Map<string, Start[]>} */
    const starts = new Map(present.map((caller) => [caller, []]))
    // The first of each finds nothing in the caches of the disk; ours finds no verdict.
    for (const caller of present) await startOnce({ caller, ...options })
    for (let round = 0; round < rounds; round++) {
      const first = round % present.length
      for (const caller of [...present.slice(first), ...present.slice(0, first)])
        starts.get(caller)?.push(await startOnce({ caller, ...options }))
    }
    for (const caller of callers) {
      const own = starts.get(caller)
      measured[nameOf(over, caller)] =
        own === undefined
          ? { skipped: 'missing' in others ? others.missing : '' }
          : summary(own, starts.get(official) ?? [])
    }
  }
  await http.stop()
  return measured
}

/**
 * @param {object} options
 * @returns {Promise<Start>}
 */
async function startOnce(options) {
  const script = new URL('../cold-start-subject.mjs', import.meta.url).pathname
  const began = performance.timeOrigin + performance.now()
  const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (said += chunk))
  const [code] = await once(child, 'exit')
  const endedAt = performance.timeOrigin + performance.now()
  if (!child.stdout.readableEnded) await once(child.stdout, 'end')
  if (code !== 0) throw new Error(`${JSON.stringify(options)} ended with code ${code}`)
  const { cpuMs, echoedAt } = JSON.parse(said)
  return { cpuMs, echoMs: (echoedAt ?? endedAt) - began, wholeMs: endedAt - began }
}

/**
 * @param {readonly Start[]} own
 * @param {readonly Start[]} beside of the same rounds
 */
function summary(own, beside) {
  /** @param {keyof Start} what */
  const ratio = (what) =>
    spread(
      own.map((start, round) => start[what] / (beside[round]?.[what] ?? Number.NaN)),
      2,
    )
  return {
    cpu: spread(own.map(({ cpuMs }) => cpuMs)),
    cpuRatio: ratio('cpuMs'),
    echo: spread(own.map(({ echoMs }) => echoMs)),
    echoRatio: ratio('echoMs'),
    whole: spread(own.map(({ wholeMs }) => wholeMs)),
  }
}

/**
 * @param {string} over
 * @param {string} caller
 */
function nameOf(over, caller) {
  return `${over}: ${caller}`
}

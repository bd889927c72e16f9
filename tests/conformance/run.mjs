// @ts-check
/**
 * Runs the official conformance suite against a server, each scenario at each version in a process of its own, and holds
 * the checks that pass against `expected.json`: what the SDK's own server passes, and all there is to pass of tasks.
 *
 *     run.mjs <folder of the suite> [--baseline] [scenario…]
 *
 * With `--baseline` the server is the SDK's, which has no tasks. Names of scenarios run only those.
 */
import { readFile } from 'node:fs/promises'
import { serverProcess } from './server-process.mjs'
import { openSuite } from './suite.mjs'

/**
 * @typedef {import('./suite.mjs').Run} Run
 * @typedef {import('./suite.mjs').Verdict} Verdict
 *
 * @typedef {Record<string, Record<string, number>>} Expected checks to be passed, by scenario and version
 */

/** The suite takes most of the time of a run to load; the machines of CI have two cores. */
const AT_ONCE = 2

const [home = '', ...rest] = process.argv.slice(2)
const isBaseline = rest.includes('--baseline')
const wanted = rest.filter((argument) => !argument.startsWith('--'))

/** @type {Expected} */
const expected = JSON.parse(await readFile(new URL('expected.json', import.meta.url), 'utf8'))
const suite = openSuite(home)
const all = await suite.list()
const unknown = wanted.find((name) => !all.some(({ scenario }) => scenario === name))
if (unknown !== undefined) throw new Error(`The suite has no scenario ${unknown}`)
const runs = chosen(all)

// The end of this process takes the server along, and a signal is one.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const server = await serverProcess(isBaseline ? 'baseline.mjs' : 'fixture.mjs')
let passed = 0
try {
  await inParallel(runs, async (run) => {
    const verdict = await suite.judge(run, server.url)
    const shortfall = shortfallOf(run, verdict)
    if (shortfall === undefined) passed += 1
    report(run, verdict, shortfall)
  })
} finally {
  await server.stop()
}
const missing = chosen(expectedRuns()).filter(
  (run) => !runs.some((other) => other.scenario === run.scenario && other.version === run.version),
)
for (const { scenario, version } of missing)
  console.log(`${scenario} ${version}: the suite has none such, but it is expected`)
const failed = runs.length - passed + missing.length
if (failed > 0 && server.output() !== '') console.log(`\nThe server said:\n${server.output()}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

/**
 * @param {Run[]} among
 * @returns {Run[]}
 */
function chosen(among) {
  return among
    .filter(({ scenario }) => wanted.length === 0 || wanted.includes(scenario))
    .filter(({ scenario }) => !isBaseline || !scenario.startsWith('tasks-'))
}

/** @returns {Run[]} */
function expectedRuns() {
  return Object.entries(expected).flatMap(([scenario, versions]) =>
    Object.keys(versions).map((version) => ({ scenario, version: /** @type {Run['version']} */ (version) })),
  )
}

/**
 * @param {Run} run
 * @param {Verdict} verdict
 * @returns {string | undefined} why the run does not do, or undefined
 */
function shortfallOf({ scenario, version }, { passed: checks, failed: isFailed }) {
  const least = expected[scenario]?.[version]
  if (least === undefined) return 'nothing is known of it'
  if (isFailed) return 'failed'
  return checks < least ? `expected ${least}` : undefined
}

/**
 * @param {Run} run
 * @param {Verdict} verdict
 * @param {string | undefined} shortfall
 */
function report({ scenario, version }, verdict, shortfall) {
  const counts = `${verdict.passed}/${verdict.total}`
  console.log(
    `${scenario.padEnd(48)}${version.padEnd(12)}${counts.padStart(6)}${shortfall ? `  !!! ${shortfall}` : ''}`,
  )
  if (shortfall !== undefined) for (const complaint of verdict.complaints) console.log(`    ${complaint}`)
}

/**
 * @param {Run[]} queue
 * @param {(run: Run) => Promise<void>} work
 */
async function inParallel(queue, work) {
  const left = [...queue]
  const worker = async () => {
    for (let run = left.shift(); run !== undefined; run = left.shift()) await work(run)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

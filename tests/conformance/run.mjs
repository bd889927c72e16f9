// @ts-check
/**
 * Runs the official conformance suite against a server and against the client, each scenario at each version in a process
 * of its own, and holds the checks that pass against what the SDK's own server and client pass (`expected.json`,
 * `client/expected.json`), and all there is to pass of tasks.
 *
 *     run.mjs <folder of the suite> [--server | --client | --baseline] [scenario…]
 *
 * With `--server` or `--client` only that leg is run. With `--baseline` it is the server leg, and the server is the SDK's,
 * which has no tasks. Names of scenarios run only those.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runLeg, runsOf } from './leg.mjs'
import { serverProcess } from './server-process.mjs'
import { openSuite } from './suite.mjs'

/**
 * @typedef {import('./leg.mjs').Expected} Expected
 * @typedef {import('./leg.mjs').Score} Score
 * @typedef {import('./suite.mjs').Run} Run
 */

/** What the client has not: authorization, and skills. */
const NOT_CLAIMED = /^(?:auth\/|sep-2640-client-)/

const [home = '', ...rest] = process.argv.slice(2)
const isBaseline = rest.includes('--baseline')
const wanted = rest.filter((argument) => !argument.startsWith('--'))
const suite = openSuite(home)

// The end of this process takes the server along, and a signal is one.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const ofServer = chosen(await suite.list('server')).filter(({ scenario }) => isNoTask(scenario))
const ofClient = chosen(await suite.list('client'))
const unknown = wanted.find((name) => ![...ofServer, ...ofClient].some(({ scenario }) => scenario === name))
if (unknown !== undefined) throw new Error(`The suite has no scenario ${unknown}`)

/** @type {Score[]} */
const scores = []
if (!rest.includes('--client') && (wanted.length === 0 || ofServer.length > 0)) scores.push(await serverLeg())
if (!rest.includes('--server') && !isBaseline && (wanted.length === 0 || ofClient.length > 0))
  scores.push(await clientLeg())
const isGood = scores.length > 0 && scores.every(({ passed, failed }) => passed > 0 && failed === 0)
process.exitCode = isGood ? 0 : 1

/** @returns {Promise<Score>} */
async function serverLeg() {
  const expected = await readExpected('expected.json')
  const server = await serverProcess(isBaseline ? 'baseline.mjs' : 'fixture.mjs')
  try {
    const score = await runLeg({
      title: isBaseline ? "The SDK's server" : 'The server',
      runs: ofServer,
      expectedRuns: chosen(runsOf(expected)).filter(({ scenario }) => isNoTask(scenario)),
      expected,
      judge: (run) => suite.judgeServer(run, server.url),
    })
    if (score.failed > 0 && server.output() !== '') console.log(`\nThe server said:\n${server.output()}`)
    return score
  } finally {
    await server.stop()
  }
}

/** @returns {Promise<Score>} */
async function clientLeg() {
  const expected = await readExpected('client/expected.json')
  const program = fileURLToPath(new URL('client/conformance-client.mjs', import.meta.url))
  const score = await runLeg({
    title: 'The client',
    runs: ofClient.filter(({ scenario }) => !NOT_CLAIMED.test(scenario)),
    expectedRuns: chosen(runsOf(expected)),
    expected,
    judge: (run) => suite.judgeClient(run, program),
  })
  const others = ofClient.filter(({ scenario }) => NOT_CLAIMED.test(scenario)).length
  if (others > 0) console.log(`not claimed: ${others}, of authorization (auth/*) and of skills (sep-2640-client-*)`)
  return score
}

/** @param {string} path */
async function readExpected(path) {
  return /** @type {Expected} */ (JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')))
}

/** @param {Run[]} among */
function chosen(among) {
  return among.filter(({ scenario }) => wanted.length === 0 || wanted.includes(scenario))
}

/** @param {string} scenario */
function isNoTask(scenario) {
  return !isBaseline || !scenario.startsWith('tasks-')
}

// @ts-check
/** One leg of a conformance run: each scenario at each version in a process of its own, and a table of how they went. */

/**
 * @typedef {import('./suite.mjs').Run} Run
 * @typedef {import('./suite.mjs').Verdict} Verdict
 *
 * @typedef {Record<string, Record<string, number>>} Expected checks to be passed, by scenario and version
 *
 * @typedef {object} Leg
 * @property {string} title
 * @property {Run[]} runs
 * @property {Run[]} expectedRuns
 * @property {Expected} expected
 * @property {(run: Run) => Promise<Verdict>} judge
 *
 * @typedef {{ passed: number, failed: number }} Score
 */

/** The suite takes most of the time of a run to load; the machines of CI have two cores. */
const AT_ONCE = 2

/**
 * @param {Leg} leg
 * @returns {Promise<Score>}
 */
export async function runLeg({ title, runs, expectedRuns, expected, judge }) {
  console.log(`\n${title}`)
  let passed = 0
  await inParallel(runs, async (run) => {
    const verdict = await judge(run)
    const shortfall = shortfallOf(expected[run.scenario]?.[run.version], verdict)
    if (shortfall === undefined) passed += 1
    report(run, verdict, shortfall)
  })
  const missing = expectedRuns.filter(
    (run) => !runs.some((other) => other.scenario === run.scenario && other.version === run.version),
  )
  for (const { scenario, version } of missing)
    console.log(`${scenario} ${version}: the suite has none such, but it is expected`)
  const failed = runs.length - passed + missing.length
  console.log(`${passed} passed, ${failed} failed`)
  return { passed, failed }
}

/**
 * @param {Expected} expected
 * @returns {Run[]}
 */
export function runsOf(expected) {
  return Object.entries(expected).flatMap(([scenario, versions]) =>
    Object.keys(versions).map((version) => ({ scenario, version: /** @type {Run['version']} */ (version) })),
  )
}

/**
 * @param {number | undefined} least
 * @param {Verdict} verdict
 * @returns {string | undefined} why the run does not do, or undefined
 */
function shortfallOf(least, { passed: checks, failed: isFailed }) {
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

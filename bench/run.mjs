// @ts-check
/**
 * Runs every scenario with everything that it compares, prints a table of each scenario, and keeps the numbers in
 * bench/results/. Clients are measured one after the other, each in a process of its own; servers and stores take turns.
 * Names of scenarios as arguments run only those.
 *
 * A number is worth something beside the others of its run: the ratio to ours of the same kind is printed.
 */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { promisify } from 'node:util'
import { contenders as clients } from './support/contenders.mjs'

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} heading
 * @property {boolean} [compared] a number, or a spread of numbers, shown as a ratio to ours too
 *
 * @typedef {Record<string, { ours: boolean, beside: string }>} Contenders
 */

const run = promisify(execFile)
const wanted = process.argv.slice(2)
const scenarios = [
  'calls',
  'cold-start',
  'in-flight',
  'requests',
  'completion',
  'outage',
  'store',
  'durable',
  'journal',
  'server-get',
  'server-tasks',
].filter((name) => wanted.length === 0 || wanted.includes(name))
const results = new URL('results/', import.meta.url)
await mkdir(results, { recursive: true })

for (const scenario of scenarios) {
  const { title, columns, contenders = clients, together = false } = await import(`./scenarios/${scenario}.mjs`)
  console.log(`\n${title}\n`)
  /** @type {Record<string, Record<string, any>>} */
  const measured = together ? await runOne(scenario) : {}
  for (const name of Object.keys(contenders)) {
    measured[name] ??= await measure(scenario, name, contenders)
    console.log(row(name, columns, measured, contenders))
  }
  const about = { scenario, title, at: new Date().toISOString(), node: process.version, cpus: cpus().length }
  await writeFile(new URL(`${scenario}.json`, results), `${JSON.stringify({ ...about, measured }, null, 2)}\n`)
}

/**
 * @param {string} scenario
 * @param {string} contender
 * @param {Contenders} contenders
 * @returns {Promise<Record<string, any>>}
 */
async function measure(scenario, contender, contenders) {
  try {
    return await runOne(scenario, contender)
  } catch (error) {
    // A client that cannot do it is a result; ours has to.
    if (contenders[contender]?.ours) throw error
    return { failed: String(error).split('\n').slice(0, 3).join(' ') }
  }
}

/**
 * @param {string[]} args
 * @returns {Promise<Record<string, any>>}
 */
async function runOne(...args) {
  const script = new URL('measure-one.mjs', import.meta.url).pathname
  const { stdout } = await run(process.execPath, ['--expose-gc', '--no-warnings', script, ...args], {
    timeout: 600_000,
  })
  return JSON.parse(stdout)
}

/**
 * @param {string} name
 * @param {Column[]} columns
 * @param {Record<string, Record<string, any>>} measured
 * @param {Contenders} contenders
 */
function row(name, columns, measured, contenders) {
  const own = measured[name] ?? {}
  const label = name.padEnd(Math.max(...Object.keys(contenders).map(({ length }) => length)))
  if (own['skipped'] !== undefined) return `${label}  |  skipped: ${own['skipped']}`
  const ours = measured[contenders[name]?.beside ?? name] ?? own
  const cells = columns.map(({ name: column, heading, compared }) => {
    const value = own[column]
    if (value === undefined) return `${heading}: ${own['failed'] === undefined ? '-' : 'failed'}`
    const ratio = compared && own !== ours ? ` (× ${(middle(value) / middle(ours[column])).toFixed(1)} of ours)` : ''
    return `${heading}: ${shown(value)}${ratio}`
  })
  return [label, ...cells].join('  |  ')
}

/** @param {any} value a number, or a spread of them */
function middle(value) {
  return value.median ?? value
}

/** @param {any} value */
function shown(value) {
  return value.median === undefined ? value : `${value.median} (${value.low}–${value.high})`
}

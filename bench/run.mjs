// @ts-check
/**
 * Runs every scenario with every client, each in a process of its own, prints a table of each scenario, and keeps the
 * numbers in bench/results/. Names of scenarios as arguments run only those.
 *
 * A number is worth something beside the others of its run: the ratio to our client of the same generation is printed.
 */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { promisify } from 'node:util'
import { contenders } from './support/contenders.mjs'

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} heading
 * @property {boolean} [compared] a number, shown as a ratio to ours too
 */

const run = promisify(execFile)
const wanted = process.argv.slice(2)
const scenarios = ['in-flight', 'requests', 'completion'].filter((name) => wanted.length === 0 || wanted.includes(name))
const results = new URL('results/', import.meta.url)
await mkdir(results, { recursive: true })

for (const scenario of scenarios) {
  const { title, columns } = await import(`./scenarios/${scenario}.mjs`)
  console.log(`\n${title}\n`)
  /** @type {Record<string, Record<string, any>>} */
  const measured = {}
  for (const name of Object.keys(contenders)) {
    measured[name] = await measure(scenario, name)
    console.log(row(name, columns, measured))
  }
  const about = { scenario, title, at: new Date().toISOString(), node: process.version, cpus: cpus().length }
  await writeFile(new URL(`${scenario}.json`, results), `${JSON.stringify({ ...about, measured }, null, 2)}\n`)
}

/**
 * @param {string} scenario
 * @param {string} contender
 * @returns {Promise<Record<string, any>>}
 */
async function measure(scenario, contender) {
  const script = new URL('measure-one.mjs', import.meta.url).pathname
  try {
    const { stdout } = await run(process.execPath, ['--expose-gc', '--no-warnings', script, scenario, contender], {
      timeout: 300_000,
    })
    return JSON.parse(stdout)
  } catch (error) {
    // A client that cannot do it is a result; ours has to.
    if (contenders[contender]?.ours) throw error
    return { failed: String(error).split('\n').slice(0, 3).join(' ') }
  }
}

/**
 * @param {string} name
 * @param {Column[]} columns
 * @param {Record<string, Record<string, any>>} measured
 */
function row(name, columns, measured) {
  const own = measured[name] ?? {}
  const ours = measured[`longcall ${contenders[name]?.generation}`] ?? own
  const cells = columns.map(({ name: column, heading, compared }) => {
    if (own[column] === undefined) return `${heading}: failed`
    const ratio = compared === true && own !== ours ? ` (× ${(own[column] / ours[column]).toFixed(1)} of ours)` : ''
    return `${heading}: ${own[column]}${ratio}`
  })
  return [name.padEnd(22), ...cells].join('  |  ')
}

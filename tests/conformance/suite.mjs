// @ts-check
/** The official suite as a program: what it can check, and one check of it at a time. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {'2025-11-25' | '2026-07-28' | 'extension'} Version what a scenario speaks; an extension speaks 2026-07-28
 *
 * @typedef {object} Run
 * @property {string} scenario
 * @property {Version} version
 *
 * @typedef {object} Verdict
 * @property {number} passed
 * @property {number} total what passed or failed; what was skipped, or only warned of, is in neither
 * @property {string[]} complaints of the checks that failed or warned, and of the suite itself
 * @property {boolean} failed the suite says so
 */

/**
 * The suite's client, and the servers that it gives a client, negotiate 2025-11-25 whichever older version they are asked
 * for, so that these would be the same runs, judged by an older schema.
 *
 * @type {readonly Version[]}
 */
const VERSIONS = ['2025-11-25', '2026-07-28', 'extension']

/** Longer than the longest scenario takes, several times. */
const TIMEOUT_MS = 60_000

const hooks = fileURLToPath(new URL('supply-glob-sync.mjs', import.meta.url))

/** @param {string} home the folder that the suite is installed in */
export function openSuite(home) {
  const program = join(home, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')

  /** @param {string[]} args */
  const start = (...args) =>
    new Promise((/** @type {(end: { code: number, output: string }) => void} */ resolve) => {
      const options = { timeout: TIMEOUT_MS, killSignal: /** @type {const} */ ('SIGKILL'), maxBuffer: 64 * 1024 * 1024 }
      execFile(process.execPath, ['--import', hooks, program, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : 1, output: stdout + stderr })
      })
    })

  /**
   * @param {Run} run
   * @param {string[]} args
   * @returns {Promise<Verdict & { stdout: string }>}
   */
  const judge = async ({ scenario, version }, ...args) => {
    const results = await mkdtemp(join(tmpdir(), 'conformance-'))
    try {
      const wire = version === 'extension' ? [] : ['--spec-version', version]
      const { code, output } = await start(...args, '--scenario', scenario, ...wire, '-o', results)
      const [checks, stdout] = await Promise.all([readChecks(results), readResult(results, 'stdout.txt')])
      return { ...verdictOf(checks, code, output), stdout: stdout ?? '' }
    } finally {
      await rm(results, { recursive: true })
    }
  }

  return {
    /**
     * Every scenario for servers, or for clients, at every version that it applies to.
     *
     * @param {'server' | 'client'} side
     * @returns {Promise<Run[]>}
     */
    list: async (side) => {
      const { output } = await start('list', `--${side}`)
      const lines = output.matchAll(/^ {2}- (\S+) \[(.+)\]$/gm)
      return [...lines].flatMap(([, scenario = '', applies = '']) =>
        VERSIONS.filter((version) => applies.split(',').includes(version)).map((version) => ({ scenario, version })),
      )
    },

    /**
     * @param {Run} run
     * @param {string} url
     * @returns {Promise<Verdict>}
     */
    judgeServer: (run, url) => judge(run, 'server', '--url', url),

    /**
     * Has the suite start a program as the client. It must say {@link endedWell}, since the suite forgives some an error.
     *
     * @param {Run} run
     * @param {string} script
     * @returns {Promise<Verdict>}
     */
    judgeClient: async (run, script) => {
      const command = [process.execPath, script].map((part) => JSON.stringify(part)).join(' ')
      const verdict = await judge(run, 'client', '--command', command)
      if (verdict.stdout.endsWith(`${endedWell}\n`)) return verdict
      return { ...verdict, failed: true, complaints: [...verdict.complaints, 'the client did not end well'] }
    },
  }
}

/** What a client says at the end of its process, if it ends without an error. */
export const endedWell = 'ended well'

/**
 * @param {string} results
 * @returns {Promise<{ id: string, status: string, description: string, errorMessage?: string }[] | undefined>} undefined
 *   if the scenario did not come to its end
 */
async function readChecks(results) {
  const text = await readResult(results, 'checks.json')
  return text === undefined ? undefined : JSON.parse(text)
}

/**
 * @param {string} results
 * @param {string} file
 * @returns {Promise<string | undefined>} undefined if it was not written
 */
async function readResult(results, file) {
  const [folder] = await readdir(results)
  if (folder === undefined) return undefined
  return readFile(join(results, folder, file), 'utf8').catch(() => undefined)
}

/**
 * @param {Awaited<ReturnType<typeof readChecks>>} checks
 * @param {number} code
 * @param {string} output
 * @returns {Verdict}
 */
function verdictOf(checks, code, output) {
  if (checks === undefined) {
    return { passed: 0, total: 0, failed: true, complaints: [`did not come to its end: ${output.trim().slice(-500)}`] }
  }
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length
  const failed = checks.filter(({ status }) => status === 'FAILURE').length
  const complaints = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, status, description, errorMessage }) => `${status} ${id}: ${errorMessage ?? description}`)
  if (code !== 0 && failed === 0) complaints.push(`the suite ended with an error: ${output.trim().slice(-500)}`)
  return { passed, total: passed + failed, failed: code !== 0 || failed > 0, complaints }
}

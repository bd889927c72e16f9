// @ts-check
/** What must not be left of a soak: handles, processes, warnings. */
import { execFileSync } from 'node:child_process'
import { eventually } from './lanes.mjs'
import { mark } from './servers.mjs'

/** @typedef {import('./report.mjs').Report} Report */

/** Has warnings and rejections that nobody handled reported from now on. @param {Report} report */
export function watchProcess(report) {
  process.on('warning', (warning) => report.demand(false, `a warning: ${warning.stack ?? String(warning)}`))
  process.on('unhandledRejection', (reason) => report.demand(false, `nobody handled a rejection: ${detailed(reason)}`))
  process.on('uncaughtException', (error) => report.demand(false, `nobody caught an error: ${detailed(error)}`))
}

/** All that keeps this process alive, by kind; what is just being closed is not among them. */
export function handles() {
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'CloseReq')
  return kinds.toSorted().join(', ')
}

/**
 * @param {Report} report
 * @param {string} before what {@link handles} said at the beginning
 */
export async function demandNothingLeft(report, before) {
  const isReleased = await eventually(() => handles() === before)
  report.demand(isReleased, `there are handles left: ${handles()}; at the beginning: ${before || 'none'}`)
  const areGone = await eventually(() => processes().length === 0)
  report.demand(areGone, `there are processes left:\n${processes().join('\n')}`)
}

/** Demands that the process ends by itself, now that all is done. @param {Report} report */
export function demandAnEnd(report) {
  const timer = setTimeout(() => {
    report.demand(false, `the process does not end by itself: ${handles()}`)
    process.exit(1)
  }, 5000)
  timer.unref()
}

/** Those that the soak has started, and those that they have, as ps shows them. */
function processes() {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark) && !/^\s*\d+\s+\d+\s+Z/.test(line))
}

/** @param {unknown} error */
function detailed(error) {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error)
}

/**
 * @typedef {(point: string, wire?: string) => void} Reach Says that a moment has come; it may be the last.
 *
 * @typedef {{
 *   readonly point: string,
 *   readonly wire?: string | undefined,
 *   readonly nth: number,
 * }} KillOrder Kills at a point when it is reached for the nth time, by a task of this wire or of any.
 */

/**
 * Kills this process with SIGKILL where it was told to.
 *
 * @param {KillOrder | undefined} order
 * @param {import('./journal.mjs').Journal} journal
 * @returns {Reach}
 */
export function createKiller(order, journal) {
  let times = 0
  return (point, wire) => {
    if (order === undefined || point !== order.point) return
    if (order.wire !== undefined && wire !== order.wire) return
    times += 1
    if (times === order.nth) die(journal, point, wire)
  }
}

/**
 * Nothing of this process runs after it.
 *
 * @param {import('./journal.mjs').Journal} journal
 * @param {string} point
 * @param {string | undefined} wire
 */
export function die(journal, point, wire) {
  journal({ kind: 'killed', point, wire })
  process.kill(process.pid, 'SIGKILL')
}

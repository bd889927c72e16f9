// @ts-check
/** The mortal server on @longcall/server, with a task that is kept in a file where `TASKS` names one. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createHandler, createTasks, serveStdio } from '@longcall/server'
import { sqlite } from '@longcall/sqlite'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { startHttp } from '../http-listener.mjs'
import { updateMs } from './features.mjs'
import { buildV2 } from './on-v2.mjs'

/** @typedef {import('./on-v2.mjs').Features} Features */

/**
 * @param {Features} features
 * @param {number} life
 */
export async function onPipe(features, life) {
  serveStdio(({ era }) => buildV2(features, era, true), { tasks: tasksOf(life) })
}

/**
 * @param {Features} features
 * @param {number} life
 * @param {number} port
 * @param {(message: any, session?: string) => boolean} seen
 */
export async function onPort(features, life, port, seen) {
  const handler = createHandler(({ era }) => buildV2(features, era), { tasks: tasksOf(life) })
  setInterval(() => handler.notify.resourceUpdated('note://one'), updateMs)
  /** @param {Request} request */
  const serve = async (request) => {
    const text = await request.clone().text()
    const id = request.headers.get('mcp-session-id') ?? undefined
    if (!seen(text === '' ? { method: request.method } : JSON.parse(text), id)) return new Promise(() => {})
    return handler.fetch(request)
  }
  const handle = /** @type {import('node:http').RequestListener} */ (toNodeHandler({ fetch: serve }))
  return startHttp(port, handle)
}

/** @param {number} life */
function tasksOf(life) {
  const { TASKS, DOOR = '' } = process.env
  const tasks = createTasks({
    leaseMs: 500,
    pollIntervalMs: 50,
    ...(TASKS !== undefined && { backend: sqlite(TASKS) }),
  })
  // It ends once somebody has made the file that is its door.
  tasks.registerTool('job', { onCrash: 'rerun', maxAttempts: 10 }, async (_args, { signal }) => {
    while (!existsSync(DOOR)) await sleep(10, undefined, { signal })
    return `life ${life}`
  })
  return tasks
}

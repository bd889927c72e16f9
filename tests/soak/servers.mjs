// @ts-check
/** The servers of the soak: what a client connects to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./settings.mjs').Way} Way */

const script = fileURLToPath(new URL('server/main.mjs', import.meta.url))

/** In the arguments of all processes of this soak, and of no others. */
export const mark = `longcall-soak-${process.pid}-${Date.now().toString(36)}`

/**
 * @typedef {object} Place
 * @property {import('@longcall/client').Target} target
 * @property {() => Promise<void>} restart kills the server and starts it again where it was; over stdio a client does that
 * @property {() => Promise<void>} stop
 */

/**
 * @param {Way} way
 * @param {Record<string, string>} [env]
 * @returns {Promise<Place>}
 */
export async function startServer({ over, era }, env = {}) {
  const args = [script, over, era, mark]
  if (over === 'stdio') {
    const target = { command: process.execPath, args, env, stderr: /** @type {const} */ ('inherit') }
    return { target, restart: nothing, stop: nothing }
  }
  let port = '0'
  const launch = async () => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env, PORT: port },
    })
    const kill = () => child.kill('SIGKILL')
    // A soak that fails in the middle leaves none behind.
    process.once('exit', kill)
    child.once('close', () => process.off('exit', kill))
    const [said] = await once(child.stdout, 'data')
    const url = new URL(String(said).replace('listening ', '').trim())
    port = url.port
    return { child, url }
  }
  let life = await launch()
  const stop = async () => {
    const ended = once(life.child, 'close')
    life.child.kill('SIGKILL')
    await ended
  }
  return {
    target: life.url,
    restart: async () => {
      await stop()
      life = await launch()
    },
    stop,
  }
}

/** How many sessions an HTTP server has, and of how many it heard no more after their beginning. @param {Place} place */
export async function sessionsOf({ target }) {
  const asked = get(new URL('/sessions', /** @type {URL} */ (target)), { agent: false })
  const [response] = await once(asked, 'response')
  return /** @type {{ used: number, unused: number }} */ (JSON.parse((await response.toArray()).join('')))
}

/** The era of a client for a way. @param {Way} way */
export function eraOf({ era }) {
  return era === 'modern' ? /** @type {const} */ ('2026-07-28') : /** @type {const} */ ('legacy')
}

/** There is nothing to stop. */
function nothing() {
  return Promise.resolve()
}

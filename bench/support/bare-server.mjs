// @ts-check
/** The bare server, as something that clients connect to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * @typedef {{ over: 'stdio', command: string, args: string[] } | { over: 'http', url: string }} Place where a server is
 */

const script = new URL('../bare-server.mjs', import.meta.url).pathname

/** Each client starts one of its own. @type {Place} */
export const bareCommand = { over: 'stdio', command: process.execPath, args: [script, 'stdio', 'legacy'] }

/**
 * Starts one over HTTP, for all clients.
 *
 * @param {'legacy' | 'modern'} era
 * @returns {Promise<{ place: Place, stop: () => Promise<void> }>}
 */
export async function startBareHttp(era) {
  const child = spawn(process.execPath, [script, 'http', era], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  return {
    place: { over: 'http', url: String(said).trim() },
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

// @ts-check
/** The server of a benchmark: the dual-era peer of the tests, in a process of its own, so that it shares no heap. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * @typedef {object} Peer
 * @property {string} url
 * @property {(taskId: string, text: string) => Promise<void>} finish ends a task with this text
 * @property {() => Promise<{ kind: string, method: string }[]>} log what it was asked and what it said, in order
 * @property {() => Promise<void>} stop
 */

/**
 * @param {{ pollIntervalMs: number, push: boolean }} options
 * @returns {Promise<Peer>}
 */
export async function startPeer({ pollIntervalMs, push }) {
  const script = new URL('../../tests/peers/dual-http.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, POLL_INTERVAL: String(pollIntervalMs), PUSH: push ? '1' : '0', TTL: 'null' },
  })
  const url = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('listening ')) resolve(line.slice('listening '.length))
    })
  })
  return {
    url,
    finish: async (taskId, text) => {
      const args = [taskId, { result: { content: [{ type: 'text', text }] } }]
      const reply = await fetch(new URL('/control', url), {
        method: 'POST',
        body: JSON.stringify({ action: 'finish', args }),
      })
      if (!reply.ok) throw new Error(`the server could not end task ${taskId}`)
      await reply.arrayBuffer()
    },
    log: async () => /** @type {any} */ ((await fetch(new URL('/log', url))).json()),
    stop: async () => {
      child.removeAllListeners('exit')
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

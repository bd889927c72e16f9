// @ts-check
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @typedef {{ url: string, output(): string, stop(): Promise<void> }} ServerProcess */

const READY_WITHIN_MS = 20_000

/**
 * Starts a server of this folder on a free port, and resolves when it says where it listens.
 *
 * @param {string} script
 * @returns {Promise<ServerProcess>}
 */
export async function serverProcess(script) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PORT: '0' },
  })
  let output = ''
  const ended = new Promise((resolve) => {
    child.once('close', resolve)
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const url = await new Promise((/** @type {(url: string) => void} */ resolve, reject) => {
    const late = () => reject(new Error(`${script} was not ready after ${READY_WITHIN_MS} ms:\n${output}`))
    const timer = setTimeout(late, READY_WITHIN_MS)
    const read = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString('utf8')
      const announced = /^listening (\S+)$/m.exec(output)?.[1]
      if (announced === undefined) return
      clearTimeout(timer)
      resolve(announced)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`${script} ended with code ${String(code)}:\n${output}`)))
  })
  return {
    url,
    output: () => output.replace(/^listening \S+\n/m, ''),
    stop: async () => {
      kill()
      await ended
      process.off('exit', kill)
    },
  }
}

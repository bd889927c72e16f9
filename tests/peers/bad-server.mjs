// @ts-check
/**
 * A server without an SDK that misbehaves in one chosen way, over stdio or HTTP, on either wire.
 *
 *     node bad-stdio.mjs --mode result-null [--on tasks/get] [--modern]
 *     PORT=0 node bad-http.mjs --mode silent-call
 */
import { parseArgs } from 'node:util'
import { MISBEHAVIOURS, SILENCE } from './bad/misbehaviours.mjs'
import { WellBehaved } from './bad/well-behaved.mjs'
import { readJsonBody, startHttp } from './http-listener.mjs'

/**
 * @typedef {object} BadOptions
 * @property {string} [mode] a key of MISBEHAVIOURS; default `none`
 * @property {string} [on] bend the answer to this method instead of the mode's own, which is mostly `tools/call`
 * @property {boolean} [modern] speak 2026-07-28 instead of 2025-11-25
 */

const GARBAGE = ['Starting up...', '{"level":"info","msg":"not a JSON-RPC message"}', '{ broken']

export const BAD_MODES = Object.keys(MISBEHAVIOURS)

/** @param {BadOptions} [options] */
export function createBadPeer({ mode = 'none', on, modern = false } = {}) {
  const misbehaviour = MISBEHAVIOURS[mode]
  if (misbehaviour === undefined) throw new Error(`no such mode: ${mode}; there are ${BAD_MODES.join(', ')}`)
  const { task: bendTask, answer: bendAnswer, garbage = false } = misbehaviour
  const good = new WellBehaved(modern, (task) => bendTask?.(task, modern) ?? task)
  const bentMethod = on ?? misbehaviour.on ?? 'tools/call'

  return {
    exitsAtStart: misbehaviour.exitsAtStart === true,
    /** Lines to be written before each frame. */
    noise: garbage ? GARBAGE : [],
    /**
     * @param {import('./bad/well-behaved.mjs').Message} message
     * @returns {Promise<string | undefined>} a frame, or undefined to say nothing
     */
    handle: async (message) => {
      if (message.method === undefined || message.id === undefined) return undefined
      const answer = () => good.answer(message)
      if (bendAnswer === undefined || message.method !== bentMethod) return JSON.stringify(await answer())
      const bent = await bendAnswer({ request: message, answer, createTask: (request) => good.createTask(request) })
      if (bent === SILENCE) return undefined
      return typeof bent === 'string' ? bent : JSON.stringify(bent)
    },
  }
}

/**
 * Reads the choice from the command line, `BAD_MODE` standing in for `--mode`.
 *
 * @returns {BadOptions}
 */
export function badOptionsFromCommandLine() {
  const { values } = parseArgs({
    options: { mode: { type: 'string' }, on: { type: 'string' }, modern: { type: 'boolean' } },
  })
  const mode = values.mode ?? process.env['BAD_MODE']
  return { ...values, ...(mode !== undefined && { mode }) }
}

/** Leaves as a server does that finds itself without its configuration. */
export function exitAtStart() {
  console.error('fatal: configuration not found')
  process.exit(3)
}

/**
 * Without sessions and without streams: each POST is answered with one JSON body, or not at all.
 *
 * @param {number} [port] 0 picks a free one
 * @param {BadOptions} [options]
 */
export function serveBadHttp(port = 0, options = {}) {
  const peer = createBadPeer(options)
  return startHttp(port, async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(405).end()
    const message = await readJsonBody(request)
    const frame = await peer.handle(message)
    if (frame !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end([...peer.noise, frame].join('\n'))
    } else if (message.id === undefined || message.method === undefined) {
      response.writeHead(202).end()
    }
  })
}

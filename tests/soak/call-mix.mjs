// @ts-check
/** All kinds of requests that the soak mixes, each with what must come of it. */
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'

/**
 * @typedef {import('@longcall/client').Client} Client
 *
 * @typedef {object} Turn
 * @property {Client} client
 * @property {number} index of the call
 * @property {() => number} random
 * @property {AbortSignal} lasting a signal that outlives all calls, and never aborts
 */

/**
 * Each with its share in a hundred. What rejects, or asserts, is a violation.
 *
 * @type {readonly (readonly [share: number, name: string, ask: (turn: Turn) => Promise<unknown>])[]}
 */
const mix = [
  [30, 'plain', plain],
  [10, 'lasting signal', async (turn) => plain(turn, { signal: turn.lasting })],
  [14, 'progress', progress],
  [10, 'structured', structured],
  [2, 'structured, not as promised', misfit],
  [5, 'tool error', async ({ client, index }) => refused(client.callTool('fail', { index }), 'tool_error')],
  [
    2,
    'tool error as a result',
    async ({ client, index }) => {
      const { isError } = await client.callTool('fail', { index }, { throwOnError: false })
      assert.equal(isError, true)
    },
  ],
  [2, 'unknown tool', async ({ client }) => refused(client.callTool('none'), 'rpc_error')],
  [4, 'aborted', aborted],
  [1, 'aborted at once', abortedAtOnce],
  [
    1,
    'aborted before',
    async ({ client }) => refused(client.callTool('echo', {}, { signal: over }), 'request_aborted'),
  ],
  [
    2,
    'timed out',
    async ({ client, random }) =>
      refused(client.callTool('hang', {}, { timeoutMs: 5 + Math.floor(random() * 20) }), 'request_timeout'),
  ],
  [4, 'listTools', async ({ client }) => assert.equal((await client.listTools()).length, 8)],
  [2, 'listResources', async ({ client }) => assert.equal((await client.listResources()).length, 1)],
  [1, 'listPrompts', async ({ client }) => assert.equal((await client.listPrompts()).length, 1)],
  [
    4,
    'readResource',
    async ({ client, index }) => {
      const [contents] = await client.readResource(`soak://${index}`)
      assert.equal(contents && 'text' in contents && contents.text, `contents of soak://${index}`)
    },
  ],
  [
    3,
    'getPrompt',
    async ({ client, index }) => {
      const { messages } = await client.getPrompt('hello', { who: index })
      assert.deepEqual(messages[0]?.content, { type: 'text', text: `hello ${index}` })
    },
  ],
  [
    1,
    'complete',
    async ({ client }) => {
      const { values } = await client.complete({ type: 'ref/prompt', name: 'hello' }, { name: 'who', value: 'you' })
      assert.deepEqual(values, ['you!'])
    },
  ],
  [2, 'ping', async ({ client }) => client.ping()],
]

/** Sends one of the mix, and gives its name. @param {Turn} turn */
export async function ask(turn) {
  let left = turn.random() * 100
  const [, name, send] = mix.find(([share]) => (left -= share) < 0) ?? /** @type {(typeof mix)[0]} */ (mix[0])
  try {
    await send(turn)
  } catch (error) {
    throw new Error(`call ${turn.index}, ${name}: it did not end as it must`, { cause: error })
  }
  return name
}

/**
 * @param {Turn} turn
 * @param {{ signal?: AbortSignal }} [options]
 */
async function plain({ client, index, random }, options = {}) {
  const text = `hello ${index} ${'x'.repeat(Math.floor(random() * 200))}`
  const { content } = await client.callTool('echo', { text }, options)
  assert.deepEqual(content, [{ type: 'text', text }])
}

/** @param {Turn} turn */
async function progress({ client, random }) {
  const steps = 1 + Math.floor(random() * 4)
  /** @type {number[]} */
  const heard = []
  await client.callTool('count', { steps }, { onProgress: (update) => void heard.push(update.progress ?? 0) })
  assert.deepEqual(
    heard,
    Array.from({ length: steps }, (_, step) => step + 1),
  )
}

/** @param {Turn} turn */
async function structured({ client, index }) {
  const { data, dataError } = await client.callTool('measure', { index })
  assert.equal(dataError, undefined)
  assert.deepEqual(data, { index, square: index * index })
}

/** @param {Turn} turn */
async function misfit({ client, index }) {
  const { data, dataError } = await client.callTool('measure', { index, isWrong: true })
  assert.equal(data, undefined)
  assert.equal(dataError?.name, 'DataError')
}

/** Once it has begun on the server. @param {Turn} turn */
async function aborted({ client }) {
  const abort = new AbortController()
  const call = client.callTool('hang', {}, { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) })
  await refused(call, 'request_aborted')
}

/** While it is on its way, or even before. @param {Turn} turn */
async function abortedAtOnce({ client, random }) {
  const abort = new AbortController()
  const call = refused(client.callTool('hang', {}, { signal: abort.signal }), 'request_aborted')
  if (random() < 0.5) await setImmediate()
  abort.abort()
  await call
}

/**
 * @param {Promise<unknown>} call
 * @param {string} code
 */
async function refused(call, code) {
  const error = await call.then(
    () => assert.fail(`it was answered, and not refused with ${code}`),
    (/** @type {unknown} */ thrown) => thrown,
  )
  if (/** @type {{ code?: unknown }} */ (error).code !== code) throw error
}

const over = AbortSignal.abort(new Error('it is over'))

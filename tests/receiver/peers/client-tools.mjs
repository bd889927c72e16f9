// @ts-check
/** Tools for a client to try, one for each thing that can happen to a call. What waits, waits for a call of `open`. */
import { setMaxListeners } from 'node:events'
import { createTasks, RpcError } from '@longcall/server'
import { z } from 'zod'

/** @param {import('@longcall/server').TasksOptions} [options] */
export function createClientTools(options = {}) {
  const tasks = createTasks({ pollIntervalMs: 20, ...options })
  const doors = new Doors()

  tasks.registerTool('open', { inputSchema: z.object({ door: z.string() }), task: 'forbidden' }, ({ door }) => {
    doors.open(door)
    return 'opened'
  })
  tasks.registerTool('wait', { inputSchema: z.object({ door: z.string() }) }, async ({ door }, { signal }) => {
    await doors.wait(door, signal)
    return `through ${door}`
  })
  tasks.registerTool('echo', { inputSchema: z.object({ n: z.number() }) }, ({ n }) => `echo ${n}`)
  tasks.registerTool('ask', {}, async (_args, context) => {
    const { content, action } = await context.elicit(nameForm('name?'))
    return `hello ${String(content?.['name'] ?? action)}`
  })
  tasks.registerTool('two', {}, async (_args, context) => {
    const answers = await Promise.all(['first?', 'last?'].map((message) => context.elicit(nameForm(message))))
    return answers.map(({ content, action }) => content?.['name'] ?? action).join(' ')
  })
  tasks.registerTool('steps', {}, async (_args, { progress, signal }) => {
    for (const step of [1, 2, 3]) {
      progress(step, 3, `step ${step} of 3`)
      await doors.wait(`step ${step} of 3`, signal)
    }
    return 'stepped'
  })
  tasks.registerTool('refuse', {}, () => ({
    content: [{ type: 'text', text: 'disk full: 42 bytes left' }],
    isError: true,
  }))
  tasks.registerTool('break', {}, () => {
    throw new RpcError(-32_050, 'kaboom', { where: 'worker-3' })
  })
  return tasks
}

/** Doors that are shut until somebody opens them; one may be opened before anybody stands at it. */
class Doors {
  /** @type {Map<string, Door>} */
  #doors = new Map()

  /** @param {string} name */
  open(name) {
    this.#door(name).resolve()
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  wait(name, signal) {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      void this.#door(name).opened.then(() => resolve())
    })
  }

  /** @param {string} name */
  #door(name) {
    const known = this.#doors.get(name)
    if (known !== undefined) return known
    const gate = new AbortController()
    // Any number of bodies may stand at it.
    setMaxListeners(0, gate.signal)
    const opened = new Promise((done) => {
      gate.signal.addEventListener('abort', done, { once: true })
    })
    const door = { opened, resolve: () => gate.abort() }
    this.#doors.set(name, door)
    return door
  }
}

/** @typedef {{ readonly opened: Promise<unknown>, readonly resolve: () => void }} Door */

/** @param {string} message */
const nameForm = (message) => ({
  message,
  requestedSchema: {
    type: /** @type {const} */ ('object'),
    properties: { name: { type: /** @type {const} */ ('string') } },
    required: ['name'],
  },
})

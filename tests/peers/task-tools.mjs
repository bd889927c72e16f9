// @ts-check
/**
 * A server of ours whose tools do what the test writes into their arguments, step by step. The steps wait at named doors,
 * which the test opens by calling a tool: so it has the bodies in its hand on every transport, a process of its own included.
 */
import { setMaxListeners } from 'node:events'
import { createTasks, RpcError } from '@longcall/server'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/**
 * @typedef {import('@longcall/server').Tasks} Tasks
 * @typedef {import('@longcall/server').TasksOptions} TasksOptions
 * @typedef {import('@longcall/server').ToolContext} ToolContext
 */

/**
 * One thing that a body does.
 *
 * @typedef {{ readonly wait: string, readonly deaf?: boolean }
 *   | { readonly ask: string | readonly string[], readonly key?: string, readonly until?: string }
 *   | { readonly sample: string } | { readonly visit: string } | { readonly roots: true }
 *   | { readonly say: string } | { readonly log: string }
 *   | { readonly progress: readonly [number, number?, string?] }
 *   | { readonly throw: string } | { readonly rpc: { readonly code: number, readonly message: string, readonly data?: unknown } }
 *   | { readonly return: Readonly<Record<string, unknown>> }} Step
 */

/** Doors that are shut until somebody opens them; one may be opened before anybody stands at it. */
class Doors {
  /** @type {Map<string, AbortController>} */
  #doors = new Map()

  /** @param {string} name */
  open(name) {
    this.#door(name).abort()
  }

  /** @param {string} name */
  signal(name) {
    return this.#door(name).signal
  }

  /**
   * @param {string} name
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  wait(name, signal) {
    const open = this.signal(name)
    return new Promise((resolve, reject) => {
      if (open.aborted) return resolve()
      open.addEventListener('abort', () => resolve(), { once: true })
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }

  /** @param {string} name */
  #door(name) {
    const known = this.#doors.get(name)
    if (known !== undefined) return known
    const door = new AbortController()
    // Any number of bodies may stand at it.
    setMaxListeners(0, door.signal)
    this.#doors.set(name, door)
    return door
  }
}

/** @param {string} said */
const text = (said) => ({ content: [{ type: /** @type {const} */ ('text'), text: said }] })

/** @param {string} message */
const nameForm = (message) => ({
  message,
  requestedSchema: {
    type: /** @type {const} */ ('object'),
    properties: { name: { type: /** @type {const} */ ('string') } },
    required: ['name'],
  },
})

/**
 * @param {TasksOptions} [options]
 * @param {{ readonly only?: readonly string[] }} [settings] Which of the task tools there are; all by default.
 */
export function createTaskTools(options = {}, { only } = {}) {
  const tasks = createTasks({ pollIntervalMs: 20, ...options })
  const doors = new Doors()
  /** What bodies noticed, in order. @type {string[]} */
  const noted = []

  /**
   * @param {Step} step
   * @param {ToolContext} ctx
   * @returns {Promise<unknown>}
   */
  const take = async (step, ctx) => {
    if ('wait' in step) return doors.wait(step.wait, step.deaf === true ? undefined : ctx.signal)
    if ('ask' in step) {
      const how = {
        ...(step.key !== undefined && { key: step.key }),
        ...(step.until !== undefined && { signal: doors.signal(step.until) }),
      }
      const asked = [step.ask].flat().map((message) => answered(ctx, ctx.elicit(nameForm(message), how)))
      return typeof step.ask === 'string' ? asked[0] : Promise.all(asked)
    }
    if ('sample' in step) {
      const messages = [
        { role: /** @type {const} */ ('user'), content: { type: /** @type {const} */ ('text'), text: step.sample } },
      ]
      return answered(ctx, ctx.createMessage({ messages, maxTokens: 100 }))
    }
    if ('visit' in step) {
      return answered(ctx, ctx.elicit({ mode: 'url', message: 'Sign in', url: step.visit, elicitationId: 'e1' }))
    }
    if ('roots' in step) return answered(ctx, ctx.listRoots())
    if ('say' in step) return ctx.updateStatus(step.say)
    if ('log' in step) return ctx.log('info', step.log)
    if ('progress' in step) return ctx.progress(...step.progress)
    if ('throw' in step) throw new Error(step.throw)
    if ('rpc' in step) throw new RpcError(step.rpc.code, step.rpc.message, step.rpc.data)
    throw new Error(`no such step: ${JSON.stringify(step)}`)
  }

  /**
   * @param {{ readonly steps: readonly Step[] }} args
   * @param {ToolContext} ctx
   */
  const play = async ({ steps }, ctx) => {
    noted.push('started')
    ctx.signal.addEventListener('abort', () => noted.push('aborted'), { once: true })
    const answers = []
    for (const step of steps) {
      if ('return' in step) return /** @type {import('@modelcontextprotocol/server').CallToolResult} */ (step.return)
      const answer = await take(step, ctx)
      if (answer !== undefined) answers.push(answer)
    }
    noted.push('ended')
    return answers.length === 0 ? 'done' : JSON.stringify(answers)
  }

  const inputSchema = z.object({ steps: z.array(/** @type {z.ZodType<Step>} */ (z.unknown())).default([]) })
  /** @type {[string, Omit<import('@longcall/server').ToolConfig, 'inputSchema' | 'outputSchema' | 'prepare'>][]} */
  const kinds = [
    ['play', {}],
    ['must_play', { task: 'required', immediateResponse: 'It has begun.' }],
    ['never_play', { task: 'forbidden' }],
    ['slowly_polled', { pollIntervalMs: 30_000, ttlMs: 120_000 }],
  ]
  for (const [name, config] of kinds) {
    if (only?.includes(name) ?? true) tasks.registerTool(name, { ...config, inputSchema }, play)
  }

  const factory = () => {
    const server = new McpServer({ name: 'task-tools', version: '1.0.0' }, { capabilities: { logging: {} } })
    server.registerTool('open', { inputSchema: z.object({ door: z.string() }) }, ({ door }) => {
      doors.open(door)
      return text('open')
    })
    server.registerTool('noted', {}, () => text(JSON.stringify(noted)))
    server.registerPrompt('greeting', {}, () => ({
      messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
    }))
    return server
  }
  return { tasks, factory, doors, noted }
}

/**
 * What was answered, or the error that came instead; what ends the body goes through.
 *
 * @param {ToolContext} ctx
 * @param {Promise<unknown>} answer
 */
async function answered(ctx, answer) {
  try {
    return await answer
  } catch (error) {
    if (ctx.signal.aborted || !(error instanceof Error)) throw error
    return { error: error instanceof RpcError ? error.rpcError : { message: error.message } }
  }
}

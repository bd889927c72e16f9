import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { die } from './killer.mjs'

/**
 * What a task of these tests does: steps that take some time, and after some of them a question, or two at once.
 *
 * @typedef {{
 *   readonly label: string,
 *   readonly wire: string,
 *   readonly steps: readonly number[],
 *   readonly questions: Readonly<Record<string, number>>,
 * }} Plan
 *
 * @typedef {import('@longcall/server').ToolContext} ToolContext
 */

const inputSchema = z.object({
  label: z.string(),
  wire: z.string(),
  steps: z.array(z.number()),
  questions: z.record(z.string(), z.number()),
})

/** How long a brief task is kept at least, from its creation. */
export const briefMs = 400

/**
 * `patient` may run any number of times, `thrice` three times, `once` once; `brief` tasks are soon forgotten; `poison` kills
 * its process.
 *
 * @param {import('@longcall/server').Tasks} tasks
 * @param {{ readonly reach: import('./killer.mjs').Reach, readonly journal: import('./journal.mjs').Journal }} watch
 */
export function registerTools(tasks, watch) {
  const patient = /** @type {const} */ ({ onCrash: 'rerun', maxAttempts: 1_000_000 })
  const tools = {
    patient,
    thrice: /** @type {const} */ ({ onCrash: 'rerun', maxAttempts: 3 }),
    once: /** @type {const} */ ({ onCrash: 'fail' }),
    brief: { ...patient, ttlMs: briefMs },
  }
  for (const [name, config] of Object.entries(tools)) {
    tasks.registerTool(name, { ...config, inputSchema }, (plan, ctx) => work(name, plan, ctx, watch))
  }
  tasks.registerTool('poison', { ...tools.thrice, inputSchema }, async ({ wire }, { taskId = '', attempt }) => {
    watch.journal({ kind: 'body', task: taskId, tool: 'poison', attempt })
    // Long enough for its id to reach the client, mostly.
    await sleep(50)
    die(watch.journal, 'poison', wire)
    return 'It lived.'
  })
}

/**
 * @param {string} tool
 * @param {Plan} plan
 * @param {ToolContext} ctx
 * @param {Parameters<typeof registerTools>[1]} watch
 */
async function work(tool, { label, wire, steps, questions }, ctx, { reach, journal }) {
  const { taskId: task = '', attempt, signal } = ctx
  journal({ kind: 'body', task, tool, attempt })
  const values = []
  /** @type {Record<string, string>} */
  const answers = {}
  for (const [step, ms] of steps.entries()) {
    ctx.updateStatus(`step ${step}`)
    const value = await ctx.step('work', async () => {
      const ran = { step, token: `${process.pid}.${crypto.randomUUID()}` }
      journal({ kind: 'ran', task, value: ran })
      reach('step', wire)
      await sleep(ms, undefined, { signal })
      return ran
    })
    journal({ kind: 'kept', task, value })
    values.push(value)
    const count = questions[step] ?? 0
    const asking = Array.from({ length: count }, async (_, place) => {
      const words = `${label}, after step ${step}, question ${place}`
      // Those that are open at once have keys, the others are known by their place.
      answers[words] = await ask(words, ctx, count > 1 ? { key: `${step}-${place}` } : {})
      journal({ kind: 'told', task, words, answer: answers[words] })
      reach('told', wire)
    })
    await Promise.all(asking)
  }
  return JSON.stringify({ label, values, answers })
}

/**
 * @param {string} message
 * @param {ToolContext} ctx
 * @param {{ readonly key?: string }} options
 */
async function ask(message, ctx, options) {
  const { content } = await ctx.elicit(
    {
      message,
      requestedSchema: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
    },
    options,
  )
  return String(content?.['answer'])
}

// @ts-check
/** Tools that ask their caller, plainly and in a way that lets it answer in a task of its own. */
import { createTasks } from '@longcall/server'
import { z } from 'zod'

/** The form that asks for a name. */
const form = /** @type {const} */ ({
  message: 'Who are you?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
})

/** @param {import('@longcall/server').TasksOptions} [options] */
export function createAskingTools(options = {}) {
  const tasks = createTasks({ name: 'asking', pollIntervalMs: 20, ...options })
  const rerun = /** @type {const} */ ({ onCrash: 'rerun' })
  tasks.registerTool('name_plainly', rerun, async (_args, ctx) => greeting(await ctx.elicit(form)))
  tasks.registerTool('name_as_task', rerun, async (_args, ctx) => greeting(await ctx.elicit(form, { task: true })))
  tasks.registerTool('poem_as_task', rerun, async (_args, ctx) => {
    const messages = [
      { role: /** @type {const} */ ('user'), content: { type: /** @type {const} */ ('text'), text: 'A poem.' } },
    ]
    const { content } = await ctx.createMessage({ messages, maxTokens: 100 }, { task: { ttlMs: 60_000 }, key: 'poem' })
    return content.type === 'text' ? content.text : 'no text'
  })
  tasks.registerTool('both_at_once', rerun, async (_args, ctx) => {
    const answers = await Promise.all([
      ctx.elicit({ ...form, message: 'As a task?' }, { task: true, key: 'task' }),
      ctx.elicit({ ...form, message: 'Plainly?' }, { key: 'plain' }),
    ])
    return answers.map(greeting).join(', ')
  })
  tasks.registerTool(
    'name_before_the_task',
    {
      ...rerun,
      inputSchema: z.object({ greeting: z.string().optional() }),
      prepare: async (_args, ctx) => {
        const plain = greeting(await ctx.elicit(form, { key: 'plain' }))
        const { content } = await ctx.elicit(form, { key: 'task', task: true })
        return { greeting: `${plain} and ${String(content?.['name'])}` }
      },
    },
    async (args) => args.greeting ?? '',
  )
  tasks.registerTool('name_in_time', rerun, async (_args, ctx) => {
    try {
      return greeting(await ctx.elicit(form, { task: true, timeoutMs: 500 }))
    } catch (error) {
      return `gave up: ${/** @type {{ code: string }} */ (error).code}`
    }
  })
  tasks.registerTool('what_went_wrong', rerun, async (_args, ctx) => {
    try {
      return greeting(await ctx.elicit(form, { task: true }))
    } catch (error) {
      const { rpcError } = /** @type {import('@longcall/server').RpcError} */ (error)
      return JSON.stringify(rpcError)
    }
  })
  return tasks
}

/** @param {{ action: string, content?: Record<string, unknown> | undefined }} answer */
function greeting({ action, content }) {
  return action === 'accept' ? `hello ${String(content?.['name'])}` : action
}

// @ts-check
/** The tools that the suite's scenarios of tasks (SEP-2663) ask for. */
import { RpcError } from '@longcall/server'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const FAILS_AFTER_MS = 1000

/** @param {string} message */
const confirmation = (message) => ({
  message,
  requestedSchema: {
    type: /** @type {const} */ ('object'),
    properties: { confirm: { type: /** @type {const} */ ('boolean') } },
    required: ['confirm'],
  },
})

/** @param {string} message */
const nameForm = (message) => ({
  message,
  requestedSchema: {
    type: /** @type {const} */ ('object'),
    properties: { name: { type: /** @type {const} */ ('string') } },
    required: ['name'],
  },
})

/** @param {import('@longcall/server').Tasks} tasks */
export function registerTaskTools(tasks) {
  tasks.registerTool(
    'greet',
    { description: 'Greets at once', task: 'forbidden', inputSchema: z.object({ name: z.string() }) },
    async ({ name }) => `Hello, ${name}!`,
  )
  tasks.registerTool(
    'slow_compute',
    { description: 'Takes its time', inputSchema: z.object({ seconds: z.number(), label: z.string().optional() }) },
    async ({ seconds, label }, { signal }) => {
      await sleep(seconds * 1000, undefined, { signal })
      return `Computed ${label ?? 'it'}`
    },
  )
  tasks.registerTool(
    'failing_job',
    { description: 'Ends with an error of its own', task: 'required' },
    async (_args, { signal }) => {
      await sleep(FAILS_AFTER_MS, undefined, { signal })
      return { content: [{ type: 'text', text: 'The job went wrong' }], isError: true }
    },
  )
  tasks.registerTool('protocol_error_job', { description: 'Ends with a JSON-RPC error' }, async () => {
    throw new RpcError(-32_603, 'The job broke')
  })
  tasks.registerTool(
    'confirm_delete',
    { description: 'Asks before it deletes', inputSchema: z.object({ filename: z.string() }) },
    async ({ filename }, context) => {
      const { action } = await context.elicit(confirmation(`Delete ${filename}?`))
      return `${filename}: ${action}`
    },
  )
  tasks.registerTool('multi_input', { description: 'Asks two things at once' }, async (_args, context) => {
    const answers = await Promise.all([
      context.elicit(nameForm('Who?'), { key: 'who' }),
      context.elicit(confirmation('Sure?'), { key: 'sure' }),
    ])
    return answers.map(({ action }) => action).join(' ')
  })
  tasks.registerTool(
    'test_tool_with_task',
    {
      description: 'Asks first, then takes its time',
      task: 'required',
      inputSchema: z.object({ name: z.string().optional() }),
      prepare: async (args, context) => {
        const { content } = await context.elicit(nameForm('Your name?'), { key: 'user_name' })
        return { ...args, name: String(content?.['name']) }
      },
    },
    async ({ name }) => `Done for ${name ?? 'nobody'}`,
  )
}

/*
 * A server on the TypeScript SDK v1 (2025-11-25) that wants its client to answer in tasks of the client's own. Over HTTP
 * it asks on the session's GET stream, or on the stream of a call. Its stream of a task polls as it is told, sends `task`
 * along with `tasks/get` and `tasks/result`, and says of a task that did not complete only that. What a tasked tool of it
 * asks comes on the stream of `tasks/result`.
 */
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  CancelTaskResultSchema,
  CreateMessageResultSchema,
  CreateTaskResultSchema,
  ElicitResultSchema,
  EmptyResultSchema,
  GetTaskResultSchema,
  type ElicitRequestFormParams,
  type ServerRequest,
  type Task,
} from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, test } from 'vitest'
import type { ClientOptions, HostTasks } from '@longcall/client'
import { expectSoon, gate, textOf } from '../support/answering.ts'
import { failure } from '../support/failure.ts'
import { serve } from '../support/servers.ts'
import { readStream } from './sdk-v1.ts'

const relatedTask = 'io.modelcontextprotocol/related-task'

const form: ElicitRequestFormParams = {
  message: 'Who are you?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
}
const prompt = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'A poem.' } }],
  maxTokens: 50,
}

const ann = { action: 'accept', content: { name: 'Ann' } } as const
const poem = { role: 'assistant', content: { type: 'text', text: 'Roses are red.' } } as const

/** Answers at once, in tasks. */
const hosted: ClientOptions = {
  hostTasks: { pollIntervalMs: 20, onElicitation: () => ann, onSampling: () => 'Roses are red.' },
}

/** Answers at once, and runs no tasks. */
const plain: ClientOptions = { onElicitation: () => ann, onSampling: () => 'Roses are red.' }

describe.each(['memory', 'http'] as const)('a server on the TypeScript SDK v1, over %s', (transport) => {
  /** A client, and the server object that it talks to, once that can ask it. */
  async function meet(options: ClientOptions) {
    const servers: McpServer[] = []
    const onServer = (server: McpServer): void => {
      servers.push(server)
      registerAskingTools(server)
    }
    const served = await serve({ peer: 'v1', transport, generation: '2025-11-25' }, { onServer })
    const client = await served.connect(options)
    const { server } = servers.at(-1)!
    // Over HTTP nobody hears it before the client's GET stream is open.
    const hears = () =>
      server.request({ method: 'ping' }, EmptyResultSchema, { timeout: 200 }).then(Boolean, () => false)
    await expectSoon(hears).toBe(true)
    return { client, server, tasks: server.experimental.tasks }
  }

  describe('whose client answers in tasks', () => {
    test('finds that declared, and of which requests', async () => {
      const { server } = await meet(hosted)
      expect(server.getClientCapabilities()?.tasks).toEqual({
        list: {},
        cancel: {},
        requests: { elicitation: { create: {} }, sampling: { createMessage: {} } },
      })
    })

    test('elicits with a task, polls it to completed, and gets the answer as its result', async () => {
      const { open, opened } = gate()
      const { tasks } = await meet({ hostTasks: { pollIntervalMs: 20, onElicitation: () => opened.then(() => ann) } })
      const seen = await readStream(tasks.elicitInputStream(form, { task: { ttl: 60_000 } }), () => open())
      expect(seen.types[0]).toBe('taskCreated')
      expect(seen.task).toMatchObject({ status: 'working', ttl: 60_000, pollInterval: 20 })
      expect(seen.statuses).toEqual(['working', 'completed'])
      expect(seen.result).toEqual({ ...ann, _meta: { [relatedTask]: { taskId: seen.task?.taskId } } })
    })

    test('has a message created in a task, and gets it as its result', async () => {
      const { open, opened } = gate()
      const onSampling: HostTasks['onSampling'] = () => opened.then(() => 'Roses are red.')
      const { tasks } = await meet({ hostTasks: { pollIntervalMs: 20, onSampling } })
      const seen = await readStream(tasks.createMessageStream(prompt, { task: {} }), () => open())
      expect(seen.task).toMatchObject({ status: 'working' })
      expect(seen.statuses).toEqual(['working', 'completed'])
      expect(seen.result).toMatchObject(poem)
      expect(CreateMessageResultSchema.safeParse(seen.result).success).toBe(true)
    })

    test('streams any request of these kinds, with or without a task', async () => {
      const { tasks } = await meet({ ...hosted, onElicitation: () => ({ action: 'decline' }) })
      const request = { method: 'elicitation/create', params: { mode: 'form', ...form } } as ServerRequest
      const asTask = await readStream(tasks.requestStream(request, ElicitResultSchema, { task: {} }))
      expect(asTask.result).toMatchObject(ann)
      const plainly = await readStream(tasks.requestStream(request, ElicitResultSchema))
      expect(plainly).toMatchObject({ types: ['result'], result: { action: 'decline' } })
    })

    test('gets, lists and fetches the results of its tasks, more than once', async () => {
      const { server, tasks } = await meet(hosted)
      const [first, second] = [await begin(server), await begin(server)]
      expect(first.taskId).not.toBe(second.taskId)
      await expectSoon(async () => (await tasks.getTask(first.taskId)).status).toBe('completed')
      expect(await tasks.getTaskResult(first.taskId, ElicitResultSchema)).toMatchObject(ann)
      expect(await tasks.getTaskResult(first.taskId, ElicitResultSchema)).toMatchObject(ann)
      const listed = (await tasks.listTasks()).tasks.map(({ taskId }) => taskId)
      expect(new Set(listed)).toEqual(new Set([first.taskId, second.taskId]))
    })

    test('holds a result that is asked for before its end, and other requests pass it', async () => {
      const { open, opened } = gate()
      const { server, tasks, client } = await meet({ hostTasks: { onElicitation: () => opened.then(() => ann) } })
      const { taskId } = await begin(server)
      const held = tasks.getTaskResult(taskId, ElicitResultSchema)
      expect(await tasks.getTask(taskId)).toMatchObject({ status: 'working' })
      expect(await client.callTool('echo', { text: 'hi' })).toMatchObject({ content: [{ text: 'echo: hi' }] })
      open()
      expect(await held).toMatchObject(ann)
    })

    test('cancels a task: the handler is told, the task stays cancelled, and a second cancel is refused', async () => {
      const { open, opened } = gate()
      const signals: AbortSignal[] = []
      const onElicitation: HostTasks['onElicitation'] = (_request, { signal }) => {
        signals.push(signal)
        return opened.then(() => ann)
      }
      const { server, tasks } = await meet({ hostTasks: { onElicitation } })
      const { taskId } = await begin(server)
      await expectSoon(() => signals.length).toBe(1)
      expect(CancelTaskResultSchema.parse(await tasks.cancelTask(taskId))).toMatchObject({ status: 'cancelled' })
      expect(signals[0]?.aborted).toBe(true)
      open()
      expect(await tasks.getTask(taskId)).toMatchObject({ taskId, status: 'cancelled' })
      expect(await failure(tasks.cancelTask(taskId))).toMatchObject({ code: -32_602 })
      expect(await failure(tasks.getTaskResult(taskId, ElicitResultSchema))).toMatchObject({ code: -32_602 })
    })

    test('is told of an id that was never given, by get, by result and by cancel', async () => {
      const { tasks } = await meet(hosted)
      const unknown = { code: -32_602, message: expect.stringContaining('no-such-task') }
      expect(await failure(tasks.getTask('no-such-task'))).toMatchObject(unknown)
      expect(await failure(tasks.getTaskResult('no-such-task', ElicitResultSchema))).toMatchObject(unknown)
      expect(await failure(tasks.cancelTask('no-such-task'))).toMatchObject(unknown)
      expect(await failure(tasks.listTasks('no-such-cursor'))).toMatchObject({ code: -32_602 })
    })

    test('learns from the result of a failed task what the handler threw', async () => {
      const onElicitation = (): never => {
        throw new Error('no eyes')
      }
      const { tasks } = await meet({ hostTasks: { pollIntervalMs: 20, onElicitation } })
      const { task, statuses, error } = await readStream(tasks.elicitInputStream(form, { task: {} }))
      expect(statuses.at(-1)).toBe('failed')
      // All that its stream says of it.
      expect(error).toMatchObject({ message: expect.stringContaining(`Task ${task?.taskId} failed`) })
      expect(await failure(tasks.getTaskResult(task!.taskId, ElicitResultSchema))).toMatchObject({
        code: -32_603,
        message: expect.stringContaining('no eyes'),
      })
    })

    test('asks from within a call, whose client may use the session meanwhile', async () => {
      const { client } = await meet({
        hostTasks: { pollIntervalMs: 20, onElicitation: async () => (await client.listTools(), ann) },
      })
      expect(textOf(await client.callTool('asks_in_a_task'))).toBe('working, completed: Ann')
    })

    test('asks plainly from within a call, and the plain handler answers', async () => {
      const { client } = await meet({ ...hosted, onElicitation: () => ({ action: 'decline' }) })
      expect(textOf(await client.callTool('asks_plainly'))).toBe('decline')
    })

    test('asks from within a tasked tool on the stream of tasks/result, and both tasks end', async () => {
      const related: unknown[] = []
      const onElicitation: HostTasks['onElicitation'] = (_request, { relatedTaskId }) => {
        related.push(relatedTaskId)
        return ann
      }
      const { client } = await meet({ hostTasks: { pollIntervalMs: 20, onElicitation } })
      const task = await client.callTool('ask_as_task', {}, { task: true })
      expect(textOf(await task.result())).toBe('hello Ann')
      expect(related).toEqual([task.id])
    })

    test('asks plainly from within a tasked tool, and the plain handler answers', async () => {
      const { client } = await meet({ ...hosted, onElicitation: () => ({ action: 'decline' }) })
      const task = await client.callTool('ask', {}, { task: true })
      expect(textOf(await task.result())).toBe('hello decline')
    })

    test('is refused where it asks plainly, and only tasks are set', async () => {
      const { server } = await meet(hosted)
      expect(await failure(server.elicitInput(form))).toMatchObject({ code: -32_600 })
    })

    test('is asked again for each of its tasks, side by side', async () => {
      const names = ['Ann', 'Bob', 'Cid']
      const onElicitation: HostTasks['onElicitation'] = ({ message }) => ({
        action: 'accept',
        content: { name: message },
      })
      const { tasks } = await meet({ hostTasks: { pollIntervalMs: 20, onElicitation } })
      const streams = names.map((message) => readStream(tasks.elicitInputStream({ ...form, message }, { task: {} })))
      const results = (await Promise.all(streams)).map(({ result }) => result)
      expect(results).toMatchObject(names.map((name) => ({ action: 'accept', content: { name } })))
    })
  })

  describe('whose client has plain handlers alone', () => {
    test('is answered as if it had wanted no task, as the specification demands', async () => {
      const { server } = await meet(plain)
      expect(server.getClientCapabilities()).not.toHaveProperty('tasks')
      const params = { mode: 'form' as const, ...form, task: {} }
      expect(await server.request({ method: 'elicitation/create', params }, ElicitResultSchema)).toEqual(ann)
      const asked = { method: 'sampling/createMessage' as const, params: { ...prompt, task: {} } }
      expect(await server.request(asked, CreateMessageResultSchema)).toMatchObject(poem)
    })

    // It does not look at what its client declared, and takes no answer but a task.
    test('breaks off its stream of a task, since it does not read a plain answer', async () => {
      const { tasks } = await meet(plain)
      const { types, error } = await readStream(tasks.elicitInputStream(form, { task: {} }))
      expect(types).toEqual(['error'])
      expect(error).toMatchObject({ code: -32_603, message: expect.stringContaining('expected object') })
    })

    test('asks plainly, and is answered plainly', async () => {
      const { client, tasks } = await meet(plain)
      expect((await readStream(tasks.elicitInputStream(form))).result).toEqual(ann)
      expect((await readStream(tasks.createMessageStream(prompt))).result).toMatchObject(poem)
      expect(textOf(await client.callTool('asks_plainly'))).toBe('accept')
    })

    test('is told that there are no methods of tasks', async () => {
      const { tasks } = await meet(plain)
      const missing = (method: string) => ({
        code: -32_601,
        message: expect.stringContaining(`${method} not supported`),
      })
      expect(await failure(tasks.getTask('t'))).toMatchObject(missing('tasks/get'))
      expect(await failure(tasks.getTaskResult('t', ElicitResultSchema))).toMatchObject(missing('tasks/result'))
      expect(await failure(tasks.listTasks())).toMatchObject(missing('tasks/list'))
      expect(await failure(tasks.cancelTask('t'))).toMatchObject(missing('tasks/cancel'))
    })
  })

  describe('whose client has no handlers', () => {
    test('finds nothing declared, and is refused with or without a task', async () => {
      const { server, tasks } = await meet({})
      expect(server.getClientCapabilities()).not.toHaveProperty('elicitation')
      expect(() => tasks.elicitInputStream(form, { task: {} })).toThrow('does not support form elicitation')
      const request = { method: 'elicitation/create', params: { mode: 'form', ...form } } as ServerRequest
      const asTask = await readStream(tasks.requestStream(request, ElicitResultSchema, { task: {} }))
      expect(asTask).toMatchObject({ types: ['error'], error: { code: -32_600 } })
      const plainly = await readStream(tasks.requestStream(request, ElicitResultSchema))
      expect(plainly).toMatchObject({ types: ['error'], error: { code: expect.any(Number) } })
    })
  })
})

/** Starts a task of the client's and does nothing more about it. */
async function begin(server: McpServer['server']): Promise<Task> {
  const params = { mode: 'form' as const, ...form, task: { ttl: 60_000 } }
  return (await server.request({ method: 'elicitation/create', params }, CreateTaskResultSchema)).task
}

/** Tools that ask on the stream of their own call. */
function registerAskingTools(server: McpServer): void {
  const params = { mode: 'form' as const, ...form }
  server.registerTool('asks_plainly', {}, async ({ sendRequest }) => {
    const { action } = await sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema)
    return { content: [{ type: 'text', text: action }] }
  })
  server.registerTool('asks_in_a_task', {}, async ({ sendRequest }) => {
    const request: ServerRequest = { method: 'elicitation/create', params: { ...params, task: {} } }
    const { task } = await sendRequest(request, CreateTaskResultSchema)
    const { taskId } = task
    const { content } = await sendRequest({ method: 'tasks/result', params: { taskId } }, ElicitResultSchema)
    const { status } = await sendRequest({ method: 'tasks/get', params: { taskId } }, GetTaskResultSchema)
    return { content: [{ type: 'text', text: `${task.status}, ${status}: ${String(content?.['name'])}` }] }
  })
}

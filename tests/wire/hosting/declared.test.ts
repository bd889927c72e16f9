/** What a client declares of the tasks that it runs, and how it answers what it did not declare. */
import { describe, expect, test } from 'vitest'
import { Client, type ClientOptions, type HostTasks } from '@longcall/client'
import { ProtocolError } from '@modelcontextprotocol/client'
import { failure } from '../../support/failure.ts'
import { AskingServer, form, prompt, relatedTo } from '../../support/asking.ts'
import { ScriptedServer, type Wire } from '../../support/scripted-server.ts'

const task = {
  taskId: 'by-hand',
  status: 'working',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastUpdatedAt: '2026-01-01T00:00:00.000Z',
  ttl: null,
} as const
const wireTask = (): typeof task => task
const answer = (): 'yes' => 'yes'
const sampling = { createMessage: {} }
const elicitation = { create: {} }

describe('what is declared', () => {
  test.each<[string, HostTasks, unknown]>([
    ['nothing', {}, undefined],
    ['only get and result', { getTask: wireTask, getTaskResult: () => ({}) }, undefined],
    ['only list', { listTasks: () => ({ tasks: [] }) }, { list: {} }],
    ['only cancel', { cancelTask: wireTask }, { cancel: {} }],
    ['list and cancel', { listTasks: () => ({ tasks: [] }), cancelTask: wireTask }, { list: {}, cancel: {} }],
    ['sampling', { onSampling: answer }, { list: {}, cancel: {}, requests: { sampling } }],
    ['elicitation', { onElicitation: answer }, { list: {}, cancel: {}, requests: { elicitation } }],
    [
      'both kinds',
      { onSampling: answer, onElicitation: answer },
      { list: {}, cancel: {}, requests: { sampling, elicitation } },
    ],
    ['a kind without list', { onSampling: answer, listTasks: false }, { cancel: {}, requests: { sampling } }],
    [
      'a kind without list and cancel',
      { onSampling: answer, listTasks: false, cancelTask: false },
      { requests: { sampling } },
    ],
    ['sampling by hand', { createSampling: () => ({ task }) }, { requests: { sampling } }],
    [
      'elicitation by hand, and list',
      { createElicitation: () => ({ task }), listTasks: () => ({ tasks: [] }) },
      { list: {}, requests: { elicitation } },
    ],
  ])('with %s is exactly what is set', async (_, hostTasks, declared) => {
    expect(await new AskingServer().introduced({ hostTasks })).toEqual(declared)
  })

  test('with neither handlers nor tasks is nothing', async () => {
    expect(await new AskingServer().introduced({ onSampling: answer, onElicitation: answer })).toBeUndefined()
  })

  test('to a server of 2026-07-28 is nothing of it: the tasks of clients are gone there', async () => {
    const server = new ScriptedServer('2026-07-28', {})
    const client = await server.connect({ hostTasks: { onSampling: answer, onElicitation: answer } })
    await client.listTools()
    expect(server.received.length).toBeGreaterThan(0)
    expect(JSON.stringify(server.received)).not.toContain('"tasks":')
  })

  test.each<[string, ClientOptions, string]>([
    ['no object', { hostTasks: 'all' as never }, 'hostTasks'],
    ['a handler that is none', { hostTasks: { onSampling: 'yes' as never } }, 'hostTasks.onSampling'],
    [
      'two that make the same task',
      { hostTasks: { onSampling: answer, createSampling: () => ({ task }) } },
      'hostTasks.createSampling',
    ],
    ['no limits', { hostTasks: { onSampling: answer, limits: { maxOpenPerOwner: -1 } } }, 'hostTasks.limits'],
    ['limits that are none', { hostTasks: { limits: 'few' as never } }, 'hostTasks.limits'],
    ['no interval', { hostTasks: { onSampling: answer, pollIntervalMs: 0 } }, 'hostTasks.pollIntervalMs'],
    ['a capability by hand', { capabilities: { tasks: {} } }, 'capabilities'],
  ])('is refused where it is %s', async (_, options, option) => {
    expect(() => new Client('http://127.0.0.1:9/', options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(`Option ${option} `) }),
    )
  })
})

describe('what was not declared', () => {
  const augmented = { ...form, task: {} }

  test('a question with a task is answered by the plain handler, as if it had none', async () => {
    const server = new AskingServer()
    await server.connect({ onElicitation: () => ({ action: 'decline' }), onSampling: () => 'plain' })
    expect(await server.ask('elicitation/create', augmented)).toEqual({ action: 'decline' })
    expect(await server.ask('sampling/createMessage', { ...prompt, task: {} })).toMatchObject({
      content: { text: 'plain' },
    })
  })

  test('one kind with tasks leaves the other plain', async () => {
    const server = new AskingServer()
    await server.connect({ onElicitation: () => ({ action: 'decline' }), hostTasks: { onSampling: answer } })
    expect(await server.ask('elicitation/create', augmented)).toEqual({ action: 'decline' })
    await server.askTask('sampling/createMessage', prompt)
  })

  test('a question with a task and no handler at all is refused with -32600', async () => {
    const server = new AskingServer()
    await server.connect()
    expect(await server.ask('elicitation/create', augmented)).toEqual({
      error: { code: -32_600, message: 'Task-augmented elicitation not supported' },
    })
    expect(await server.ask('sampling/createMessage', { ...prompt, task: {} })).toEqual({
      error: { code: -32_600, message: 'Task-augmented sampling not supported' },
    })
  })

  test.each(['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel'])(
    '%s is refused with -32601',
    async (method) => {
      const server = new AskingServer()
      await server.connect({ onElicitation: answer })
      expect(await server.ask(method, { taskId: 't' })).toEqual({
        error: { code: -32_601, message: `${method} not supported` },
      })
    },
  )

  test.each([
    ['tasks/list', { listTasks: false }],
    ['tasks/cancel', { cancelTask: false }],
  ] as const)('%s that is withheld is refused with -32601', async (method, withheld) => {
    const server = new AskingServer()
    await server.connect({ hostTasks: { onElicitation: answer, ...withheld } })
    const { taskId } = await server.askTask('elicitation/create', form)
    expect(await server.ask(method, { taskId })).toEqual({
      error: { code: -32_601, message: `${method} not supported` },
    })
  })

  test('a plain question, where only tasks are set, is refused with -32600 that says so', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks: { onElicitation: answer } })
    expect(await server.ask('elicitation/create', form)).toEqual({
      error: { code: -32_600, message: 'Task augmentation required for elicitation/create requests' },
    })
  })

  test('a plain question goes to the plain handler where both are set', async () => {
    const server = new AskingServer()
    await server.connect({ onElicitation: () => ({ action: 'decline' }), hostTasks: { onElicitation: answer } })
    expect(await server.ask('elicitation/create', form)).toEqual({ action: 'decline' })
  })

  test('before 2025-11-25 there are no tasks: a question is answered plainly, and their methods are none', async () => {
    const server = new AskingServer({
      initialize: () => ({
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'old', version: '1' },
      }),
    })
    await server.connect({ onElicitation: () => ({ action: 'decline' }), hostTasks: { onElicitation: answer } })
    expect(await server.ask('elicitation/create', augmented)).toEqual({ action: 'decline' })
    expect(await server.ask('tasks/list', {})).toEqual({ error: { code: -32_601, message: 'Method not found' } })
  })
})

describe('handlers written by hand', () => {
  const log: unknown[] = []
  const hostTasks: HostTasks = {
    createElicitation: (params, wish, { requestId, meta, relatedTaskId }) => {
      log.push(['create', params.message, wish, typeof requestId, meta, relatedTaskId])
      return { task }
    },
    getTask: ({ taskId }) => ({ ...task, taskId }),
    getTaskResult: ({ taskId }) => ({ action: 'accept', content: { taskId } }),
    listTasks: (params) => ({ tasks: [task], ...(params.cursor !== undefined && { nextCursor: 'more' }) }),
    cancelTask: ({ taskId }) => ({ ...task, taskId, status: 'cancelled' }),
  }

  test('get the params, what is wished of the task, and the request', async () => {
    log.length = 0
    const server = new AskingServer()
    await server.connect({ hostTasks })
    const asked = { ...form, _meta: relatedTo('theirs') }
    expect(await server.askTask('elicitation/create', asked, { ttl: 7 })).toEqual(task)
    expect(log).toEqual([['create', 'Who are you?', { ttlMs: 7 }, 'number', relatedTo('theirs'), 'theirs']])
  })

  test('serve each of the four methods', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks })
    expect(await server.askAbout('tasks/get', { taskId: 'x' })).toEqual({ ...task, taskId: 'x' })
    expect(await server.askAbout('tasks/result', { taskId: 'x' })).toEqual({
      action: 'accept',
      content: { taskId: 'x' },
      _meta: relatedTo('x'),
    })
    expect(await server.askAbout('tasks/list', { cursor: 'c' })).toEqual({ tasks: [task], nextCursor: 'more' })
    expect(await server.askAbout('tasks/cancel', { taskId: 'x' })).toMatchObject({ status: 'cancelled' })
  })

  test('replace one method of ours, and leave the others', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks: { onElicitation: answer, cancelTask: ({ taskId }) => ({ ...task, taskId }) } })
    const { taskId } = await server.askTask('elicitation/create', form)
    expect(await server.askAbout('tasks/cancel', { taskId })).toMatchObject({ status: 'working' })
    expect(await server.askAbout('tasks/get', { taskId })).toMatchObject({ taskId })
  })

  test('that throw a protocol error have its code and data told', async () => {
    const server = new AskingServer()
    await server.connect({
      hostTasks: {
        ...hostTasks,
        getTask: () => {
          throw new ProtocolError(-32_050, 'Not today.', { day: 'Sunday' })
        },
        createElicitation: () => {
          throw new ProtocolError(-32_051, 'Nobody is home.')
        },
      },
    })
    expect(await server.ask('tasks/get', { taskId: 'x' })).toEqual({
      error: { code: -32_050, message: 'Not today.', data: { day: 'Sunday' } },
    })
    expect(await server.ask('elicitation/create', { ...form, task: {} })).toEqual({
      error: { code: -32_051, message: 'Nobody is home.' },
    })
  })

  test('that make no task of a request that wants one have -32602 told', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks: { createElicitation: () => ({ action: 'accept' }) as never } })
    expect(await server.ask('elicitation/create', { ...form, task: {} })).toMatchObject({ error: { code: -32_602 } })
  })

  test.each([
    ['tasks/get', { getTask: () => ({ status: 'done' }) }],
    ['tasks/list', { listTasks: () => ({ tasks: [{ status: 'done' }] }) }],
    ['tasks/cancel', { cancelTask: () => undefined }],
    ['tasks/result', { getTaskResult: () => 'text' }],
  ])('that give what is no result of %s have an internal error told', async (method, wrong) => {
    const server = new AskingServer()
    await server.connect({ hostTasks: { ...hostTasks, ...(wrong as Wire) } })
    expect(await server.ask(method, { taskId: 'x' })).toEqual({
      error: { code: -32_603, message: `The client's handler for ${method} gave what is no result of it` },
    })
  })
})

test('a task without a connection is never begun: connecting fails as ever', async () => {
  expect(await failure(Client.connect('http://127.0.0.1:9/', { hostTasks: { onElicitation: answer } }))).toMatchObject({
    code: 'connect_failed',
  })
})

/** What the server declares, and what it does with calls that go by it or against it. */
import { describe, expect, test } from 'vitest'
import { serveMemory, serveTools, wires } from '../../support/task-tools.ts'

interface Initialized {
  readonly capabilities: Readonly<Record<string, unknown>>
}

const play = { name: 'play', arguments: { steps: [] } }

describe.each(wires)('on $wire', ({ wire, connect }) => {
  // R1, R4, R80
  test('the server declares that calls of tools can be tasks and no other request, and a list where it knows whose', async () => {
    const session = await connect()
    const [{ message }] = session.received as [(typeof session.received)[0]]
    const requests = { tools: { call: {} } }
    const { tasks } = (message.result as unknown as Initialized).capabilities
    expect(tasks).toEqual(wire === 'HTTP' ? { cancel: {}, requests } : { list: {}, cancel: {}, requests })
  })

  // C150
  test('each tool says whether it can be a task; one that cannot says nothing', async () => {
    const session = await connect()
    const { tools } = await session.result<{ tools: { name: string; execution?: unknown }[] }>('tools/list')
    expect(Object.fromEntries(tools.map(({ name, execution }) => [name, execution]))).toEqual({
      play: { taskSupport: 'optional' },
      must_play: { taskSupport: 'required' },
      slowly_polled: { taskSupport: 'optional' },
      never_play: undefined,
      open: undefined,
      noted: undefined,
    })
  })

  // R10, C153
  test('a required tool called without a task is refused with -32601, as a JSON-RPC error', async () => {
    const session = await connect()
    const error = await session.error('tools/call', { ...play, name: 'must_play' })
    expect(error).toEqual({ code: -32_601, message: 'Tool must_play can only be called as a task.' })
    expect(await session.noted()).toEqual([])
  })

  // R7
  test.for(['never_play', 'noted'])('%s, which cannot be a task, is refused as one with -32601', async (name) => {
    const session = await connect()
    const error = await session.error('tools/call', { ...play, name, task: {} })
    expect(error).toEqual({ code: -32_601, message: `Tool ${name} cannot be called as a task.` })
    expect(await session.noted()).toEqual([])
  })

  // R8, R23, C147
  test('an optional tool is a task when the client asks for one, and answered at once when not', async () => {
    const session = await connect()
    expect(await session.result('tools/call', { ...play, task: {} })).toHaveProperty('task.status', 'working')
    expect(await session.result('tools/call', play)).toEqual({ content: [{ type: 'text', text: 'done' }] })
  })

  // R4, R22
  test('a request that cannot be a task is answered as ever, task or not', async () => {
    const session = await connect()
    const plain = await session.result('prompts/get', { name: 'greeting' })
    expect(await session.result('prompts/get', { name: 'greeting', task: { ttl: 1 } })).toEqual(plain)
  })
})

// R22, C155
test('a server that has no task tool ignores that a task is asked for', async () => {
  const session = await serveMemory({}, { only: ['never_play'] }).connect()
  const result = await session.result('tools/call', { ...play, name: 'never_play', task: { ttl: 60_000 } })
  expect(result).toEqual({ content: [{ type: 'text', text: 'done' }] })
})

// C139, C154
test('a server that has no task tool declares no tasks and knows none of their methods', async () => {
  const session = await serveMemory({}, { only: ['never_play'] }).connect()
  expect(session.received[0]).not.toHaveProperty('message.result.capabilities.tasks')
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/list']) {
    expect(await session.error(method, { taskId: 'any' })).toMatchObject({ code: -32_601 })
  }
})

// R4, R80, C156
test('a list that was not declared is refused with -32601', async () => {
  const session = await (await serveTools()).connect()
  await session.start([])
  expect(await session.error('tasks/list')).toMatchObject({ code: -32_601 })
})

// R22
test('a client of an earlier version gets no tasks: its required tools run, and it may say task', async () => {
  const session = await serveMemory().connect({ protocolVersion: '2025-06-18' })
  const done = { content: [{ type: 'text', text: 'done' }] }
  expect(await session.result('tools/call', { ...play, name: 'must_play' })).toEqual(done)
  expect(await session.result('tools/call', { ...play, task: {} })).toEqual(done)
})

// C149
test('a client that can answer nothing runs tasks all the same', async () => {
  const session = await serveMemory().connect({ capabilities: {} })
  const { taskId } = await session.start([], { tool: 'must_play' })
  expect(await session.result('tasks/result', { taskId })).toMatchObject({ content: [{ text: 'done' }] })
})

// C151
test('a body knows whether its call is a task, and what was sent beside the arguments', async () => {
  const { tasks, factory: _factory, connect } = serveMemory()
  tasks.registerTool('who', {}, (_args, { taskId, meta }) => JSON.stringify([taskId ?? null, meta]))
  const session = await connect()
  const call = { name: 'who', arguments: {}, _meta: { 'example.com/note': 7 } }
  const inline = await session.result('tools/call', call)
  expect(inline).toMatchObject({ content: [{ text: '[null,{"example.com/note":7}]' }] })
  const { task } = await session.result<{ task: { taskId: string } }>('tools/call', { ...call, task: {} })
  const { taskId } = task
  expect(await session.result('tasks/result', { taskId })).toMatchObject({
    content: [{ text: `["${taskId}",{"example.com/note":7}]` }],
  })
})

/** A plain or a tasked tool asks a plain or a tasked question: our server, our client, every transport. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, type ClientOptions, type HostTasks, type Target } from '@longcall/client'
import { serveHttp, serveTransport, type Tasks } from '@longcall/server'
import { InMemoryTransport, ProtocolError } from '@modelcontextprotocol/client'
import { memory } from '@longcall/core'
import { createAskingTools } from '../../peers/asking-tools.mjs'
import { expectSoon, gate, person, textOf } from '../../support/answering.ts'
import { failure } from '../../support/failure.ts'
import { startFaultProxy } from '../../support/fault-proxy.mjs'
import { failingStore } from '../../support/failing-store.ts'
import { plainServer } from '../../support/raw-modern.ts'

const transports = ['memory', 'http'] as const
const cells = [
  { tool: 'plain', asTask: false },
  { tool: 'tasked', asTask: true },
] as const

/** What clients of one server connect to. */
async function serve(
  transport: (typeof transports)[number],
  tasks: Tasks = createAskingTools(),
): Promise<() => Target> {
  onTestFinished(() => tasks.close({ graceMs: 0 }))
  if (transport === 'http') {
    const endpoint = await serveHttp(plainServer, { tasks, port: 0 })
    onTestFinished(() => endpoint.close({ graceMs: 0 }))
    return () => endpoint.url
  }
  return () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    const pipe = serveTransport(plainServer, theirs, { tasks })
    onTestFinished(() => pipe.close())
    return ours
  }
}

async function connect(target: Target, options: ClientOptions): Promise<Client> {
  const client = await Client.connect(target, { era: 'legacy', ...options })
  onTestFinished(() => client.close())
  return client
}

/** A person who is asked in tasks, and answers when the test says so. */
function slowPerson(more: HostTasks = {}): {
  readonly options: ClientOptions
  readonly signals: AbortSignal[]
  readonly answer: () => void
} {
  const { open, opened } = gate()
  const signals: AbortSignal[] = []
  const onElicitation: HostTasks['onElicitation'] = async (_request, { signal }) => {
    signals.push(signal)
    await opened
    return { action: 'accept', content: { name: 'Ann' } }
  }
  return { options: { hostTasks: { pollIntervalMs: 20, onElicitation, ...more } }, signals, answer: open }
}

/** Makes tasks by hand, and forgets some. */
function forgetful(forgets: (taskId: string) => boolean) {
  let made = 0
  let polls = 0
  let isDone = false
  const task = (taskId: string, status: 'working' | 'completed') =>
    ({ taskId, status, createdAt: '', lastUpdatedAt: '', ttl: null, pollInterval: 20 }) as const
  return {
    created: () => made,
    polled: () => polls > 0,
    finish: () => {
      isDone = true
    },
    createElicitation: () => ({ task: task(`c${(made += 1)}`, 'working') }),
    getTask: ({ taskId }: { readonly taskId: string }) => {
      if (forgets(taskId)) throw new ProtocolError(-32_602, 'Task not found')
      polls += 1
      return task(taskId, isDone ? 'completed' : 'working')
    },
    getTaskResult: () => ({ action: 'accept', content: { name: 'Ann' } }),
  }
}

/** A task that is made by hand. */
const byHand = { taskId: 'c', status: 'working', createdAt: '', lastUpdatedAt: '', ttl: null } as const

const lost = (): never => {
  throw new ProtocolError(-32_050, 'no result', { at: 3 })
}

const call = async (client: Client, name: string, asTask: boolean): Promise<string | undefined> =>
  textOf(asTask ? await (await client.callTool(name, {}, { task: true })).result() : await client.callTool(name))

describe.each(transports)('over %s', (transport) => {
  describe.each(cells)('a $tool tool', ({ asTask }) => {
    test('asks plainly, and is answered plainly', async () => {
      const { asked, options } = person()
      const client = await connect((await serve(transport))(), options)
      expect(await call(client, 'name_plainly', asTask)).toBe('hello Ann')
      expect(asked).toEqual(['plainly: Who are you?'])
    })

    test('asks for an answer in a task, and polls the client while that waits for its result', async () => {
      const { asked, options } = person()
      const client = await connect((await serve(transport))(), options)
      expect(await call(client, 'name_as_task', asTask)).toBe('hello Ann')
      expect(asked).toEqual(['in a task: Who are you?'])
      expect(await call(client, 'poem_as_task', asTask)).toBe('Roses are red.')
    })

    test('asks a client that runs no tasks plainly', async () => {
      const { asked, options } = person()
      const client = await connect((await serve(transport))(), { onElicitation: options.onElicitation! })
      expect(await call(client, 'name_as_task', asTask)).toBe('hello Ann')
      expect(asked).toEqual(['plainly: Who are you?'])
    })

    test('asks twice at once, each question in its own way', async () => {
      const { asked, options } = person()
      const client = await connect((await serve(transport))(), options)
      expect(await call(client, 'both_at_once', asTask)).toBe('hello Ann, hello Ann')
      expect(asked.toSorted((a, b) => a.localeCompare(b))).toEqual(['in a task: As a task?', 'plainly: Plainly?'])
    })

    test('that gives up asking has the task of its client cancelled', async () => {
      const { options, signals } = slowPerson()
      const client = await connect((await serve(transport))(), options)
      expect(await call(client, 'name_in_time', asTask)).toBe('gave up: question_timeout')
      await expectSoon(() => signals.map(({ aborted }) => aborted)).toEqual([true])
    })

    test('gets the JSON-RPC error that the task of its client ended in', async () => {
      const onElicitation = (): never => {
        throw new Error('no eyes')
      }
      const client = await connect((await serve(transport))(), { hostTasks: { pollIntervalMs: 20, onElicitation } })
      expect(JSON.parse((await call(client, 'what_went_wrong', asTask)) ?? '')).toEqual({
        code: -32_603,
        message: "The client's handler for elicitation/create failed: no eyes",
      })
    })

    test('gets an error where the client cancelled its own task', async () => {
      const client = await connect((await serve(transport))(), {
        hostTasks: {
          createElicitation: () => ({ task: byHand }),
          getTask: () => ({ ...byHand, status: 'cancelled' }),
        },
      })
      expect(await call(client, 'what_went_wrong', asTask)).toContain('The client cancelled task c')
    })

    test('gets the reason of a task of its client that failed, though it holds no answer', async () => {
      const failed = { ...byHand, status: 'failed', statusMessage: 'nobody is there' } as const
      for (const [getTaskResult, error] of [
        [() => ({}), { code: -32_603, message: "The client's task c failed: nobody is there" }],
        [lost, { code: -32_050, message: 'no result: nobody is there', data: { at: 3 } }],
      ] as const) {
        const hostTasks = { createElicitation: () => ({ task: byHand }), getTask: () => failed, getTaskResult }
        const client = await connect((await serve(transport))(), { hostTasks })
        expect(JSON.parse((await call(client, 'what_went_wrong', asTask)) ?? '')).toEqual(error)
      }
    })

    test('reads an answer with a null for each field that is absent, as some clients send it', async () => {
      const poem = { type: 'text', text: 'Roses are red.', annotations: null, _meta: null }
      const client = await connect((await serve(transport))(), {
        hostTasks: {
          createSampling: () => ({ task: byHand }),
          getTask: () => ({ ...byHand, status: 'completed' }),
          getTaskResult: () => ({ role: 'assistant', model: 'm', content: poem, stopReason: null, _meta: null }),
        },
      })
      expect(await call(client, 'poem_as_task', asTask)).toBe('Roses are red.')
    })

    test('is asked as ever by a client of 2026-07-28, which runs no tasks', async () => {
      const { asked, options } = person()
      const client = await connect((await serve(transport))(), { ...options, era: '2026-07-28' })
      expect(await call(client, 'name_as_task', asTask)).toBe('hello Ann')
      expect(asked).toEqual(['plainly: Who are you?'])
    })
  })

  test('cancelling a tool cancels the task of the client that it waits for', async () => {
    const { options, signals } = slowPerson()
    const client = await connect((await serve(transport))(), options)
    const task = await client.callTool('name_as_task', {}, { task: true })
    const result = failure(task.result())
    await expectSoon(() => signals.length).toBe(1)
    await task.cancel()
    expect(await result).toMatchObject({ code: 'task_cancelled' })
    await expectSoon(() => signals[0]!.aborted).toBe(true)
  })

  test('a client that stops waiting, and waits again, is not asked again: its task goes on', async () => {
    const { options, signals, answer } = slowPerson()
    const client = await connect((await serve(transport))(), options)
    const task = await client.callTool('name_as_task', {}, { task: true })
    const wait = failure(task.wait({ timeoutMs: 300 }))
    await expectSoon(() => signals.length).toBe(1)
    expect(await wait).toMatchObject({ code: 'wait_timeout' })
    const result = task.result()
    answer()
    expect(textOf(await result)).toBe('hello Ann')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })

  test('a client that loses its task while it is watched has failed to answer', async () => {
    const client = await connect((await serve(transport))(), { hostTasks: forgetful(() => true) })
    for (const asTask of [false, true])
      expect(await call(client, 'what_went_wrong', asTask)).toContain('does not know task c')
  })
})

test('a client that was restarted, and lost its task, is asked again by the stream that finds it so', async () => {
  const target = await serve('memory')
  let isLost = false
  const hostTasks = forgetful((taskId) => isLost && taskId === 'c1')
  const first = await connect(target(), { hostTasks })
  const task = await first.callTool('name_as_task', {}, { task: true })
  const waiting = failure(task.result())
  await task.wait({ until: 'input_required' })
  await expectSoon(() => first.isConnected && hostTasks.polled()).toBe(true)
  await first.close()
  expect(await waiting).toMatchObject({ code: 'task_unreachable' })
  isLost = true
  const second = await connect(target(), { hostTasks })
  const again = second.tasks.resume(task.toJSON()).result()
  await expectSoon(() => hostTasks.created()).toBe(2)
  hostTasks.finish()
  expect(textOf(await again)).toBe('hello Ann')
})

test('a stream that breaks while the client is at work costs nothing: nobody is asked twice', async () => {
  const { options, signals, answer } = slowPerson()
  const target = await serve('http')
  const proxy = await startFaultProxy(target() as string)
  onTestFinished(() => proxy.close())
  const client = await connect(proxy.url, options)
  const task = await client.callTool('name_as_task', {}, { task: true })
  const result = task.result()
  await expectSoon(() => signals.length).toBe(1)
  for (let times = 0; times < 3; times += 1) {
    proxy.dropConnections()
    await task.status()
  }
  answer()
  expect(textOf(await result)).toBe('hello Ann')
  expect(signals.length).toBe(1)
})

/** A client whose first word about its task is garbled on the way. */
function garbled(target: InMemoryTransport): InMemoryTransport {
  let isGarbled = false
  const send = target.send.bind(target)
  target.send = async (message, options) => {
    const isStatus = 'result' in message && message.result['pollInterval'] !== undefined
    if (!isStatus || isGarbled) return send(message, options)
    isGarbled = true
    return send({ ...message, result: { nonsense: true } }, options)
  }
  return target
}

test.each(cells)('what a client says of its task and cannot be read is asked for again ($tool tool)', async (cell) => {
  const { options } = person()
  const client = await connect(garbled((await serve('memory'))() as InMemoryTransport), options)
  expect(await call(client, 'name_as_task', cell.asTask)).toBe('hello Ann')
})

test('an answer in a task of the client’s that the store did not take is brought again', async () => {
  const { store, engine } = memory()
  let failures = 1
  const failing = failingStore(store, (method) => (method === 'answer' && failures-- > 0 ? 'before' : 'none'))
  const { asked, options } = person()
  const tasks = createAskingTools({ backend: { store: failing, engine } })
  const client = await connect((await serve('memory', tasks))(), options)
  expect(await call(client, 'name_as_task', true)).toBe('hello Ann')
  expect(asked).toHaveLength(1)
})

/** What a server that asks a client to answer in a task of its own gets, message by message. */
import { describe, expect, test } from 'vitest'
import type { HostTasks } from '@longcall/client'
import { memory, RpcError, type TaskBackend } from '@longcall/core'
import { expectSoon, gate } from '../../support/answering.ts'
import { AskingServer, form, prompt, relatedTo } from '../../support/asking.ts'
import type { Wire } from '../../support/scripted-server.ts'

const kinds = [
  {
    method: 'elicitation/create',
    params: form,
    host: (answer: () => unknown): HostTasks => ({ onElicitation: answer as HostTasks['onElicitation'] }),
    given: { action: 'accept', content: { name: 'Ann' } },
    result: { action: 'accept', content: { name: 'Ann' } },
  },
  {
    method: 'sampling/createMessage',
    params: prompt,
    host: (answer: () => unknown): HostTasks => ({ onSampling: answer as HostTasks['onSampling'] }),
    given: 'Hello.',
    result: { role: 'assistant', model: 'longcall', content: { type: 'text', text: 'Hello.' }, stopReason: 'endTurn' },
  },
] as const

const refused = (code: number, message: unknown): Wire => ({ error: expect.objectContaining({ code, message }) })

describe.each(kinds)('$method that a server wants answered in a task', ({ method, params, host, given, result }) => {
  test('is acknowledged at once with a task that is working, and whose result is the answer', async () => {
    const { open, opened } = gate()
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => opened.then(() => given)) })
    const task = await server.askTask(method, params)
    expect(task).toMatchObject({ status: 'working', ttl: 60_000, pollInterval: 1000 })
    const fetched = server.askAbout('tasks/result', { taskId: task['taskId'] })
    open()
    expect(await fetched).toEqual({ ...result, _meta: relatedTo(task['taskId']) })
    expect(await server.askAbout('tasks/get', { taskId: task['taskId'] })).toMatchObject({ status: 'completed' })
  })

  test('is told of by status notifications, which name no related task', async () => {
    const { open, opened } = gate()
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => opened.then(() => given)) })
    const task = await server.askTask(method, params)
    open()
    await expectSoon(() => server.statuses().map((told) => [told['taskId'], told['status']])).toEqual([
      [task['taskId'], 'completed'],
    ])
    expect(server.statuses()[0]).not.toHaveProperty('_meta')
  })

  test('keeps all other traffic going while it is answered', async () => {
    const server = new AskingServer()
    const client = await server.connect({ hostTasks: host(() => client.listTools().then(() => given)) })
    const { taskId } = await server.askTask(method, params)
    expect(await server.askAbout('tasks/result', { taskId })).toMatchObject(result)
  })

  test('is listed, with all that get finds, and page by page', async () => {
    const server = new AskingServer()
    const { opened } = gate()
    await server.connect({ hostTasks: host(() => opened) })
    const ids: unknown[] = []
    for (let n = 0; n < 60; n += 1) ids.push((await server.askTask(method, params))['taskId'])
    const listed: unknown[] = []
    for (let cursor: Wire = {}; ;) {
      const page = await server.askAbout('tasks/list', cursor)
      expect(page).not.toHaveProperty('_meta')
      listed.push(...(page['tasks'] as Wire[]).map((task) => task['taskId']))
      if (page['nextCursor'] === undefined) break
      cursor = { cursor: page['nextCursor'] }
    }
    expect(new Set(listed)).toEqual(new Set(ids))
    expect(await server.askAbout('tasks/list', { cursor: 'never' })).toEqual(refused(-32_602, expect.any(String)))
  })

  test('is cancelled before the cancel is answered: the handler stops, and what it still says is dropped', async () => {
    const { open, opened } = gate()
    let signal: AbortSignal | undefined
    const answer = async (_request: unknown, context: { signal: AbortSignal }): Promise<unknown> => {
      ;({ signal } = context)
      await opened
      return given
    }
    const server = new AskingServer()
    await server.connect({ hostTasks: host(answer as () => unknown) })
    const { taskId } = await server.askTask(method, params)
    await expectSoon(() => signal?.aborted).toBe(false)
    const waiting = server.askAbout('tasks/result', { taskId })
    expect(await server.askAbout('tasks/cancel', { taskId })).toMatchObject({ taskId, status: 'cancelled' })
    expect(signal?.aborted).toBe(true)
    open()
    expect(await waiting).toEqual(refused(-32_602, expect.stringContaining('cancelled')))
    expect(await server.askAbout('tasks/get', { taskId })).toMatchObject({ status: 'cancelled' })
    expect(await server.askAbout('tasks/cancel', { taskId })).toEqual(
      refused(-32_602, "Cannot cancel task in terminal state 'cancelled'"),
    )
  })

  test('fails with the JSON-RPC error that its handler threw, code and data kept', async () => {
    const server = new AskingServer()
    await server.connect({
      hostTasks: host(() => {
        throw new RpcError(-32_042, 'The model is out.', { until: 'noon' })
      }),
    })
    const task = await server.askTask(method, params)
    expect(await server.askAbout('tasks/result', { taskId: task['taskId'] })).toEqual({
      error: { code: -32_042, message: 'The model is out.', data: { until: 'noon' } },
    })
    expect(await server.until(task, 'failed')).toMatchObject({ statusMessage: 'The model is out.' })
  })

  test('fails with a message, and no stack, where its handler threw another error', async () => {
    const server = new AskingServer()
    await server.connect({
      hostTasks: host(() => {
        throw new TypeError('no window')
      }),
    })
    const { taskId } = await server.askTask(method, params)
    const answer = await server.askAbout('tasks/result', { taskId })
    expect(answer).toEqual(refused(-32_603, `The client's handler for ${method} failed: no window`))
    expect(JSON.stringify(answer)).not.toContain('.ts')
  })

  test('fails where its handler gave what is no answer', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => ['what', { is: 'no answer' }]) })
    const { taskId } = await server.askTask(method, params)
    expect(await server.askAbout('tasks/result', { taskId })).toMatchObject({ error: { code: expect.any(Number) } })
  })

  test('says in its status message what its handler is doing, and the handler knows its task', async () => {
    const { open, opened } = gate()
    let known: unknown
    const server = new AskingServer()
    const answer = async (_request: unknown, context: Parameters<NonNullable<HostTasks['onSampling']>>[1]) => {
      const { taskId, ttlMs, attempt, relatedTaskId } = context
      known = { taskId, ttlMs, attempt, relatedTaskId }
      context.updateStatus('Looking for a pen.')
      await opened
      return given
    }
    await server.connect({ hostTasks: host(answer as unknown as () => unknown) })
    const task = await server.askTask(method, { ...params, _meta: relatedTo('their-task') }, { ttl: 5000 })
    await expectSoon(async () => server.askAbout('tasks/get', { taskId: task['taskId'] })).toMatchObject({
      status: 'working',
      statusMessage: 'Looking for a pen.',
    })
    expect(known).toEqual({ taskId: task['taskId'], ttlMs: 5000, attempt: 1, relatedTaskId: 'their-task' })
    open()
    await server.until(task, 'completed')
  })

  test('is acknowledged with the task that it belongs to, and asked about without', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => given) })
    const asked = { ...params, _meta: relatedTo('their-task'), task: {} }
    const created = await server.ask(method, asked)
    expect(created['_meta']).toEqual(relatedTo('their-task'))
    const { taskId } = created['task'] as Wire
    const about = { taskId, _meta: relatedTo('their-task') }
    for (const each of ['tasks/get', 'tasks/list'])
      expect(await server.askAbout(each, about)).not.toHaveProperty('_meta')
    // The parameter says which task is meant; the metadata is ignored.
    expect((await server.askAbout('tasks/result', about))['_meta']).toEqual(relatedTo(taskId))
  })

  test('with a task that is no object is refused', async () => {
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => given) })
    expect(await server.ask(method, { ...params, task: 'yes' })).toEqual(refused(-32_602, 'task must be an object.'))
  })

  test.each(['tasks/get', 'tasks/result', 'tasks/cancel'])('of an unknown id: %s says -32602', async (about) => {
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => given) })
    expect(await server.ask(about, { taskId: 'nobody' })).toEqual(refused(-32_602, 'Task not found: nobody'))
    expect(await server.ask(about, {})).toEqual(refused(-32_602, 'taskId must be a string.'))
  })

  test('has a limit: a server that asks too much is refused, and what it asked before goes on', async () => {
    const { open, opened } = gate()
    const server = new AskingServer()
    await server.connect({ hostTasks: { ...host(() => opened.then(() => given)), limits: { maxOpenPerOwner: 2 } } })
    const task = await server.askTask(method, params)
    await server.askTask(method, params)
    expect(await server.ask(method, { ...params, task: {} })).toMatchObject({ error: { code: -32_603 } })
    open()
    await server.until(task, 'completed')
  })

  test('that a server names, and puts again for want of the answer, is the same task: nobody is asked twice', async () => {
    let asked = 0
    const server = new AskingServer()
    await server.connect({ hostTasks: host(() => ((asked += 1), given)) })
    const named = { ...params, _meta: { ...relatedTo('their-task'), 'longcall/question': 'name' } }
    const [one, same] = await Promise.all([server.askTask(method, named), server.askTask(method, named)])
    await server.until(one, 'completed')
    expect((await server.askTask(method, named))['taskId']).toBe(one['taskId'])
    expect(same['taskId']).toBe(one['taskId'])
    expect(asked).toBe(1)
    const other = { ...named, _meta: { ...relatedTo('another-task'), 'longcall/question': 'name' } }
    expect((await server.askTask(method, other))['taskId']).not.toBe(one['taskId'])
  })
})

test('an answer to a question of a task names that task, also where nobody here knows it', async () => {
  const server = new AskingServer()
  await server.connect({ onElicitation: () => ({ action: 'decline' }) })
  const answer = await server.ask('elicitation/create', { ...form, _meta: relatedTo('their-task') })
  expect(answer).toEqual({ action: 'decline', _meta: relatedTo('their-task') })
})

test('a server cannot have a client keep without end what it asks: past 64 MiB it is refused, and what went before is not', async () => {
  const server = new AskingServer()
  await server.connect({ hostTasks: { onElicitation: () => ({ action: 'decline' }) } })
  const long = { ...form, message: 'x'.repeat(1_000_000) }
  let accepted = 0
  let last: Wire = {}
  while (accepted < 100) {
    last = await server.ask('elicitation/create', { ...long, task: {} })
    if (last['error'] !== undefined) break
    accepted += 1
  }
  expect(accepted).toBe(66)
  expect(last).toEqual(refused(-32_603, expect.stringContaining('Ask again later.')))
  const { tasks } = await server.askAbout('tasks/list', {})
  await server.until((tasks as Wire[])[0]!, 'completed')
})

test('closing the client stops the handlers of its tasks', async () => {
  let signal: AbortSignal | undefined
  const server = new AskingServer()
  const client = await server.connect({
    hostTasks: {
      onElicitation: (_request, context) => {
        ;({ signal } = context)
        return new Promise(() => {})
      },
    },
  })
  await server.askTask('elicitation/create', form)
  await expectSoon(() => signal?.aborted).toBe(false)
  await client.close()
  expect(signal?.aborted).toBe(true)
})

test('where its tasks cannot be reached, the server is told no more than that, and onError why', async () => {
  const gone = new Error('the disk is gone')
  const errors: Error[] = []
  const server = new AskingServer()
  await server.connect({
    onError: (error) => void errors.push(error),
    hostTasks: {
      onElicitation: () => ({ action: 'decline' }),
      backend: () => {
        throw gone
      },
    },
  })
  // What an earlier process left could not be looked for.
  await expectSoon(() => errors).toEqual([gone])
  expect(await server.ask('elicitation/create', { ...form, task: {} })).toEqual(
    refused(-32_603, 'Tasks cannot be reached at the moment; try again.'),
  )
  await expectSoon(() => errors).toEqual([gone, gone])
})

test('a question that comes while the client closes opens nothing that nobody would close', async () => {
  let open = 0
  const backend = (): TaskBackend => {
    const { store, engine } = memory()
    open += 1
    const close = async (): Promise<void> => {
      open -= 1
      await store.close()
    }
    const closing = new Proxy(store, {
      get: (target, name: keyof TaskBackend['store']) =>
        name === 'close' ? close : (target[name] as () => unknown).bind(target),
    })
    return { store: closing, engine }
  }
  const server = new AskingServer()
  const hostTasks: HostTasks = { backend, onElicitation: () => new Promise<never>(() => {}) }
  const client = await server.connect({ hostTasks })
  await server.askTask('elicitation/create', form)
  const closing = client.close()
  const late = server.ask('elicitation/create', { ...form, task: {} })
  await closing
  expect(await Promise.race([late, Promise.resolve('no answer')])).toSatisfy(
    (answer) => answer === 'no answer' || (answer as Wire)['error'] !== undefined,
  )
  await new Promise((resolve) => setImmediate(resolve))
  expect(open).toBe(0)
})

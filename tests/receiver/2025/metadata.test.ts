/** Where related-task metadata is, where it is not, and how progress and log lines come. */
import { ManualClock } from '@longcall/core/testing'
import { describe, expect, test } from 'vitest'
import type { RawSession } from '../../support/raw-session.ts'
import { pipes, serveMemory, serveTools, wires } from '../../support/task-tools.ts'

const relatedKey = 'io.modelcontextprotocol/related-task'
const related = (taskId: string): object => ({ [relatedKey]: { taskId } })

/** The progress that a session was told, in order. */
const progressOf = (session: RawSession): unknown[] =>
  session.notifications('notifications/progress').map(({ params }) => params)

describe.each(wires)('on $wire', ({ wire, connect }) => {
  // R52, C137
  test('the answers to tasks/get, tasks/cancel and tasks/list, and the created task, carry no related-task metadata', async () => {
    const session = await connect()
    const created = await session.result('tools/call', {
      name: 'play',
      arguments: { steps: [{ wait: 'end' }] },
      task: {},
    })
    const { taskId } = created['task'] as { taskId: string }
    const answers = [created, await session.get(taskId), await session.result('tasks/cancel', { taskId })]
    if (wire !== 'HTTP') answers.push(await session.result('tasks/list'))
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain('_meta')
  })
})

/** A session that hears everything on one stream. */
const heard = [
  ...pipes,
  {
    wire: 'HTTP',
    connect: async (): Promise<RawSession> => {
      const session = await (await serveTools()).connect()
      await session.listen()
      return session
    },
  },
]

describe.each(heard)('on $wire', ({ connect }) => {
  // R53
  test('a status notification carries no related-task metadata', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ say: 'on it' }])
    expect(await session.told(taskId, 'completed')).not.toHaveProperty('_meta')
  })

  // R47, C182
  test('a log line of a body names its task', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'go' }, { log: 'half way' }])
    await session.settle()
    await session.open('go')
    const { message } = await session.take(({ method }) => method === 'notifications/message')
    expect(message.params).toEqual({ level: 'info', data: 'half way', _meta: related(taskId) })
  })

  // R47, R55, C181
  test('progress carries the token of the call for as long as the task goes on, and names the task', async () => {
    const session = await connect()
    const steps = [
      { wait: 'one' },
      { progress: [1, 3, 'begun'] },
      { wait: 'two' },
      { progress: [2, 3] },
      { wait: 'end' },
    ] as const
    const { taskId } = await session.start(steps, { _meta: { progressToken: 'token-7' } })
    await session.settle()
    for (const [door, progress] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      await session.open(door)
      await session.take(({ params }) => params?.['progress'] === progress)
    }
    expect(progressOf(session)).toEqual([
      { progressToken: 'token-7', progress: 1, total: 3, message: 'begun', _meta: related(taskId) },
      { progressToken: 'token-7', progress: 2, total: 3, _meta: related(taskId) },
    ])
  })

  // R55
  test('without a token there is no progress', async () => {
    const session = await connect()
    const { taskId } = await session.start([{ wait: 'go' }, { progress: [1] }, { say: 'said' }, { wait: 'end' }])
    await session.settle()
    await session.open('go')
    await session.told(taskId, 'working')
    expect(progressOf(session)).toEqual([])
  })

  // R56, C181
  test.for([
    ['completed', []],
    ['failed', [{ throw: 'disk full' }]],
  ] as const)('no progress comes once a task is %s', async ([status, steps]) => {
    const session = await connect()
    for (let round = 0; round < 10; round++) {
      const token = { _meta: { progressToken: round } }
      const { taskId } = await session.start([{ progress: [1] }, { progress: [2] }, ...steps], token)
      await session.until(taskId, status)
      await session.told(taskId, status)
    }
    await session.settle()
    const order = session.received.flatMap(({ message: { method, params } }) =>
      method === 'notifications/progress' ? ['progress'] : params?.['status'] === status ? ['end'] : [],
    )
    expect(order.filter((each) => each === 'end')).toHaveLength(10)
    expect(order.at(-1)).toBe('end')
  })

  // R56, C181
  test('no progress comes once a task is cancelled', async () => {
    const session = await connect()
    const steps = [{ wait: 'end', deaf: true }, { progress: [1] }, { progress: [2] }] as const
    const { taskId } = await session.start(steps, { _meta: { progressToken: 1 } })
    await session.settle()
    await session.result('tasks/cancel', { taskId })
    await session.open('end')
    await session.settle()
    expect(progressOf(session)).toEqual([])
  })
})

// R55
test('progress never goes back', async () => {
  const clock = new ManualClock()
  const session = await serveMemory({ clock }).connect()
  const said = [5, 3, 4, 6]
  const steps = said.flatMap((progress) => [{ progress: [progress] as const }, { wait: String(progress) }])
  await session.start(steps, { _meta: { progressToken: 1 } })
  for (const progress of said) {
    // What a body says within a moment is told as one: let the moment pass.
    await clock.advance(1_000)
    await session.settle()
    await session.open(String(progress))
  }
  expect(progressOf(session).map((params) => (params as { progress: number }).progress)).toEqual([5, 6])
})

// R56
test('a last report of progress does not come after the result', async () => {
  const session = await serveMemory().connect()
  for (let round = 0; round < 50; round++) {
    const { taskId } = await session.start([{ wait: `go ${round}` }, { progress: [1] }], {
      _meta: { progressToken: round },
    })
    await session.settle()
    const result = session.send('tasks/result', { taskId })
    await session.open(`go ${round}`)
    await result.answer
    await session.settle()
    const at = session.received.findIndex(({ message }) => message.id === result.id)
    const late = session.received.slice(at).filter(({ message }) => message.method === 'notifications/progress')
    expect(late).toEqual([])
  }
})

// C183
test('two tasks of one session never take each other’s token or name', async () => {
  const session = await serveMemory().connect()
  const started = []
  for (const progressToken of ['a', 'b']) {
    started.push(
      await session.start([{ wait: 'go' }, { progress: [1] }, { wait: 'end' }], { _meta: { progressToken } }),
    )
  }
  await session.settle()
  await session.open('go')
  for (const [index, progressToken] of ['a', 'b'].entries()) {
    const { message } = await session.take(({ params }) => params?.['progressToken'] === progressToken)
    expect(message.params).toMatchObject({ _meta: related(started[index]!.taskId) })
  }
})

// C182
test('a log line is held back that is below the level that the client asked for', async () => {
  const session = await serveMemory().connect()
  await session.result('logging/setLevel', { level: 'error' })
  const { taskId } = await session.start([{ wait: 'go' }, { log: 'half way' }])
  await session.settle()
  await session.open('go')
  await session.result('tasks/result', { taskId })
  expect(session.notifications('notifications/message')).toEqual([])
})

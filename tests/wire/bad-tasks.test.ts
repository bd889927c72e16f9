import { describe, expect, test } from 'vitest'
import { Client } from '@longcall/client'
import { badServer, badSettings, clearError, connectBad, type BadSetting } from '../support/bad.ts'
import { textOf } from '../support/answering.ts'

const broken = ['result-null', 'result-missing', 'foreign-id', 'not-json', 'silent-call']

describe.concurrent.each(badSettings)('on a server of $name', ({ setting }) => {
  test.for(broken)(
    'polls that are not answered well end the wait in time, the task kept: %s',
    async (mode, context) => {
      const client = await connectBad(context, setting, mode, { on: 'tasks/get' })
      const task = await client.callTool('job', {}, { task: true })
      const error = await clearError(task.result({ idleTimeoutMs: 500 }))
      expect(error).toMatchObject({ code: 'wait_timeout', limit: 'idle', reference: { taskId: task.id } })
      expect(await client.listTools()).toHaveLength(1)
    },
  )

  test.for(broken)('a cancel that is not answered well is given up in time: %s', async (mode, context) => {
    const client = await connectBad(context, setting, mode, { on: 'tasks/cancel' })
    const task = await client.callTool('job', {}, { task: true })
    const error = await clearError(task.cancel({ timeoutMs: 200 }))
    expect(error.message).toContain('tasks/cancel')
    expect(await client.listTools()).toHaveLength(1)
  })

  test('answers that keep naming another task end the wait by themselves', async (context) => {
    const client = await connectBad(context, setting, 'other-task')
    const task = await client.callTool('job', {}, { task: true })
    const error = await clearError(task.result())
    expect(error).toMatchObject({ code: 'task_unreachable', reference: { taskId: task.id } })
    expect(await client.listTools()).toHaveLength(1)
  })
})

const of = (generation: BadSetting['generation']): typeof badSettings =>
  badSettings.filter(({ setting }) => setting.generation === generation)

describe.concurrent.each(of('2025-11-25'))('on a server of $name', ({ setting }) => {
  test.for(broken)('a result that is not answered well keeps to the limits of the wait: %s', async (mode, context) => {
    const client = await connectBad(context, setting, mode, { on: 'tasks/result', preferTasks: true })
    const task = await client.callTool('job', {}, { task: true })
    const limits = [{ timeoutMs: 1000 }, { idleTimeoutMs: 500 }, { signal: AbortSignal.timeout(1000) }]
    const waits = [
      ...limits.map((limit) => task.result(limit)),
      client.tasks.result(task.id, undefined, { timeoutMs: 1000 }),
      client.callTool('job', {}, { timeoutMs: 1000 }),
    ]
    for (const wait of waits.map((each) => clearError(each)))
      expect((await wait).code).toMatch(/^wait_(timeout|aborted)$/)
    expect(await client.listTools()).toHaveLength(1)
  })

  test('a plain call that is answered with a task nobody asked for is an error, not an empty result', async (context) => {
    const client = await connectBad(context, setting, 'task-unasked')
    expect(await clearError(client.callTool('job'))).toMatchObject({ code: 'request_malformed' })
    expect(await client.listTools()).toHaveLength(1)
  })

  test('a task that completed with an empty result has an empty result', async (context) => {
    const client = await connectBad(context, setting, 'completed-without-result')
    const result = await (await client.callTool('job', {}, { task: true })).result()
    expect(result).toMatchObject({ content: [], isError: false, data: undefined })
  })
})

describe.concurrent.each(of('2026-07-28'))('on a server of $name', ({ setting }) => {
  test('a task that completed without a result is an error that says so, within the limits of the wait', async (context) => {
    const client = await connectBad(context, setting, 'completed-without-result')
    const task = await client.callTool('job', {}, { task: true })
    expect((await task.wait()).status).toBe('completed')
    expect(await clearError(task.result({ timeoutMs: 500 }))).toMatchObject({ code: 'wait_timeout' })
    const error = await clearError(task.result())
    expect(error).toMatchObject({
      code: 'task_unreachable',
      message: expect.stringContaining('the task is completed'),
      reference: { taskId: task.id },
    })
  })
})

describe.concurrent.each(badSettings.filter(({ setting }) => setting.transport === 'stdio'))(
  'on a server of $name',
  ({ setting }) => {
    test('one that dies of each question about a task is asked a few times, and then who waits is told', async (context) => {
      const client = await connectBad(context, setting, 'die-in-task')
      const task = await client.callTool('job', {}, { task: true })
      const waits = await Promise.all([clearError(task.result()), clearError(task.wait())])
      for (const error of waits)
        expect(error).toMatchObject({ code: 'task_unreachable', reference: { taskId: task.id } })
      expect(await clearError(task.status())).toMatchObject({ code: 'request_lost' })
      expect(await client.listTools()).toHaveLength(1)
      expect(client.isConnected).toBe(true)
    })

    test('lines that are no messages, before and between messages, harm nobody', async (context) => {
      const client = await Client.connect(await badServer(context, setting, 'garbage'))
      const results = await Promise.all([1, 2, 3].map(async () => client.callTool('job')))
      expect(results.map(textOf)).toEqual(['done', 'done', 'done'])
      await client.close()
    })
  },
)

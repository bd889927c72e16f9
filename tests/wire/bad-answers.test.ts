import { describe, expect, test } from 'vitest'
import type { Client } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { badSettings, clearError, connectBad, unreadable } from '../support/bad.ts'

const tolerated = [
  'none',
  'task-unasked',
  'wrong-types',
  'null-fields',
  'missing-fields',
  'result-not-ready',
  'poll-interval-zero',
  'poll-interval-negative',
  'poll-interval-string',
  'poll-interval-null',
]

async function expectUnharmed(client: Client): Promise<void> {
  expect((await client.listTools()).map((tool) => tool.name)).toEqual(['job'])
  expect(client.isConnected).toBe(true)
}

describe.concurrent.each(badSettings)('on a server of $name', ({ setting }) => {
  test.for(tolerated)('a task completes all the same: %s', async (mode, context) => {
    const client = await connectBad(context, setting, mode)
    const task = await client.callTool('job', {}, { task: true })
    expect(task.returnedImmediately).toBe(false)
    expect(textOf(await task.result({ timeoutMs: 20_000 }))).toBe('done')
  })

  test.for(unreadable)('an answer that cannot be read fails its call, and no other: %s', async (mode, context) => {
    const client = await connectBad(context, setting, mode)
    const [error] = await Promise.all([
      clearError(client.callTool('job', {}, { task: true, idleTimeoutMs: 500 })),
      expectUnharmed(client),
    ])
    expect(error).toMatchObject({
      code: expect.stringMatching(/^request_(timeout|malformed)$/),
      message: expect.stringContaining('tools/call of "job"'),
    })
    await expectUnharmed(client)
  })

  test.for(['result-null', 'result-string'])(
    'an answer to our id that holds no result fails at once: %s',
    async (mode, context) => {
      const client = await connectBad(context, setting, mode)
      const startedAt = performance.now()
      const error = await clearError(client.callTool('job'))
      expect(error).toMatchObject({
        code: 'request_malformed',
        message: expect.stringContaining('tools/call of "job"'),
      })
      expect(performance.now() - startedAt).toBeLessThan(3000)
      await expectUnharmed(client)
    },
  )

  test('a call that is never answered ends when its time is up', async (context) => {
    const client = await connectBad(context, setting, 'silent-call')
    for (const limits of [{ timeoutMs: 200 }, { idleTimeoutMs: 200 }]) {
      const error = await clearError(client.callTool('job', {}, limits))
      expect(error).toMatchObject({ code: 'request_timeout', failure: { kind: 'timeout', timeoutMs: 200 } })
    }
    await expectUnharmed(client)
  })

  test.for(['task-id-number', 'task-id-missing', 'unknown-status'])(
    'a task that cannot be told is an error of the call, never an empty result: %s',
    async (mode, context) => {
      const client = await connectBad(context, setting, mode)
      const error = await clearError(client.callTool('job', {}, { task: true }))
      expect(error).toMatchObject({
        code: 'request_malformed',
        message: expect.stringMatching(/^tools\/call of "job": .*(taskId|status) must be/),
      })
      await expectUnharmed(client)
    },
  )

  test('the state of another task is not taken for this one', async (context) => {
    const client = await connectBad(context, setting, 'other-task')
    const task = await client.callTool('job', {}, { task: true })
    const error = await clearError(task.status())
    expect(error.message).toContain('somebody-elses')
    expect(task.latest?.status).toBe('working')
    const waited = await clearError(task.result({ idleTimeoutMs: 300 }))
    expect(waited).toMatchObject({ code: 'wait_timeout', reference: { taskId: task.id } })
    await expectUnharmed(client)
  })

  test('a poll interval of thirty years does not keep a look from being fresh', async (context) => {
    const client = await connectBad(context, setting, 'poll-interval-huge')
    const task = await client.callTool('job', {}, { task: true })
    expect(await clearError(task.wait({ timeoutMs: 100 }))).toMatchObject({ code: 'wait_timeout', limit: 'total' })
    await expect.poll(async () => (await task.status()).status, { timeout: 10_000 }).toBe('completed')
    expect(textOf(await task.result())).toBe('done')
  })

  test('a huge result arrives', async (context) => {
    const client = await connectBad(context, setting, 'huge-frame', { on: 'tools/list' })
    expect(await client.listTools()).toEqual([expect.objectContaining({ name: 'job' })])
  })

  test.for(unreadable)('a list that cannot be read is an error in time: %s', async (mode, context) => {
    const client = await connectBad(context, setting, mode, { on: 'tools/list', requestTimeoutMs: 500 })
    const error = await clearError(client.listTools())
    expect(error).toMatchObject({
      code: expect.stringMatching(/^request_(timeout|malformed)$/),
      message: expect.stringContaining('tools/list'),
    })
  })
})

import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, type ClientOptions, type RunningReference, type ToolOperation } from '@longcall/client'
import { serveV1Http } from '../peers/v1-server.mjs'
import { ann, expectSoon, textOf } from '../support/answering.ts'

type Server = Awaited<ReturnType<typeof serveV1Http>>

/** The independent server, which shows a session's tasks to nobody else, and clients of it. */
async function start(): Promise<{ server: Server; connect: (options?: ClientOptions) => Promise<Client> }> {
  const server = await serveV1Http(0, {})
  const clients: Client[] = []
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await server.close()
  })
  const connect = async (options: ClientOptions = {}): Promise<Client> => {
    const client = await Client.connect(server.url, { era: 'legacy', ...options })
    clients.push(client)
    return client
  }
  return { server, connect }
}

describe('the session of a 2025-11-25 server', () => {
  test('is reopened for its task by a client that has one of its own', async () => {
    const { server, connect } = await start()
    const first = await connect()
    const task = await first.callTool('sleep', { ms: 300 }, { task: true })
    const reference = task.toJSON() as RunningReference<ToolOperation>
    await first.close()
    const second = await connect()
    const own = await second.callTool('sleep', { ms: 300 }, { task: true })
    const resumed = second.tasks.resume(reference)
    expect(await resumed.status()).toMatchObject({ id: task.id, status: 'working' })
    expect((resumed.toJSON() as RunningReference).session).toEqual(reference.session)
    expect((own.toJSON() as RunningReference).session?.id).not.toBe(reference.session?.id)
    // By its id alone the task is looked for in the session at hand.
    await expect(second.tasks.get(task.id)).rejects.toMatchObject({ code: 'task_not_found' })
    expect((await Promise.all([resumed.result(), own.result()])).map(textOf)).toEqual(['slept', 'slept'])
    expect(server.sessions()).toHaveLength(2)
  })

  test('that was reopened brings questions, also two of its tasks at a time', async () => {
    const { connect } = await start()
    const first = await connect({ capabilities: { elicitation: {} } })
    const tasks = [await first.callTool('ask', {}, { task: true }), await first.callTool('ask', {}, { task: true })]
    await first.close()
    const { asked, onElicitation } = ann()
    const second = await connect({ onElicitation })
    const results = await Promise.all(tasks.map((task) => second.tasks.resume(task.toJSON()).result()))
    expect(results.map(textOf)).toEqual(['hello Ann', 'hello Ann'])
    expect(asked).toHaveLength(2)
  })

  test('is left alone by close while a task of it is open, and ended once none is', async () => {
    const { server, connect } = await start()
    const idle = await connect()
    const busy = await connect()
    const task = await busy.callTool('sleep', { ms: 50 }, { task: true })
    expect(server.sessions()).toHaveLength(2)
    await idle.close()
    expect(server.sessions()).toHaveLength(1)
    await busy.close()
    expect(server.sessions()).toHaveLength(1)
    const third = await connect()
    expect(textOf(await third.tasks.resume(task.toJSON()).result())).toBe('slept')
  })

  test('is kept for a task that ended and whose result nobody fetched', async () => {
    const { server, connect } = await start()
    const client = await connect()
    const task = await client.callTool('sleep', { ms: 1 }, { task: true })
    await task.wait()
    await client.close()
    expect(server.sessions()).toHaveLength(1)
    const next = await connect()
    expect(textOf(await next.tasks.resume(task.toJSON()).result())).toBe('slept')
  })

  test.each([
    [
      'fetched',
      async (client: Client) => void (await (await client.callTool('sleep', { ms: 1 }, { task: true })).result()),
    ],
    [
      'failed',
      async (client: Client) =>
        void (await (await client.callTool('toolerr', {}, { task: true })).result().catch(() => {})),
    ],
    [
      'cancelled',
      async (client: Client) => {
        const task = await client.callTool('hang', {}, { task: true })
        await task.cancel()
        await task.result().catch(() => {})
      },
    ],
    ['plain', async (client: Client) => void (await client.callTool('required_sleep', { ms: 1 }))],
  ])('is ended by close when its tasks are all over (%s)', async (_, use) => {
    const { server, connect } = await start()
    const client = await connect()
    await use(client)
    await client.close()
    expect(server.sessions()).toEqual([])
  })

  test('that the server forgot is told of with the reference, and harms no other', async () => {
    const { server, connect } = await start()
    const first = await connect()
    const task = await first.callTool('hang', {}, { task: true })
    const { session } = task.toJSON() as RunningReference
    await server.forgetSession(session!.id)
    await expect(task.wait()).rejects.toMatchObject({ code: 'task_unreachable', reference: { taskId: task.id } })
    const second = await connect()
    const resumed = second.tasks.resume(task.toJSON())
    await expect(resumed.status()).rejects.toMatchObject({
      code: 'task_unreachable',
      reference: { taskId: task.id, session },
    })
    expect(textOf(await second.callTool('sleep', { ms: 1 }))).toBe('slept')
  })

  test('that took the place of a lost one which was reopened is ended by close', async () => {
    const { server, connect } = await start()
    const first = await connect()
    const task = await first.callTool('hang', {}, { task: true })
    const { session } = task.toJSON() as RunningReference
    await first.close()
    const second = await connect()
    const own = second.sessionId
    const resumed = second.tasks.resume(task.toJSON())
    expect(await resumed.status()).toMatchObject({ status: 'working' })
    await server.forgetSession(session!.id)
    await expect(resumed.status()).rejects.toMatchObject({ code: expect.stringMatching(/^task_/) })
    await expectSoon(() => server.sessions().filter((id) => id !== own)).toHaveLength(1)
    await second.close()
    expect(server.sessions()).toEqual([])
  })
})

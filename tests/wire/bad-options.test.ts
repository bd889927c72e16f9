import { describe, expect, test } from 'vitest'
import { Client, InvalidOptionError } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { ScriptedServer, wireCreated, wireTask, wireText } from '../support/scripted-server.ts'

async function invalid(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.fail('it was taken'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InvalidOptionError)
  expect(error).toMatchObject({ code: 'invalid_option' })
  return (error as Error).message
}

describe.each(['2025-11-25', '2026-07-28'] as const)('on a %s server', (generation) => {
  const server = (): ScriptedServer =>
    new ScriptedServer(generation, {
      'tools/call': ({ task }) =>
        generation === '2025-11-25' && task === undefined ? wireText('done') : wireCreated(generation),
      'tasks/get': () => wireTask(generation, 'completed', { result: wireText('done') }),
      'tasks/result': () => wireText('done'),
    })

  test.each([
    [{ timeoutMs: -1 }, 'Option timeoutMs is -1; it must be milliseconds, zero or more.'],
    [{ timeoutMs: '5s' }, 'Option timeoutMs is "5s"; it must be milliseconds, zero or more.'],
    [{ timeoutMs: Number.NaN }, 'Option timeoutMs is NaN; it must be milliseconds, zero or more.'],
    [{ idleTimeoutMs: -5 }, 'Option idleTimeoutMs is -5; it must be milliseconds, zero or more.'],
    [{ idleTimeoutMs: {} }, 'Option idleTimeoutMs is an object; it must be milliseconds, zero or more.'],
  ])('a limit that cannot be used is named, and nothing is called: %o', async (limits, message) => {
    const peer = server()
    const client = await peer.connect()
    expect(await invalid(client.callTool('job', {}, limits as object))).toBe(message)
    expect(await invalid(client.callTool('job', {}, { ...limits, task: true } as { task: true }))).toBe(message)
    expect(peer.requests('tools/call')).toEqual([])
    const task = await client.callTool('job', {}, { task: true })
    const drained = async (): Promise<void> => {
      for await (const seen of task.updates(limits as object)) expect(seen.status).toBe('working')
    }
    for (const wait of [() => task.result(limits as object), () => task.wait(limits as object), drained])
      expect(await invalid(wait())).toBe(message)
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity, '1h'])('a time to live of %s is refused', async (ttlMs) => {
    const peer = server()
    const client = await peer.connect()
    expect(await invalid(client.callTool('job', {}, { task: { ttlMs: ttlMs as number } }))).toMatch(
      /^Option task\.ttlMs is .+; it must be whole milliseconds above zero\.$/,
    )
    expect(peer.requests('tools/call')).toEqual([])
  })

  test('a task that is not wished for gives a result', async () => {
    const client = await server().connect()
    for (const task of [undefined, false]) {
      const result = client.callTool('job', {}, { task } as never) as unknown as ReturnType<typeof client.callTool>
      expect(textOf(await result)).toBe('done')
    }
  })

  test('what names no task, no status and no page is refused', async () => {
    const client = await server().connect()
    for (const id of ['', 7, null, undefined]) {
      for (const use of ['get', 'cancel', 'result'] as const)
        expect(await invalid(client.tasks[use](id as string))).toContain('Option taskId is ')
    }
    for (const limit of [0, -1, 1.5, '3'])
      expect(await invalid(client.tasks.list({ limit: limit as number }))).toContain('limit')
    expect(await invalid(client.tasks.list({ cursor: 'longcall:spoiled' }))).toContain(
      'Option cursor is "longcall:spoiled"',
    )
    const task = await client.callTool('job', {}, { task: true })
    expect(await invalid(task.wait({ until: 'done' as 'completed' }))).toContain(
      'Option until is "done"; it must be one of working',
    )
  })
})

test('a client with a bad option is not made', () => {
  expect(() => new Client('https://example.com/mcp', { era: '2025' as 'legacy' })).toThrow(InvalidOptionError)
})

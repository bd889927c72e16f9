import { describe, expect, test } from 'vitest'
import { WaitEndedError, type TaskSnapshot } from '@longcall/client'
import { ann, textOf } from '../support/answering.ts'
import { jobs, serve, settings } from '../support/servers.ts'

async function collect(feed: AsyncIterable<TaskSnapshot>): Promise<string[]> {
  const statuses: string[] = []
  for await (const { status } of feed) statuses.push(status)
  return statuses
}

describe.each(settings())('on the $name', ({ setting }) => {
  const { slow, asks, typed } = jobs(setting)

  test('updates go from the first snapshot to one terminal one, and end', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    const statuses = await collect(task.updates())
    expect(statuses[0]).toBe('working')
    expect(statuses.at(-1)).toBe('completed')
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(1)
  })

  test('a task is followed by its id as by its handle', async () => {
    const client = await (await serve(setting)).connect()
    const { id } = await client.callTool(slow.tool, slow.args, { task: true })
    const statuses = await collect(client.tasks.poll(id))
    expect([statuses[0], statuses.at(-1)]).toEqual(['working', 'completed'])
    const unknown = collect(client.tasks.poll('nobody-knows-it'))
    await expect(unknown).rejects.toMatchObject({ code: 'task_not_found', taskId: 'nobody-knows-it' })
  })

  test('updates of a task that has ended are its last snapshot, once', async () => {
    const client = await (await serve(setting)).connect()
    const done = await client.callTool(typed.tool, typed.args, { task: true })
    await done.wait()
    expect(await collect(done.updates())).toEqual(['completed'])
    const cancelled = await client.callTool('hang', {}, { task: true })
    await cancelled.cancel()
    expect(await collect(cancelled.updates())).toEqual(['cancelled'])
  })

  test('updates go on through a question', async () => {
    const client = await (await serve(setting)).connect({ onElicitation: ann().onElicitation })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    expect((await collect(task.updates())).at(-1)).toBe('completed')
    expect(textOf(await task.result())).toBe(asks.says)
  })

  test('a wait without a goal ends with the task, a wait for a status with that status', async () => {
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const ends = await client.callTool(slow.tool, slow.args, { task: true })
    expect(await ends.wait()).toMatchObject({ status: 'completed' })
    const asking = await client.callTool(asks.tool, asks.args, { task: true })
    expect(await asking.wait({ until: 'input_required' })).toMatchObject({ status: 'input_required' })
  })

  test('a wait for a status that will not come ends with the task, and says how that ended', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(slow.tool, slow.args, { task: true })
    const error = await task.wait({ until: 'input_required' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WaitEndedError)
    expect(error).toMatchObject({ code: 'wait_ended', snapshot: { id: task.id, status: 'completed' } })
  })

  test('the result is the same object however often it is wanted, also after the connection closed', async () => {
    const client = await (await serve(setting)).connect()
    const task = await client.callTool(typed.tool, typed.args, { task: true })
    const other = await client.callTool(typed.tool, typed.args, { task: true })
    const [first, again] = await Promise.all([task.result(), task.result()])
    await task.status()
    await task.wait()
    expect(again).toBe(first)
    expect(await task.result()).toBe(first)
    expect(await other.result()).not.toBe(first)
    await client.close()
    expect(await task.result()).toBe(first)
    expect(task.latest).toMatchObject({ status: 'completed' })
  })
})

import { describe, expect, test } from 'vitest'
import { QuestionError, type RunningReference, type ToolOperation } from '@longcall/client'
import { ann, expectSoon, textOf } from '../support/answering.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings())('on the $name', ({ setting }) => {
  const { must, asks, slow, typed } = jobs(setting)

  test('a tool that only runs as a task just works', async () => {
    const client = await (await serve(setting)).connect()
    expect(textOf(await client.callTool(must.tool, must.args))).toBe(must.says)
  })

  test('a tool that may run as a task just works, as a task where that is preferred', async () => {
    const served = await serve(setting)
    for (const preferTasks of [false, true]) {
      const client = await served.connect({ preferTasks })
      expect(textOf(await client.callTool(slow.tool, slow.args))).toBe(slow.says)
      expect((await client.callTool<{ n: number }>(typed.tool, typed.args)).data?.n).toBe(7)
    }
  })

  test('a plain call whose task asks is answered by the handler', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting)).connect({ preferTasks: true, onElicitation })
    expect(textOf(await client.callTool(asks.tool, asks.args))).toBe(asks.says)
    expect(asked).toHaveLength(1)
  })

  test('a plain call whose task asks what nobody answers says which option is missing, and the task goes on by hand', async () => {
    const client = await (await serve(setting)).connect({ preferTasks: true, capabilities: { elicitation: {} } })
    const error = (await client.callTool(asks.tool, asks.args).catch((thrown: unknown) => thrown)) as QuestionError
    expect(error).toBeInstanceOf(QuestionError)
    expect(error).toMatchObject({
      code: 'no_handler',
      message: expect.stringMatching(/pass onElicitation to Client\.connect\(\)/),
      reference: { kind: 'task', operation: { name: asks.tool } },
    })
    const task = client.tasks.resume(error.reference as RunningReference<ToolOperation>)
    const result = task.result()
    await expectSoon(() => task.questions().length).toBe(1)
    await task.answer(task.questions()[0]!.key, { action: 'accept', content: { name: 'Ann' } })
    expect(textOf(await result)).toBe(asks.says)
  })
})

describe.each(settings({ peer: 'dual', transport: 'memory' }))('on the $name', ({ setting }) => {
  test('who is asked for a task and who decides is as the generation has it', async () => {
    const served = await serve(setting)
    const tasked = (): boolean =>
      served.dual.events.findLast(({ method }) => method === 'tools/call')?.taskId !== undefined
    const server = setting.generation === '2026-07-28'
    const plain = await served.connect()
    await plain.callTool('slow', { ms: 1 })
    expect(tasked()).toBe(server)
    await plain.callTool('required_job', { ms: 1 })
    expect(tasked()).toBe(true)
    await plain.callTool('greet', { name: 'Bo' })
    expect(tasked()).toBe(false)
    const prefers = await served.connect({ preferTasks: true })
    await prefers.callTool('slow', { ms: 1 })
    expect(tasked()).toBe(true)
    await prefers.callTool('greet', { name: 'Bo' })
    expect(tasked()).toBe(false)
  })

  test('options mean the same for a call that became a task', async () => {
    const client = await (await serve(setting)).connect({ preferTasks: true })
    const failed = await client.callTool('failing_job', {}, { throwOnError: false })
    expect(failed).toMatchObject({ isError: true, data: undefined })
    await expect(client.callTool('failing_job')).rejects.toMatchObject({
      code: 'tool_error',
      result: { isError: true },
    })
  })
})

describe.each(settings({ generation: '2026-07-28' }))('on the $name', ({ setting }) => {
  test('a tool may ask before it begins, and then run as a task or not', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting)).connect({ onElicitation })
    expect(textOf(await client.callTool('mrtr_plain'))).toBe('plain for Ann')
    expect(textOf(await client.callTool('mrtr_then_task'))).toBe('task for Ann')
    const task = await client.callTool('mrtr_then_task', {}, { task: true })
    expect(task.returnedImmediately).toBe(false)
    expect(textOf(await task.result())).toBe('task for Ann')
    const immediate = await client.callTool('mrtr_plain', {}, { task: true })
    expect(immediate.returnedImmediately).toBe(true)
    expect(asked).toEqual(Array.from({ length: 4 }, () => 'Your name?'))
  })
})

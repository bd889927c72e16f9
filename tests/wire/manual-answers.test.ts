import { describe, expect, test } from 'vitest'
import type { ToolTask } from '@longcall/client'
import { expectSoon, gate, textOf } from '../support/answering.ts'
import { jobs, serve, settings } from '../support/servers.ts'

const accept = (name: string) => ({ action: 'accept', content: { name } })

/** The key of the question that the task asks sooner or later; somebody must be waiting for the task. */
async function asked(task: ToolTask): Promise<string> {
  await expectSoon(() => task.questions().length).toBe(1)
  return task.questions()[0]!.key
}

describe.each(settings())('on the $name', ({ setting }) => {
  const { asks, asksTwice } = jobs(setting)

  test('a task without a handler stays open, and its questions are answered by hand', async () => {
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const result = task.result()
    const key = await asked(task)
    expect(task.questions()).toMatchObject([
      { key, method: 'elicitation/create', params: { requestedSchema: { required: ['name'] } } },
    ])
    expect(await task.status()).toMatchObject({ status: 'input_required' })
    await task.answer(key, accept('Ann'))
    expect(textOf(await result)).toBe(asks.says)
    expect(task.questions()).toEqual([])
  })

  test('one question after another is answered by hand', async () => {
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool(asksTwice.tool, asksTwice.args, { task: true })
    const result = task.result()
    const first = await asked(task)
    await task.answer(first, accept('Ann'))
    await expectSoon(() => task.questions().map(({ key }) => key)).not.toContain(first)
    const second = await asked(task)
    expect(second).not.toBe(first)
    await task.answer(second, accept('Ann'))
    expect(textOf(await result)).toBe(asksTwice.says)
  })
})

describe.each(settings({ transport: 'memory' }))('on the $name', ({ setting }) => {
  const { asks } = jobs(setting)

  test('an answer to what is not asked, or not any more, is refused', async () => {
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    await expect(task.answer('nobody-asked', accept('Ann'))).rejects.toMatchObject({ code: 'unknown_question' })
    const result = task.result()
    const key = await asked(task)
    await expect(task.answer('nobody-asked', accept('Ann'))).rejects.toThrow(key)
    await task.answer(key, accept('Ann'))
    await expect(task.answer(key, accept('Bob'))).rejects.toMatchObject({ code: 'unknown_question' })
    expect(textOf(await result)).toBe(asks.says)
    await expect(task.answer(key, accept('Bob'))).rejects.toMatchObject({ code: 'unknown_question' })
  })

  test('an answer by hand stops the handler that has the question, and its answer is not sent', async () => {
    const at = gate<AbortSignal>()
    const late = gate()
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: async (_request, { signal }) => {
        at.open(signal)
        await late.opened
        return { action: 'decline' }
      },
    })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const result = task.result()
    const signal = await at.opened
    await task.answer(await asked(task), accept('Ann'))
    expect(signal.aborted).toBe(true)
    late.open()
    expect(textOf(await result)).toBe(asks.says)
  })

  test('two handles of a task show and answer the same questions', async () => {
    const client = await (await serve(setting)).connect({ capabilities: { elicitation: {} } })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const result = task.result()
    const key = await asked(task)
    const twin = client.tasks.resume(JSON.parse(JSON.stringify(task)))
    await twin.status()
    expect(twin.questions()).toEqual(task.questions())
    await twin.answer(key, accept('Ann'))
    expect(textOf(await result)).toBe(asks.says)
  })
})

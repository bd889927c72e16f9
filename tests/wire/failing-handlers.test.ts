import { describe, expect, test } from 'vitest'
import { QuestionError, type RunningReference } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { jobs, serve, settings } from '../support/servers.ts'

const broken = (): never => {
  throw new Error('the form did not open')
}

describe.each(settings({ generation: '2025-11-25' }))('on the $name', ({ setting }) => {
  const { asks } = jobs(setting)

  test('a handler that throws is a JSON-RPC error to the server, which then decides', async () => {
    const errors: Error[] = []
    const client = await (
      await serve(setting)
    ).connect({ onElicitation: broken, onSampling: broken, onError: (error) => void errors.push(error) })
    for (const [tool, args, option] of [
      [asks.tool, asks.args, 'onElicitation'],
      ['sample', {}, 'onSampling'],
    ] as const) {
      const task = await client.callTool(tool, args, { task: true })
      // Both servers fail the task, and say with what.
      await expect(task.result()).rejects.toMatchObject({
        code: 'task_failed',
        message: expect.stringContaining('the form did not open'),
      })
      expect(errors.at(-1)).toMatchObject({ code: 'handler_failed', message: expect.stringContaining(option) })
    }
  })
})

describe.each(settings({ generation: '2026-07-28' }))('on the $name', ({ setting }) => {
  test('a handler of a form that throws cancels it, and the task goes on', async () => {
    const errors: Error[] = []
    const client = await (
      await serve(setting)
    ).connect({ onElicitation: broken, onError: (error) => void errors.push(error) })
    const task = await client.callTool('confirm', { filename: 'f' }, { task: true })
    expect(textOf(await task.result())).toBe('deleted f by cancel')
    expect(errors).toMatchObject([{ code: 'handler_failed', cause: { message: 'the form did not open' } }])
  })

  test('a handler of a model that throws ends the wait, and the task goes on by hand', async () => {
    const client = await (await serve(setting)).connect({ onSampling: broken })
    const task = await client.callTool('sample', {}, { task: true })
    const error = (await task.result().catch((thrown: unknown) => thrown)) as QuestionError
    expect(error).toBeInstanceOf(QuestionError)
    expect(error).toMatchObject({
      code: 'handler_failed',
      message: expect.stringContaining('onSampling failed: the form did not open'),
      reference: { taskId: task.id },
      cause: { message: 'the form did not open' },
    })
    // Whoever waits again is told again, and nobody is asked again.
    await expect(task.wait()).rejects.toMatchObject({ code: 'handler_failed' })
    const [question] = task.questions()
    const content = { type: 'text', text: 'leaves fall' }
    await task.answer(question!.key, { role: 'assistant', model: 'by hand', content })
    expect(textOf(await task.result())).toBe('sampled leaves fall')
  })

  test('a plain call whose handler throws rejects, and its task can be picked up', async () => {
    const client = await (await serve(setting)).connect({ onSampling: broken })
    const error = (await client.callTool('sample').catch((thrown: unknown) => thrown)) as QuestionError
    expect(error).toMatchObject({ code: 'handler_failed', reference: { kind: 'task' } })
    const task = client.tasks.resume(error.reference as RunningReference)
    expect(await task.status()).toMatchObject({ status: 'input_required' })
    await task.cancel()
  })
})

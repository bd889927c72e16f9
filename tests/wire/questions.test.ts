import { describe, expect, test } from 'vitest'
import type { ElicitationRequest, QuestionContext } from '@longcall/client'
import { ann, expectSoon, gate, textOf } from '../support/answering.ts'
import { jobs, serve, settings } from '../support/servers.ts'

describe.each(settings())('on the $name', ({ setting }) => {
  const { asks, asksTwice } = jobs(setting)

  test('a question of a task reaches its handler once, and its answer the task', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting)).connect({ onElicitation })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    expect(textOf(await task.result())).toBe(asks.says)
    expect(asked).toHaveLength(1)
  })

  test('questions one after another are asked in their order, each once', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting)).connect({ onElicitation })
    const task = await client.callTool(asksTwice.tool, asksTwice.args, { task: true })
    expect(textOf(await task.result())).toBe(asksTwice.says)
    expect(asked).toEqual(setting.peer === 'v1' ? ['first name?', 'last name?'] : ['round 1?', 'round 2?'])
  })

  test('a question for a model reaches the sampling handler', async () => {
    const client = await (
      await serve(setting)
    ).connect({
      onSampling: (request) => ({
        role: 'assistant',
        model: 'm',
        content: { type: 'text', text: `of ${JSON.stringify(request.messages[0]?.content)}` },
      }),
    })
    const task = await client.callTool('sample', {}, { task: true })
    expect(textOf(await task.result())).toBe('sampled of {"type":"text","text":"write a haiku"}')
  })
})

describe.each(settings({ transport: 'memory' }))('on the $name', ({ setting }) => {
  const { asks } = jobs(setting)

  test('a handler is told the question, the task and the key', async () => {
    const seen: [ElicitationRequest, QuestionContext][] = []
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: (request, context) => {
        seen.push([request, context])
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    await task.result()
    const [[request, context]] = seen as [[ElicitationRequest, QuestionContext]]
    expect(request).toMatchObject({ mode: 'form', requestedSchema: { required: ['name'] } })
    expect(context).toMatchObject({ taskId: task.id, key: expect.stringMatching(/./) })
    expect(context.signal.aborted).toBe(false)
  })

  test('the task waits while a person thinks, and is seen to', async () => {
    const answer = gate<string>()
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: async () => ({ action: 'accept', content: { name: await answer.opened } }),
    })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const result = task.result()
    expect(await task.wait({ until: 'input_required' })).toMatchObject({ status: 'input_required' })
    // In 2025-11-25 the status comes first and the question after it.
    await expectSoon(() => task.questions()).toMatchObject([{ method: 'elicitation/create' }])
    answer.open('Ann')
    expect(textOf(await result)).toBe(asks.says)
    expect(task.questions()).toEqual([])
  })

  test.each(['decline', 'cancel'] as const)('a person may %s', async (action) => {
    const client = await (await serve(setting)).connect({ onElicitation: () => ({ action }) })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    expect(textOf(await task.result())).toBe(asks.says.replace('Ann', action))
  })

  test('all who wait for a task have one person asked', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting)).connect({ onElicitation })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    const twin = client.tasks.resume(JSON.parse(JSON.stringify(task)))
    await Promise.all([task.result(), task.wait(), twin.result(), client.tasks.result(task.id)])
    expect(asked).toHaveLength(1)
  })

  test('tasks that ask at the same time have questions of their own', async () => {
    const names = new Map<string, string>()
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: (_request, { taskId = '' }) => ({ action: 'accept', content: { name: names.get(taskId) ?? '?' } }),
    })
    const tasks = await Promise.all([1, 2, 3].map(() => client.callTool(asks.tool, asks.args, { task: true })))
    for (const [at, task] of tasks.entries()) names.set(task.id, `No ${at}`)
    const results = await Promise.all(tasks.map((task) => task.result()))
    expect(results.map(textOf)).toEqual(tasks.map((_, at) => asks.says.replace('Ann', `No ${at}`)))
  })

  test('a handler may call tools of the same server, as tasks too', async () => {
    const client = await (
      await serve(setting)
    ).connect({
      preferTasks: true,
      onElicitation: async () => {
        const { slow } = jobs(setting)
        const direct = await client.callTool(slow.tool, slow.args)
        const task = await client.callTool(slow.tool, slow.args, { task: true })
        return { action: 'accept', content: { name: `${textOf(direct)}, ${textOf(await task.result())}` } }
      },
    })
    const { says } = jobs(setting).slow
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    expect(textOf(await task.result())).toBe(asks.says.replace('Ann', `${says}, ${says}`))
  })

  test('nobody is asked while nobody waits', async () => {
    const { asked, onElicitation } = ann()
    const client = await (await serve(setting)).connect({ onElicitation })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    await expectSoon(async () => (await task.status()).status).toBe('input_required')
    expect(asked).toEqual([])
    expect(textOf(await task.result())).toBe(asks.says)
    expect(asked).toHaveLength(1)
  })
})

describe.each(settings({ peer: 'dual', transport: 'memory' }))('on the $name', ({ setting }) => {
  test('several open questions are put at once, and answered in whatever order', async () => {
    const gates = new Map([
      ['first?', gate()],
      ['second?', gate()],
    ])
    const asked: string[] = []
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: async ({ message }) => {
        asked.push(message)
        await gates.get(message)?.opened
        return { action: 'accept', content: { name: message } }
      },
    })
    const task = await client.callTool('multi', {}, { task: true })
    const result = task.result()
    await expectSoon(() => asked).toEqual(['first?', 'second?'])
    gates.get('second?')?.open()
    await expectSoon(() => task.questions().map(({ params }) => params['message'])).toEqual(['first?'])
    gates.get('first?')?.open()
    expect(textOf(await result)).toBe('first?+second?')
    expect(asked).toHaveLength(2)
  })

  test('a URL to visit and roots reach their handlers', async () => {
    const urls: unknown[] = []
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: (request) => {
        urls.push('url' in request && request.url)
        return { action: 'accept' }
      },
      roots: ['file:///srv'],
    })
    const visit = await client.callTool('url_confirm', {}, { task: true })
    expect(textOf(await visit.result())).toBe('url accept')
    expect(urls).toEqual(['https://example.com/approve'])
    const roots = await client.callTool('roots', {}, { task: true })
    expect(textOf(await roots.result())).toBe('roots file:///srv')
  })
})

describe.each(settings({ peer: 'dual', generation: '2025-11-25' }))('on the $name', ({ setting }) => {
  test('a question of a call that is no task reaches the same handler', async () => {
    const contexts: QuestionContext[] = []
    const client = await (
      await serve(setting)
    ).connect({
      onElicitation: (_request, context) => {
        contexts.push(context)
        return { action: 'accept', content: { name: 'Ann' } }
      },
    })
    expect(textOf(await client.callTool('confirm', { filename: 'f' }))).toBe('deleted f by Ann')
    expect(contexts).toHaveLength(1)
    expect(contexts[0]?.taskId).toBeUndefined()
  })

  test('a question that nobody answers, of a call that is no task, is refused', async () => {
    const client = await (await serve(setting)).connect()
    const call = client.callTool('confirm', { filename: 'f' })
    await expect(call).rejects.toMatchObject({ rpcCode: -32_601, message: expect.stringContaining('no handler') })
  })
})

test('an answered question that a 2026-07-28 server still shows is not asked again', async () => {
  const { asked, onElicitation } = ann()
  const served = await serve({ peer: 'dual', transport: 'memory', generation: '2026-07-28' }, { push: false })
  const client = await served.connect({ onElicitation })
  const task = await client.callTool('stale_key', {}, { task: true })
  expect(textOf(await task.result())).toBe('stale Ann')
  expect(asked).toEqual(['once only?'])
  expect(served.dual.log.answersOf(task.id)).toHaveLength(1)
})

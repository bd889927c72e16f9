import { setTimeout as pause } from 'node:timers/promises'
import { RpcError, workElsewhere } from '@longcall/core'
import { ManualClock, runTool } from '@longcall/server/testing'
import type { Tasks } from '@longcall/server'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ToolRun } from './tool-run.ts'

const howMany = {
  message: 'How many?',
  requestedSchema: { type: 'object' as const, properties: { n: { type: 'integer' as const } }, required: ['n'] },
}

function tools(tasks: Tasks): void {
  tasks.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }, ctx) => {
    ctx.updateStatus('echoing')
    ctx.progress(1, 2, 'half')
    ctx.log('info', { text })
    return text
  })
  tasks.registerTool('ask', {}, async (_args, ctx) => {
    const { content } = await ctx.elicit(howMany, { key: 'many' })
    return `${String(content?.['n'])} of them`
  })
  tasks.registerTool('ask_two', {}, async (_args, ctx) => {
    const answers = await Promise.all([ctx.elicit(howMany, { key: 'a' }), ctx.elicit(howMany, { key: 'b' })])
    return answers.map(({ action }) => action).join(', ')
  })
  tasks.registerTool(
    'prepared',
    {
      task: 'required',
      prepare: async (args, ctx) => ({ ...args, n: (await ctx.elicit(howMany)).content?.['n'] }),
    },
    (args) => JSON.stringify(args),
  )
  tasks.registerTool('who', {}, (_args, ctx) => JSON.stringify(ctx.auth))
  tasks.registerTool('throw', {}, () => {
    throw new RpcError(-32_050, 'kaboom', { where: 1 })
  })
  tasks.registerTool('elsewhere', {}, async (_args, ctx) => {
    await ctx.step('submit', () => ctx.taskId ?? '')
    return workElsewhere
  })
  tasks.registerTool('sleep', {}, async (_args, ctx) => {
    await pause(60_000, undefined, { signal: ctx.signal })
    return 'slept'
  })
}

const open: ToolRun[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((run) => run.close()))
})

/** A run that is closed after its test. */
async function start(...args: Parameters<typeof runTool>): Promise<ToolRun> {
  const run = await runTool(...args)
  open.push(run)
  return run
}

describe('a run', () => {
  test('gives the result of the tool, and all that it said', async () => {
    const run = await start(tools, 'echo', { text: 'hello' })
    expect(await run.result()).toMatchObject({ content: [{ type: 'text', text: 'hello' }] })
    expect(run.statusMessages).toEqual(['echoing'])
    expect(run.progress).toEqual([{ progress: 1, total: 2, message: 'half' }])
    expect(run.logs).toEqual([{ level: 'info', data: { text: 'hello' } }])
    expect(run).toMatchObject({ status: 'completed', attempt: 1 })
  })

  test('begins only when something is awaited of it', async () => {
    const run = await start(tools, 'echo', { text: 'hello' })
    await pause(0)
    expect(run.statusMessages).toEqual([])
    await run.advance(0)
    expect(run.statusMessages).toEqual(['echoing'])
  })

  test('of a tool that nobody declared is refused', async () => {
    await expect(runTool(tools, 'nothing')).rejects.toMatchObject({ code: 'unknown_tool' })
  })

  test('with arguments that do not fit is over with the result that says so', async () => {
    const run = await start(tools, 'echo', { text: 1 })
    expect(await run.result()).toMatchObject({ isError: true })
    expect(run.status).toBeUndefined()
    await expect(run.crash()).rejects.toThrow('cannot crash')
    await expect(run.nextQuestion()).rejects.toThrow('without an open question')
  })

  test('rejects with the JSON-RPC error that the tool threw', async () => {
    const run = await start(tools, 'throw')
    await expect(run.result()).rejects.toMatchObject({ rpcError: { code: -32_050, data: { where: 1 } } })
    expect(await run.outcome()).toMatchObject({ kind: 'error', error: { message: 'kaboom' } })
  })

  test('names its caller to the tool', async () => {
    const run = await start(tools, 'who', {}, { principal: 'ann', scopes: ['read'] })
    const { content } = await run.result()
    expect(JSON.parse((content[0] as { text: string }).text)).toEqual({
      principal: 'ann',
      clientId: 'test',
      scopes: ['read'],
    })
    expect(await run.tasks.list({ owner: 'ann' })).toMatchObject({ tasks: [{ id: run.taskId }] })
  })

  test('of work that is done elsewhere is ended from outside', async () => {
    const run = await start(tools, 'elsewhere')
    await run.advance(0)
    expect(run.status).toBe('working')
    await run.tasks.complete(run.taskId, 'done outside')
    expect(await run.result()).toMatchObject({ content: [{ text: 'done outside' }] })
  })

  test('aborts the signal of the tool when it is cancelled', async () => {
    const run = await start(tools, 'sleep')
    await run.advance(0)
    expect(run.signal?.aborted).toBe(false)
    await run.cancel()
    expect(run.signal?.aborted).toBe(true)
    expect(run.status).toBe('cancelled')
    expect(await run.outcome()).toBeUndefined()
    await expect(run.result()).rejects.toMatchObject({ code: 'task_cancelled' })
  })

  test('that is closed stops a tool that still runs', async () => {
    const run = await runTool(tools, 'sleep')
    await run.advance(0)
    await run.close()
    expect(run.signal?.aborted).toBe(true)
  })

  test('goes by the clock that it is given, ttl and all', async () => {
    const clock = new ManualClock()
    const run = await start(
      tools,
      'echo',
      { text: 'x' },
      { clock, ttlMs: 1_000, tasks: { limits: { retentionMs: 0 } } },
    )
    await run.result()
    await run.advance(20_000)
    expect(await run.tasks.get(run.taskId)).toBeUndefined()
    expect(run.clock).toBe(clock)
  })
})

describe('a question', () => {
  test('is answered in the place of the client', async () => {
    const run = await start(tools, 'ask')
    expect(await run.nextQuestion()).toMatchObject({ key: 'many', params: { message: 'How many?' } })
    expect(run.status).toBe('input_required')
    await run.answer({ action: 'accept', content: { n: 3 } })
    expect(await run.result()).toMatchObject({ content: [{ text: '3 of them' }] })
    expect(run.questions).toMatchObject([{ key: 'many', state: 'answered' }])
  })

  test('is not answered with what does not fit its form', async () => {
    const run = await start(tools, 'ask')
    await expect(run.answer({ action: 'accept', content: { n: 'three' } })).rejects.toMatchObject({
      rpcError: { code: -32_602 },
    })
    expect(run.questions).toMatchObject([{ key: 'many', state: 'open' }])
  })

  test('among several is answered by its key', async () => {
    const run = await start(tools, 'ask_two')
    await run.answer({ action: 'decline' }, { key: 'b' })
    expect(await run.nextQuestion()).toMatchObject({ key: 'a' })
    await run.answer({ action: 'cancel' })
    expect(await run.result()).toMatchObject({ content: [{ text: 'cancel, decline' }] })
  })

  test('that the client refuses reaches the tool as an error', async () => {
    const run = await start(tools, 'ask')
    await run.refuse({ code: -1, message: 'User rejected' })
    await expect(run.result()).rejects.toMatchObject({ rpcError: { code: -1, message: 'User rejected' } })
  })

  test('is not asked of a client that cannot be asked', async () => {
    const run = await start(tools, 'ask', {}, { capabilities: {} })
    await expect(run.nextQuestion()).rejects.toThrow('failed')
    await expect(run.result()).rejects.toThrow('elicitation')
  })

  test('of prepare comes before there is a task', async () => {
    const run = await start(tools, 'prepared', { a: 1 })
    expect(await run.nextQuestion()).toMatchObject({ params: { message: 'How many?' } })
    expect(run.status).toBeUndefined()
    await expect(run.crashAfterStep('any')).rejects.toThrow('no task yet')
    await run.answer({ action: 'accept', content: { n: 2 } })
    expect(await run.result()).toMatchObject({ content: [{ text: '{"a":1,"n":2}' }] })
    expect(run.status).toBe('completed')
  })
})

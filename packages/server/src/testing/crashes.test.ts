import { ManualClock, runTool } from '@longcall/server/testing'
import type { Tasks } from '@longcall/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ToolRun } from './tool-run.ts'

/** What reached the world outside, beyond all processes. */
const world: string[] = []
const clock = new ManualClock()

function tools(tasks: Tasks): void {
  tasks.registerTool('book', { onCrash: 'rerun' }, async (_args, ctx) => {
    world.push(`attempt ${ctx.attempt}`)
    const plan = await ctx.step('plan', () => ['flight', 'hotel'])
    const { action } = await ctx.elicit(
      { message: `Book ${plan.length}?`, requestedSchema: { type: 'object', properties: {} } },
      { key: 'sure' },
    )
    for (const item of plan) {
      await ctx.step('book', () => {
        world.push(item)
        return item
      })
      ctx.updateStatus(`Booked ${item}`)
    }
    return `${action}: ${plan.join(' and ')}`
  })
  tasks.registerTool('once', {}, async (_args, ctx) => {
    world.push(`attempt ${ctx.attempt}`)
    await ctx.step('pay', () => 'paid')
    return 'done'
  })
  tasks.registerTool('slow', { onCrash: 'rerun', maxAttempts: 2 }, async (_args, ctx) => {
    await clock.sleep(3_600_000, ctx.signal)
    ctx.updateStatus(`attempt ${ctx.attempt} woke up`)
    await ctx.step('after', () => world.push('after'))
    return 'rested'
  })
}

let run: ToolRun
beforeEach(() => {
  world.length = 0
})
afterEach(() => run.close())

describe('after a crash', () => {
  test('a kept step is not run again, and its value comes back', async () => {
    run = await runTool(tools, 'book')
    await run.crashAfterStep('plan')
    expect(run).toMatchObject({ attempt: 2, status: 'working' })
    expect(world).toEqual(['attempt 1'])

    await run.answer({ action: 'accept', content: {} })
    expect(await run.result()).toMatchObject({ content: [{ text: 'accept: flight and hotel' }] })
    expect(run.steps).toEqual(['plan', 'book', 'book'])
    expect(run.replayedSteps).toEqual(['plan'])
    expect(world).toEqual(['attempt 1', 'attempt 2', 'flight', 'hotel'])
  })

  test('an answered question is not asked again', async () => {
    run = await runTool(tools, 'book')
    await run.answer({ action: 'accept', content: {} })
    await run.crashAfterStep('book')
    expect(await run.result()).toMatchObject({ content: [{ text: 'accept: flight and hotel' }] })
    expect(run.questions).toHaveLength(1)
    expect(world).toEqual(['attempt 1', 'flight', 'attempt 2', 'hotel'])
    expect(run.statusMessages).toEqual(['Booked flight', 'Booked hotel'])
  })

  test('an open question stays open, and its answer starts the tool again', async () => {
    run = await runTool(tools, 'book')
    const asked = await run.nextQuestion()
    await run.crash()
    expect(run).toMatchObject({ status: 'input_required', attempt: 1 })
    expect(await run.nextQuestion()).toEqual(asked)
    await run.answer({ action: 'accept', content: {} })
    await run.result()
    expect(run.attempt).toBe(2)
    expect(world).toEqual(['attempt 1', 'attempt 2', 'flight', 'hotel'])
  })

  test('a step of a name that was used before is told by its number', async () => {
    run = await runTool(tools, 'book')
    await run.answer({ action: 'accept', content: {} })
    await run.crashAfterStep('book#2')
    await run.result()
    expect(world).toEqual(['attempt 1', 'flight', 'hotel', 'attempt 2'])
    expect(run.replayedSteps).toEqual(['plan', 'book', 'book'])
  })

  test('a tool that may not run again has failed, and says why', async () => {
    run = await runTool(tools, 'once')
    await run.crashAfterStep('pay')
    expect(run.status).toBe('failed')
    await expect(run.result()).rejects.toThrow('The process that ran this task is gone')
    expect(world).toEqual(['attempt 1'])
  })

  test('the dead process does nothing more with its context', async () => {
    run = await runTool(tools, 'slow', {}, { clock })
    await run.advance(0)
    await run.crash()
    // Both attempts sleep on the same clock, and both wake up.
    await run.advance(3_600_000)
    expect(await run.result()).toMatchObject({ content: [{ text: 'rested' }] })
    expect(run.statusMessages).toEqual(['attempt 2 woke up'])
    expect(world).toEqual(['after'])
  })

  test('that came before its first line, a tool has done nothing twice', async () => {
    run = await runTool(tools, 'once')
    await run.crash()
    expect(run.status).toBe('failed')
    expect(world).toEqual([])
  })

  test('too many, the task has failed', async () => {
    run = await runTool(tools, 'slow', {}, { clock })
    await run.crash()
    await run.crash()
    expect(run.status).toBe('failed')
    await expect(run.result()).rejects.toThrow('it was started 2 times')
  })
})

describe('a crash after a step', () => {
  test('that was kept before is refused', async () => {
    run = await runTool(tools, 'book')
    await run.nextQuestion()
    await expect(run.crashAfterStep('plan')).rejects.toThrow('Step plan of book was kept before')
  })

  test('that never comes is refused once the tool has ended', async () => {
    run = await runTool(tools, 'once')
    await expect(run.crashAfterStep('plan')).rejects.toThrow('once is completed')
    await expect(run.crash()).rejects.toThrow('cannot crash')
  })
})

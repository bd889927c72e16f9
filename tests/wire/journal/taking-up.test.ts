/** Who gets the outcomes of tasks that were taken up, and how often. */
import { describe, expect, test } from 'vitest'
import { memoryJournal, type Journal, type ResumedOutcome } from '@longcall/client'
import { expectSoon, gate, textOf } from '../../support/answering.ts'
import { serve, settings, type Setting } from '../../support/servers.ts'
import type { ToolResult } from '@longcall/client'

const dual = settings({ peer: 'dual', transport: 'memory' })

/** A server, and a journal with tasks in it that a client left. */
async function left(setting: Setting, ...lengthsMs: readonly (number | 'endless')[]) {
  const served = await serve(setting)
  const journal = memoryJournal()
  const first = await served.connect({ journal })
  for (const ms of lengthsMs) {
    if (ms === 'endless') await first.callTool('hang', {}, { task: true })
    else await first.callTool('slow', { ms, label: 'it' }, { task: true })
  }
  await first.close()
  return { served, journal }
}

/** The journal of a client that is taken for dead, as one is that slept. */
function unheard(journal: Journal): Journal {
  return { ...journal, beat: (holder) => journal.beat({ ...holder, untilMs: 0 }) }
}

describe.each(dual)('with the $name', ({ setting }) => {
  test('resumeAll twice at once takes each task once', async () => {
    const { served, journal } = await left(setting, 10, 10, 10)
    const client = await served.connect({ journal })
    const outcomes: ResumedOutcome[] = []
    const onResult = (outcome: ResumedOutcome): void => void outcomes.push(outcome)
    const both = await Promise.all([client.tasks.resumeAll({ onResult }), client.tasks.resumeAll({ onResult })])
    await Promise.all(both.map((resumed) => resumed.all()))
    expect(both.flatMap(({ tasks }) => tasks)).toHaveLength(3)
    expect(outcomes).toHaveLength(3)
  })

  test('any() leaves the outcomes of the other tasks where they are, though they ended, too', async () => {
    const { served, journal } = await left(setting, 1, 1, 1)
    const client = await served.connect({ journal })
    const resumed = await client.tasks.resumeAll()
    await Promise.all(resumed.tasks.map((task) => task.wait()))
    expect((await resumed.any())?.status).toBe('fulfilled')
    expect(await client.tasks.pending()).toHaveLength(2)
    expect(await resumed.all()).toHaveLength(3)
    expect(await client.tasks.pending()).toEqual([])
  })

  test('all() that times out has taken no outcome', async () => {
    const { served, journal } = await left(setting, 1, 'endless')
    const client = await served.connect({ journal })
    const resumed = await client.tasks.resumeAll()
    await resumed.tasks[0]!.wait()
    await expect(resumed.all({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'wait_timeout' })
    expect(await client.tasks.pending()).toHaveLength(2)
    await resumed.tasks[1]!.cancel()
  })

  test('an outcome that the handle of a task gave is not kept', async () => {
    const { served, journal } = await left(setting, 1)
    const client = await served.connect({ journal })
    const { tasks } = await client.tasks.resumeAll()
    expect(textOf((await tasks[0]!.result()) as ToolResult)).toBe('done it')
    expect(await client.tasks.pending()).toEqual([])
  })

  test('with onResult, an outcome is kept until that has it, though a handle gave it', async () => {
    const { served, journal } = await left(setting, 1)
    const client = await served.connect({ journal })
    const { open, opened } = gate()
    const { tasks } = await client.tasks.resumeAll({ onResult: () => opened })
    await tasks[0]!.result()
    expect(await client.tasks.pending()).toHaveLength(1)
    open()
    await expectSoon(() => client.tasks.pending()).toEqual([])
  })

  test('a client that was taken for dead gives no outcome that another one has taken', async () => {
    const { served, journal } = await left(setting, 300)
    const outcomes: string[] = []
    const asleep = await served.connect({ journal: unheard(journal) })
    const one = await asleep.tasks.resumeAll({ onResult: () => void outcomes.push('the one that slept') })
    const other = await served.connect({ journal })
    const two = await other.tasks.resumeAll({ onResult: () => void outcomes.push('the other') })
    expect([one.tasks.length, two.tasks.length]).toEqual([1, 1])
    await Promise.all([one.all(), two.all()])
    expect(outcomes).toEqual(['the other'])
    expect(await other.tasks.pending()).toEqual([])
  })
})

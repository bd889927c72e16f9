import { describe, expect, test } from 'vitest'
import { memoryJournal, type ResumedOutcome, type ToolResult } from '@longcall/client'
import { textOf } from '../../support/answering.ts'
import { serve } from '../../support/servers.ts'
import { watchedJournal, type JournalWrite } from '../../peers/watched-journal.mjs'
import { journaled } from './support.ts'

describe.each(journaled())('with the $name', ({ setting, open }) => {
  test('a call is put down before it is sent, and its reference before anybody has the handle', async () => {
    const served = await serve(setting)
    const writes: unknown[] = []
    const calls = (): number => served.dual.events.filter(({ method }) => method === 'tools/call').length
    const journal = watchedJournal(await open()(), (write, when) => void writes.push([write, when, calls()]))
    const client = await served.connect({ journal })
    const task = await client.callTool('slow', { ms: 20, label: 'it' }, { task: true })
    expect(writes).toEqual([
      ['intent', 'before', 0],
      ['intent', 'after', 0],
      ['reference', 'before', 1],
      ['reference', 'after', 1],
    ])
    expect(await client.tasks.pending()).toEqual([
      {
        id: expect.any(String),
        kind: 'running',
        operation: { method: 'tools/call', name: 'slow' },
        startedAtMs: expect.any(Number),
        heldBy: 'this client',
        reference: task.toJSON(),
      },
    ])
    expect(textOf(await task.result())).toBe('done it')
    expect(await client.tasks.pending()).toEqual([])
    expect(writes.slice(4).map((write) => (write as unknown[])[0])).toEqual(['ended', 'ended', 'removed', 'removed'])
  })

  test('plain calls leave nothing behind, whether they became tasks, failed, or were refused', async () => {
    const client = await (await serve(setting)).connect({ journal: await open()() })
    await client.callTool('greet', { name: 'Ann' })
    await client.callTool('required_job')
    await expect(client.callTool('failing_job', {}, { task: true }).then((task) => task.result())).rejects.toThrow(
      'disk full',
    )
    await expect(
      client.callTool('protocol_error_job', {}, { task: true }).then((task) => task.result()),
    ).rejects.toThrow('kaboom')
    await expect(client.callTool('no_such_tool', {}, { task: true })).rejects.toMatchObject({ code: 'rpc_error' })
    expect(await client.tasks.pending()).toEqual([])
  })

  test('what a client left that was closed, another takes up: the same outcomes, and then nothing is kept', async () => {
    const served = await serve(setting)
    const shared = open()
    const first = await served.connect({ journal: await shared() })
    const tasks = [
      await first.callTool('slow', { ms: 30, label: 'a' }, { task: true }),
      await first.callTool('failing_job', {}, { task: true }),
      await first.callTool('hang', {}, { task: true }),
    ]
    const second = await served.connect({ journal: await shared() })
    expect((await second.tasks.pending()).map(({ heldBy }) => heldBy)).toEqual(Array(3).fill('another client'))
    expect((await second.tasks.resumeAll()).tasks).toEqual([])
    await first.close()
    const outcomes: ResumedOutcome[] = []
    const resumed = await second.tasks.resumeAll({ onResult: (outcome) => void outcomes.push(outcome) })
    expect(resumed.tasks.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id))
    await resumed.tasks[2]!.cancel()
    expect(await resumed.all()).toHaveLength(3)
    const told = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? textOf(outcome.value as ToolResult) : (outcome.reason as { code: string }).code,
    )
    expect(new Set(told)).toEqual(new Set(['done a', 'task_cancelled', 'tool_error']))
    expect(await second.tasks.pending()).toEqual([])
  })

  test('an outcome is kept until it was taken, and then needs no server', async () => {
    const served = await serve(setting)
    const shared = open()
    const errors: Error[] = []
    const first = await served.connect({ journal: await shared(), onError: (error) => errors.push(error) })
    await first.callTool('slow', { ms: 20, label: 'it' }, { task: true, timeoutMs: 1000 })
    await first.close()
    const second = await served.connect({ journal: await shared(), onError: (error) => errors.push(error) })
    const refused = new Error('the disk of the one who wanted it is full')
    const failing = await second.tasks.resumeAll({ onResult: () => Promise.reject(refused) })
    await expect(failing.all()).rejects.toBe(refused)
    await expect.poll(() => errors).toEqual([refused])
    expect(await second.tasks.pending()).toMatchObject([{ kind: 'ended', heldBy: 'nobody' }])
    served.dual.control.purge(failing.tasks[0]!.id)
    const asked = served.dual.events.length
    const again = await second.tasks.resumeAll({ onResult: () => {} })
    expect(await again.any()).toMatchObject({ status: 'fulfilled', value: { content: [{ text: 'done it' }] } })
    expect(served.dual.events).toHaveLength(asked)
    expect(await second.tasks.pending()).toEqual([])
    expect(await (await second.tasks.resumeAll()).any()).toBeUndefined()
  })

  test('a plain call that was given up leaves its task to whoever takes it up', async () => {
    const served = await serve(setting)
    const client = await served.connect({ journal: await open()(), preferTasks: true })
    await client.listTools()
    await expect(client.callTool('slow', { ms: 1500, label: 'it' }, { timeoutMs: 700 })).rejects.toMatchObject({
      code: 'wait_timeout',
    })
    expect(await client.tasks.pending()).toMatchObject([{ kind: 'running', heldBy: 'nobody' }])
    const resumed = await client.tasks.resumeAll()
    expect(await resumed.any()).toMatchObject({ value: { content: [{ text: 'done it' }] } })
    expect(await client.tasks.pending()).toEqual([])
  })

  test('principals that share a journal see nothing of each other', async () => {
    const served = await serve(setting)
    const shared = open()
    const ann = await served.connect({ journal: await shared(), principal: 'ann' })
    await ann.callTool('hang', {}, { task: true })
    await ann.close()
    const bob = await served.connect({ journal: await shared(), principal: 'bob' })
    expect([await bob.tasks.pending(), (await bob.tasks.resumeAll()).tasks]).toEqual([[], []])
    const annAgain = await served.connect({ journal: await shared(), principal: 'ann' })
    expect(await annAgain.tasks.pending()).toMatchObject([{ kind: 'running', heldBy: 'nobody' }])
  })

  test('a call that cannot be put down is not sent', async () => {
    const served = await serve(setting)
    const journal = watchedJournal(await open()(), (write) => {
      if (write === 'intent') throw new Error('no space left')
    })
    const client = await served.connect({ journal })
    await expect(client.callTool('slow', {}, { task: true })).rejects.toMatchObject({
      code: 'journal_failed',
      message: expect.stringMatching(
        /^The call of "slow" was not sent, because it could not be put down in the journal .*: no space left$/,
      ),
    })
    expect(served.dual.events.filter(({ method }) => method === 'tools/call')).toEqual([])
  })

  test.each<JournalWrite>(['reference', 'ended', 'removed'])(
    'where the journal fails to write %s, the caller has the handle and the result, and onError hears of it',
    async (failing) => {
      const served = await serve(setting)
      const errors: string[] = []
      const journal = watchedJournal(await open()(), (write) => {
        if (write === failing) throw new Error('no space left')
      })
      const client = await served.connect({ journal, onError: ({ message }) => errors.push(message) })
      const task = await client.callTool('slow', { ms: 10, label: 'it' }, { task: true })
      expect(textOf(await task.result())).toBe('done it')
      await client.tasks.pending()
      expect(errors).toContain('no space left')
    },
  )

  test('calls are forgotten by their id, and by their age unless a living client has them', async () => {
    const served = await serve(setting)
    const shared = open()
    const first = await served.connect({ journal: await shared() })
    for (let n = 0; n < 3; n += 1) await first.callTool('hang', {}, { task: true })
    const second = await served.connect({ journal: await shared() })
    expect(await second.tasks.prune({ olderThanMs: 0 })).toBe(0)
    await first.close()
    const [one] = await second.tasks.pending()
    expect([await second.tasks.forget(one!.id), await second.tasks.forget(one!.id)]).toEqual([true, false])
    await expect(second.tasks.forget('../..')).rejects.toMatchObject({ code: 'invalid_option' })
    expect(await second.tasks.prune({ olderThanMs: 3_600_000 })).toBe(0)
    expect(await second.tasks.prune({ olderThanMs: 0 })).toBe(2)
    expect(await second.tasks.pending()).toEqual([])
  })
})

test('without a journal there is nothing to take up, and the error says what to do', async () => {
  const client = await (await serve(journaled()[0]!.setting)).connect()
  for (const use of [() => client.tasks.pending(), () => client.tasks.resumeAll(), () => client.tasks.forget('x')])
    await expect((async () => use())()).rejects.toMatchObject({ code: 'no_journal' })
})

test('what can be no journal is refused', async () => {
  const served = await serve(journaled()[0]!.setting)
  await expect(served.connect({ journal: {} as never })).rejects.toMatchObject({ code: 'invalid_option' })
  await expect(served.connect({ journal: memoryJournal(), principal: 7 as never })).rejects.toMatchObject({
    code: 'invalid_option',
  })
})

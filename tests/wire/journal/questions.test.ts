import { describe, expect, test } from 'vitest'
import type { QuestionContext } from '@longcall/client'
import { ann, expectSoon, gate, textOf } from '../../support/answering.ts'
import { jobs, serve } from '../../support/servers.ts'
import { watchedJournal } from '../../peers/watched-journal.mjs'
import { journaled } from './support.ts'

const accepted = (name: string) => ({ action: 'accept', content: { name } }) as const

describe.each(journaled())('with the $name', ({ setting, open }) => {
  const { asks, asksTwice } = jobs(setting)

  test('a question is put down as shown before anybody sees it, and its answer before it is sent', async () => {
    const served = await serve(setting)
    const order: string[] = []
    const journal = watchedJournal(await open()(), (write, when) => {
      if (when === 'after') order.push(write)
    })
    const client = await served.connect({
      journal,
      onElicitation: () => {
        order.push('asked')
        return accepted('Ann')
      },
    })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    served.dual.store.onChange((record) => {
      if (record.questions.size === 0 && order.includes('asked') && !order.includes('taken')) order.push('taken')
    })
    expect(textOf(await task.result())).toBe(asks.says)
    await client.tasks.pending()
    const steps = order.filter((step) => step !== 'delivered')
    expect(steps.slice(0, 6)).toEqual(['intent', 'reference', 'shown', 'asked', 'answered', 'taken'])
    expect(order).toContain('delivered')
    expect(served.dual.log.answersOf(task.id)).toHaveLength(1)
  })

  test('two clients that wait for one task ask once, and both have the result', async () => {
    const served = await serve(setting)
    const shared = open()
    const [one, other] = [ann(), ann()]
    const first = await served.connect({ journal: await shared(), onElicitation: one.onElicitation })
    const second = await served.connect({ journal: await shared(), onElicitation: other.onElicitation })
    const task = await first.callTool(asksTwice.tool, asksTwice.args, { task: true })
    const same = second.tasks.resume(task.toJSON())
    const results = await Promise.all([task.result(), same.result()])
    expect(results.map(textOf)).toEqual([asksTwice.says, asksTwice.says])
    expect([...one.asked, ...other.asked].toSorted()).toEqual(['round 1?', 'round 2?'])
  })

  test('while one client shows a question the other waits, and asks when that one is gone', async () => {
    const served = await serve(setting)
    const shared = open()
    const shown = gate()
    let told: QuestionContext | undefined
    const first = await served.connect({
      journal: await shared(),
      onElicitation: (_request, context) => {
        told = context
        shown.open()
        return new Promise(() => {})
      },
    })
    const other = ann()
    const second = await served.connect({ journal: await shared(), onElicitation: other.onElicitation })
    const task = await first.callTool(asks.tool, asks.args, { task: true })
    const waiting = task.result().catch((error: { code: string }) => error.code)
    await shown.opened
    const same = second.tasks.resume(task.toJSON())
    const result = same.result()
    await expectSoon(() => same.questions().length).toBe(1)
    expect(other.asked).toEqual([])
    await first.close()
    expect(textOf(await result)).toBe(asks.says)
    expect([other.asked.length, await waiting]).toEqual([1, 'task_unreachable'])
    expect(told).toBeDefined()
    expect(served.dual.log.answersOf(task.id).filter(({ value }) => value.action === 'accept')).toHaveLength(1)
  })

  test('a person who is asked is told to stop when another process has the answer, and no second one is sent', async () => {
    const served = await serve(setting)
    const shared = open()
    const asked = gate<AbortSignal>()
    const late = gate()
    const first = await served.connect({
      journal: await shared(),
      onElicitation: async (_request, { signal }) => {
        asked.open(signal)
        await late.opened
        return accepted('Late')
      },
    })
    const second = await served.connect({ journal: await shared(), capabilities: { elicitation: {} } })
    const task = await first.callTool(asks.tool, asks.args, { task: true })
    const result = task.result()
    const signal = await asked.opened
    const same = second.tasks.resume(task.toJSON())
    const sameResult = same.result()
    await expectSoon(() => same.questions().length).toBe(1)
    await same.answer(same.questions()[0]!.key, accepted('Ann'))
    await expectSoon(() => signal.aborted || task.latest?.status === 'completed').toBe(true)
    late.open()
    expect([textOf(await result), textOf(await sameResult)]).toEqual([asks.says, asks.says])
    const names = served.dual.log.answersOf(task.id).map(({ value }) => value.content?.name ?? value.action)
    expect(names).not.toContain('Late')
  })

  test('an answer that was put down and not sent is sent by whoever takes the task up, and nobody is asked again', async () => {
    const served = await serve(setting)
    const shared = open()
    const answered = gate()
    const journal = watchedJournal(await shared(), (write, when) => {
      if (write !== 'answered' || when !== 'after') return undefined
      answered.open()
      return new Promise(() => {})
    })
    const one = ann()
    const first = await served.connect({ journal, onElicitation: one.onElicitation })
    const task = await first.callTool(asks.tool, asks.args, { task: true })
    task.result().catch(() => {})
    await answered.opened
    await first.close()
    const other = ann()
    const second = await served.connect({ journal: await shared(), onElicitation: other.onElicitation })
    expect(await (await second.tasks.resumeAll()).any()).toMatchObject({ value: { content: [{ text: asks.says }] } })
    expect([one.asked.length, other.asked.length]).toEqual([1, 0])
  })

  test('a question that was shown and not answered is shown again by whoever takes the task up', async () => {
    const served = await serve(setting)
    const shared = open()
    const shown = gate()
    const first = await served.connect({
      journal: await shared(),
      onElicitation: () => {
        shown.open()
        return new Promise(() => {})
      },
    })
    const task = await first.callTool(asks.tool, asks.args, { task: true })
    task.result().catch(() => {})
    await shown.opened
    await first.close()
    const other = ann()
    const second = await served.connect({ journal: await shared(), onElicitation: other.onElicitation })
    expect(await (await second.tasks.resumeAll()).any()).toMatchObject({ value: { content: [{ text: asks.says }] } })
    expect(other.asked).toHaveLength(1)
  })

  test('a question that cannot be put down is shown to nobody, and whoever waits is told why', async () => {
    const served = await serve(setting)
    let isFull = true
    const journal = watchedJournal(await open()(), (write) => {
      if (isFull && write === 'shown') throw new Error('no space left')
    })
    const { asked, onElicitation } = ann()
    const client = await served.connect({ journal, onElicitation })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    await expect(task.result()).rejects.toThrow('no space left')
    expect(asked).toEqual([])
    isFull = false
    expect(textOf(await task.result())).toBe(asks.says)
    expect(asked).toHaveLength(1)
  })

  test('an answer that cannot be put down is sent all the same, and onError hears of it', async () => {
    const served = await serve(setting)
    const errors: string[] = []
    const journal = watchedJournal(await open()(), (write) => {
      if (write === 'answered') throw new Error('no space left')
    })
    const { asked, onElicitation } = ann()
    const client = await served.connect({ journal, onElicitation, onError: ({ message }) => errors.push(message) })
    const task = await client.callTool(asks.tool, asks.args, { task: true })
    expect(textOf(await task.result())).toBe(asks.says)
    expect([asked.length, errors.includes('no space left')]).toEqual([1, true])
  })

  // A transport in memory serves one connection.
  test.skipIf(setting.transport === 'memory')(
    'a client that was closed and connected again keeps what becomes of its tasks',
    async () => {
      const served = await serve(setting)
      const writes: string[] = []
      const journal = watchedJournal(await open()(), (write, when) => {
        if (when === 'after') writes.push(write)
      })
      const { asked, onElicitation } = ann()
      const client = await served.connect({ journal, onElicitation })
      const task = await client.callTool(asks.tool, asks.args, { task: true })
      await client.close()
      await client.connect()
      expect(textOf(await client.tasks.resume(task.toJSON()).result())).toBe(asks.says)
      expect(await client.tasks.pending()).toEqual([])
      expect(asked).toHaveLength(1)
      const steps = writes.filter((write) => write !== 'delivered')
      expect(steps).toEqual(['intent', 'reference', 'shown', 'answered', 'ended', 'removed'])
    },
  )
})

import { describe, expect, test } from 'vitest'
import { memoryJournal } from '@longcall/client'
import { kinds, serveWire } from '../../support/fastmcp-wire.ts'

describe.each(kinds)('a $kind that a journal keeps', ({ method, subject, plain, asTask }) => {
  test('is taken up by another client, as what it is', async () => {
    const { connect } = await serveWire('http')
    const journal = memoryJournal()
    const first = await connect({ journal })
    await asTask(first, subject.good)
    await first.close()
    const second = await connect({ journal })
    expect(await second.tasks.pending()).toMatchObject([{ kind: 'running', operation: { method }, heldBy: 'nobody' }])
    const resumed = await second.tasks.resumeAll()
    expect(resumed.tasks).toMatchObject([{ method }])
    expect(await resumed.any()).toMatchObject({ status: 'fulfilled', value: await plain(second, subject.good) })
    expect(await second.tasks.pending()).toEqual([])
  })

  test('and that failed is told of as that', async () => {
    const { connect } = await serveWire('http')
    const journal = memoryJournal()
    const first = await connect({ journal })
    await asTask(first, subject.bad)
    await first.close()
    const second = await connect({ journal })
    const outcome = await (await second.tasks.resumeAll()).any()
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(subject.bad) } })
    expect(await second.tasks.pending()).toEqual([])
  })

  test('and that runs as no task leaves nothing', async () => {
    const { connect } = await serveWire('http', { declares: false })
    const client = await connect({ journal: memoryJournal() })
    await plain(client, subject.good)
    expect(await client.tasks.pending()).toEqual([])
  })
})

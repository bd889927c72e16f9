import { describe, expect, test } from 'vitest'
import { memoryJournal } from '@longcall/client'
import { jobs, serve, settings } from '../../support/servers.ts'

describe.each(settings({ peer: 'v1', transport: 'http' }))('with a journal, on the $name', ({ setting }) => {
  const { slow } = jobs(setting)

  test('a task of a session is taken up in that session by another client', async () => {
    const served = await serve(setting)
    const journal = memoryJournal()
    const first = await served.connect({ journal })
    await first.callTool(slow.tool, slow.args, { task: true })
    const { sessionId } = first
    await first.close()
    const second = await served.connect({ journal })
    const [call] = await second.tasks.pending()
    expect(call).toMatchObject({ kind: 'running', reference: { session: { id: sessionId } } })
    expect(second.sessionId).not.toBe(sessionId)
    const outcome = await (await second.tasks.resumeAll()).any()
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { content: [{ text: slow.says }] } })
    expect(await second.tasks.pending()).toEqual([])
  })
})

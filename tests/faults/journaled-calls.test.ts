import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryJournal, RequestError } from '@longcall/client'
import { textOf } from '../support/answering.ts'
import { generations, mishaps, startServer, useLab, type ServerProcess } from '../support/fault-lab.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

describe.each(generations)('a journal, on the %s wire', (generation) => {
  test.concurrent.for(mishaps('tools/call').filter(({ rule }) => rule.status !== 429))(
    'of a call that $name says that its fate is unknown, and it is never sent again',
    async ({ rule }, context) => {
      const lab = await useLab(server.url, generation, context)
      const journal = memoryJournal()
      const client = await lab.connect({ journal })
      await client.listTools()
      lab.proxy.setRules([rule])
      const startedAtMs = Date.now()
      await expect(client.callTool('slow', { ms: 10 }, { task: true })).rejects.toBeInstanceOf(RequestError)
      const [unknown, ...others] = await client.tasks.pending()
      expect(others).toEqual([])
      expect(unknown).toMatchObject({
        kind: 'fate_unknown',
        operation: { method: 'tools/call', name: 'slow' },
        heldBy: 'nobody',
      })
      expect(unknown!.startedAtMs).toBeGreaterThanOrEqual(startedAtMs)
      const resumed = await client.tasks.resumeAll({ onResult: () => {} })
      expect([resumed.tasks, resumed.fateUnknown]).toEqual([[], [unknown]])
      expect(lab.times('tools/call')).toHaveLength(1)
      expect([await client.tasks.forget(unknown!.id), await client.tasks.pending()]).toEqual([true, []])
      const task = await client.callTool('slow', { ms: 10, label: 'it' }, { task: true })
      expect(textOf(await task.result())).toBe('done it')
    },
  )

  test.concurrent('of a call that the server refused keeps nothing', async (context) => {
    const lab = await useLab(server.url, generation, context)
    const client = await lab.connect({ journal: memoryJournal() })
    await client.listTools()
    const match = { method: 'tools/call', direction: 'request' } as const
    lab.proxy.setRules([{ match, fault: 'status', status: 429, headers: { 'retry-after': '7' } }])
    await expect(client.callTool('slow', {}, { task: true })).rejects.toMatchObject({ failure: { status: 429 } })
    expect(await client.tasks.pending()).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'
import { TaskUnreachableError } from '@longcall/client'
import { serve, settings } from '../support/servers.ts'

describe.each(settings({ transport: 'http' }))('on the $name', ({ setting }) => {
  const hang = { tool: 'hang', args: {} }

  test('a wait that begins after the client was closed ends at once, with the reference', async () => {
    const client = await (await serve(setting, { pollInterval: 60_000, pollIntervalMs: 60_000 })).connect()
    const task = await client.callTool(hang.tool, hang.args, { task: true })
    await client.close()
    const error = await task.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TaskUnreachableError)
    expect((error as TaskUnreachableError).reference).toEqual(task.toJSON())
  })
})

import { describe, expect, test } from 'vitest'
import { plainSettings } from '../../support/plain-settings.ts'
import { receivedBy, serveFull } from '../../support/full-peer.ts'
import { serve, settings } from '../../support/servers.ts'

describe.each(plainSettings())('completion ($name)', ({ setting }) => {
  test('gives what an argument of a prompt may become', async () => {
    const client = await (await serveFull(setting)).connect()
    const { values, hasMore } = await client.complete(
      { type: 'ref/prompt', name: 'visit' },
      { name: 'city', value: 'P' },
    )
    expect(values).toEqual(['Paris', 'Pau', 'Pisa'])
    expect(hasMore).toBe(false)
  })

  test('gives what an argument of a template may become', async () => {
    const client = await (await serveFull(setting)).connect()
    const template = { type: 'ref/resource', uri: 'weather://{country}/{city}' } as const
    expect((await client.complete(template, { name: 'city', value: 'R' })).values).toEqual(['Rome'])
    expect((await client.complete(template, { name: 'city', value: 'zzz' })).values).toEqual([])
  })

  test('heeds the arguments that are known already', async () => {
    const client = await (await serveFull(setting)).connect()
    const visit = { type: 'ref/prompt', name: 'visit' } as const
    const within = await client.complete(visit, { name: 'city', value: 'P' }, { context: { country: 'it' } })
    expect(within.values).toEqual(['Pisa'])
    const template = { type: 'ref/resource', uri: 'weather://{country}/{city}' } as const
    const there = await client.complete(template, { name: 'city', value: '' }, { context: { country: 'fr' } })
    expect(there.values).toEqual(['Paris', 'Pau', 'Lyon'])
    const asked = await receivedBy(client, 'completion/complete')
    expect(asked.map(({ params }) => params?.context)).toEqual([
      { arguments: { country: 'it' } },
      { arguments: { country: 'fr' } },
    ])
  })

  test('of what the server does not have is an error of the protocol', async () => {
    const client = await (await serveFull(setting)).connect()
    await expect(
      client.complete({ type: 'ref/prompt', name: 'nothing' }, { name: 'city', value: '' }),
    ).rejects.toMatchObject({ code: 'rpc_error', rpcCode: -32_602, rpcMessage: expect.stringContaining('nothing') })
  })
})

test.each(settings())('the $name, which completes nothing, says so', async ({ setting }) => {
  const client = await (await serve(setting)).connect()
  await expect(client.complete({ type: 'ref/prompt', name: 'any' }, { name: 'x', value: '' })).rejects.toMatchObject({
    code: 'rpc_error',
    rpcCode: -32_601,
  })
})

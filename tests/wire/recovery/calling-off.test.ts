import { describe, expect, test } from 'vitest'
import { expectSoon, textOf } from '../../support/answering.ts'
import { MortalServer } from '../../support/mortal-server.ts'

/** Which request of connecting is never answered, and how the client connects. */
const phases = [
  { phase: 'while it is asked which era it speaks', method: 'server/discover', peer: 'v1', era: 'auto' },
  { phase: 'while it is asked which era it speaks', method: 'server/discover', peer: 'v2', era: '2026-07-28' },
  { phase: 'in the handshake', method: 'initialize', peer: 'v1', era: 'legacy' },
  { phase: 'in the handshake after the question', method: 'initialize', peer: 'v1', era: 'auto' },
] as const

describe.each(['stdio', 'http'] as const)('connecting over %s', (transport) => {
  test.each(phases)(
    'is called off $phase ($method, $peer): nothing is left, and it works the next time',
    async ({ method, peer, era }) => {
      const server = await MortalServer.start({ peer, transport }, { MUTE: method })
      const client = server.client({ era })
      const abort = new AbortController()
      const connecting = client.connect({ signal: abort.signal }).catch((error: unknown) => error)
      await expectSoon(() => server.requests(method).length).toBe(1)
      abort.abort(new Error('changed my mind'))
      expect(await connecting).toMatchObject({ code: 'connect_failed', cause: { message: 'changed my mind' } })
      expect(client.isConnected).toBe(false)
      if (transport === 'stdio') await expectSoon(() => server.living).toEqual([])
      else await server.restart()
      await client.connect()
      expect(textOf(await client.callTool('look'))).toBe('life 2')
    },
  )
})

test('connecting is called off while the process is being started: nothing is left, and it works the next time', async () => {
  const server = await MortalServer.start({ peer: 'v1', transport: 'stdio' })
  const client = server.client({ era: 'legacy' })
  // At different moments of the start.
  for (const turns of [0, 1, 2, 4, 8, 16, 32]) {
    const abort = new AbortController()
    const connecting = client.connect({ signal: abort.signal }).catch((error: unknown) => error)
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => void setImmediate(resolve))
    abort.abort(new Error('changed my mind'))
    expect(await connecting).toMatchObject({ code: 'connect_failed', cause: { message: 'changed my mind' } })
  }
  await expectSoon(() => server.living).toEqual([])
  await client.connect()
  expect(textOf(await client.callTool('look'))).toMatch(/^life \d+$/)
  expect(server.living).toHaveLength(1)
})

test('one who stops waiting leaves the others the connection that is being opened', async () => {
  const server = await MortalServer.start({ peer: 'v1', transport: 'stdio' })
  const client = server.client({ era: 'legacy' })
  const abort = new AbortController()
  const waiting = [client.connect({ signal: abort.signal }).catch((error: unknown) => error), client.connect()]
  abort.abort()
  expect(await waiting[0]).toMatchObject({ code: 'connect_failed' })
  await waiting[1]
  expect(textOf(await client.callTool('look'))).toBe('life 1')
  expect(server.lives).toHaveLength(1)
})

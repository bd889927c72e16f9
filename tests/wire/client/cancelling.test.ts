import { describe, expect, test } from 'vitest'
import { RequestError } from '@longcall/client'
import { failure } from '../../support/failure.ts'
import { expectSoon, gate } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { reportOf, serveTools } from '../../support/tool-server.ts'

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  // Over HTTP, a server of 2026-07-28 is told by the end of the stream, which carries no reason.
  const isTold = setting.transport !== 'http' || setting.generation === '2025-11-25'

  /** A call that has begun on the server, and how it ends. */
  async function begun(signal?: AbortSignal) {
    const client = await (await serveTools(setting)).connect()
    const started = gate()
    const call = failure(client.callTool('hang', {}, { signal, onProgress: () => started.open() }))
    await started.opened
    return { client, call }
  }

  test('a signal ends the call at once, and its reason is the cause, and reaches the server', async () => {
    const abort = new AbortController()
    const { client, call } = await begun(abort.signal)
    const reason = new Error('the user has left')
    abort.abort(reason)
    const error = await call
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'request_aborted', failure: { kind: 'aborted' } })
    expect((error as Error).cause).toBe(reason)
    await expectSoon(async () => (await reportOf(client)).cancelled).toHaveLength(1)
    const [cancelled] = (await reportOf(client)).cancelled
    if (isTold) expect(cancelled?.reason).toContain('the user has left')
  })

  test('a reason that is no error is kept as it is', async () => {
    const abort = new AbortController()
    const { call } = await begun(abort.signal)
    abort.abort('enough')
    expect(await call).toMatchObject({ code: 'request_aborted', cause: 'enough' })
  })

  test('a signal that aborted before sends nothing', async () => {
    const client = await (await serveTools(setting)).connect()
    const signal = AbortSignal.abort(new Error('before'))
    for (const ask of [
      () => client.callTool('give', {}, { signal }),
      () => client.raw.callTool('give', {}, { signal }),
      () => client.listTools({ signal }),
      () => client.readResource('memo:one', { signal }),
    ])
      expect(await failure(ask())).toMatchObject({ message: expect.any(String) })
    const { asked } = await reportOf(client)
    expect([asked['tools/call'], asked['resources/read']]).toEqual([1, undefined])
  })

  test('a request is cancelled by its id: its caller is told why, and so is the server', async () => {
    const { client, call } = await begun()
    const [pending, ...others] = client.pendingRequests
    expect(others).toEqual([])
    expect(pending).toMatchObject({ method: 'tools/call', name: 'hang', id: expect.any(String) })
    expect(client.cancelRequest('longcall:no-such')).toBe(false)
    expect(client.cancelRequest(pending!.id, 'too slow for us')).toBe(true)
    expect(await call).toMatchObject({ code: 'request_aborted', cause: 'too slow for us' })
    expect(client.pendingRequests).toEqual([])
    expect(client.cancelRequest(pending!.id)).toBe(false)
    await expectSoon(async () => (await reportOf(client)).cancelled).toHaveLength(1)
    const [cancelled] = (await reportOf(client)).cancelled
    if (isTold) expect(cancelled?.reason).toContain('too slow for us')
  })

  test('one of many is cancelled, and the others go on', async () => {
    const client = await (await serveTools(setting)).connect()
    const started = gate()
    const quick = client.callTool('slow', { ms: 300 })
    const hung = failure(client.callTool('hang', {}, { onProgress: () => started.open() }))
    await started.opened
    const pending = client.pendingRequests.find(({ name }) => name === 'hang')
    expect(client.cancelRequest(pending!.id)).toBe(true)
    expect(await hung).toMatchObject({ code: 'request_aborted' })
    expect(await quick).toMatchObject({ content: [{ text: 'slept' }] })
  })
})

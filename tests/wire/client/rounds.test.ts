import { describe, expect, test } from 'vitest'
import type { ElicitationRequest } from '@longcall/client'
import { failure } from '../../support/failure.ts'
import { expectSoon, gate, textOf } from '../../support/answering.ts'
import { ScriptedServer, wireText, type Wire } from '../../support/scripted-server.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { reportOf, serveTools } from '../../support/tool-server.ts'

/** Answers with the names given, in order; remembers what was asked. */
function people(...names: string[]) {
  const asked: string[] = []
  const onElicitation = ({ message }: ElicitationRequest): { name: string } => {
    asked.push(message)
    return { name: names[asked.length - 1] ?? 'nobody' }
  }
  return { asked, onElicitation }
}

describe.each(plainSettings({ generation: '2026-07-28' }))('on a server of $name', ({ setting }) => {
  test('a call that asks once is answered once, and its data is that of the end', async () => {
    const { asked, onElicitation } = people('Ann')
    const client = await (await serveTools(setting)).connect({ onElicitation })
    const result = await client.callTool('ask_once')
    expect(asked).toEqual(['Your name?'])
    expect(textOf(result)).toBe('hello Ann')
    expect(result).toMatchObject({ data: { name: 'Ann' }, isError: false })
    expect((await reportOf(client)).asked['tools/call']).toBe(3)
  })

  test('the raw result is that of the end, too', async () => {
    const client = await (await serveTools(setting)).connect(people('Bo'))
    expect(await client.raw.callTool('ask_once')).toMatchObject({ structuredContent: { name: 'Bo' } })
  })

  test('a question may depend on the answer before it', async () => {
    const { asked, onElicitation } = people('Ann', 'Bo')
    const client = await (await serveTools(setting)).connect({ onElicitation })
    expect(textOf(await client.callTool('ask_twice'))).toBe('Ann Bo')
    expect(asked).toEqual(['First name?', 'And after Ann?'])
  })

  test('a server that asks for ever is not answered for ever', async () => {
    const { asked, onElicitation } = people()
    const client = await (await serveTools(setting)).connect({ onElicitation })
    expect(await failure(client.callTool('ask_for_ever'))).toMatchObject({
      code: 'too_many_rounds',
      message: expect.stringContaining('tools/call of "ask_for_ever"'),
    })
    expect(asked).toHaveLength(10)
    expect(textOf(await client.callTool('ask_once'))).toBe('hello nobody')
  })

  test('two calls that ask at the same time each get their own answers', async () => {
    const { onElicitation } = people('Ann', 'Bo')
    const client = await (await serveTools(setting)).connect({ onElicitation })
    const results = await Promise.all([client.callTool('ask_once'), client.callTool('ask_once')])
    expect(new Set(results.map(textOf))).toEqual(new Set(['hello Ann', 'hello Bo']))
  })

  test('a call that is called off while somebody is asked ends at once, and calls the handler off', async () => {
    const [asked, stopped] = [gate(), gate<unknown>()]
    const client = await (
      await serveTools(setting)
    ).connect({
      onElicitation: (_request, { signal }) => {
        asked.open()
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            stopped.open(signal.reason)
            reject(signal.reason as Error)
          })
        })
      },
    })
    const abort = new AbortController()
    const call = failure(client.callTool('ask_once', {}, { signal: abort.signal }))
    await asked.opened
    abort.abort(new Error('never mind'))
    expect(await call).toMatchObject({ code: 'request_aborted', cause: new Error('never mind') })
    expect(await stopped.opened).toBeInstanceOf(Error)
    expect((await reportOf(client)).asked['tools/call']).toBe(2)
  })

  test('a handler that throws ends the call with its error, and nothing is sent on', async () => {
    const client = await (
      await serveTools(setting)
    ).connect({
      onElicitation: () => {
        throw new Error('no screen')
      },
    })
    const error = await failure(client.callTool('ask_once'))
    expect(error).toMatchObject({ code: 'handler_failed', message: expect.stringContaining('no screen') })
    expect((await reportOf(client)).asked['tools/call']).toBe(2)
  })
})

describe('rounds on a scripted server', () => {
  const ask = (more: Wire = {}): Wire => ({ resultType: 'input_required', ...more })

  test('of any request are answered, not of tools alone', async () => {
    const question = {
      method: 'elicitation/create',
      params: {
        mode: 'form',
        message: 'which?',
        requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
      },
    }
    const orAsk = (params: Wire, result: Wire): Wire =>
      params['inputResponses'] === undefined ? ask({ inputRequests: { q: question }, requestState: 's1' }) : result
    const server = new ScriptedServer('2026-07-28', {
      'resources/read': (params) => orAsk(params, { contents: [{ uri: 'memo:one', text: 'one' }] }),
      'prompts/get': (params) => orAsk(params, { messages: [] }),
    })
    const client = await server.connect(people('x', 'y'))
    expect(await client.readResource('memo:one')).toEqual([{ uri: 'memo:one', text: 'one' }])
    expect(await client.getPrompt('p')).toMatchObject({ messages: [] })
    for (const method of ['resources/read', 'prompts/get']) {
      const [first, second] = server.requests(method)
      expect(second?.id).not.toBe(first?.id)
      expect(second?.params).toMatchObject({ requestState: 's1', inputResponses: { q: { action: 'accept' } } })
    }
  })

  test('without a question are sent again, with the state as it came, and not at once', async () => {
    const state = '{"opaque":" \u00e4"}'
    const at: number[] = []
    const server = new ScriptedServer('2026-07-28', {
      'tools/call': ({ requestState }) => {
        at.push(performance.now())
        return requestState === undefined ? ask({ requestState: state }) : wireText(JSON.stringify(requestState))
      },
    })
    const client = await server.connect()
    expect(textOf(await client.callTool('job'))).toBe(JSON.stringify(state))
    expect(at[1]! - at[0]!).toBeGreaterThan(100)
  })

  test('each keep the meta of the call, and its progress token', async () => {
    const server = new ScriptedServer('2026-07-28', {
      'tools/call': ({ requestState }) => (requestState === undefined ? ask({ requestState: 's' }) : wireText('done')),
    })
    const client = await server.connect()
    await client.callTool('job', { a: 1 }, { meta: { trace: 't1' } })
    const sent = server.requests('tools/call').map(({ params }) => params)
    expect(sent).toMatchObject([
      { name: 'job', arguments: { a: 1 }, _meta: { trace: 't1' } },
      { name: 'job', arguments: { a: 1 }, _meta: { trace: 't1' }, requestState: 's' },
    ])
    const tokens = sent.map(({ _meta }) => (_meta as Wire)['progressToken'])
    expect(tokens[1]).toBe(tokens[0])
  })

  test.each([
    {},
    { inputRequests: 7 },
    { inputRequests: { q: { method: 'shell/run', params: {} } } },
    { inputRequests: { q: null } },
  ])('that cannot be read are a clear error, or are asked again a bounded number of times: %j', async (more) => {
    const server = new ScriptedServer('2026-07-28', { 'tools/call': () => ask(more) })
    const client = await server.connect(people('Ann'))
    expect(await failure(client.callTool('job'))).toMatchObject({
      code: expect.stringMatching(/^(unreadable|request_malformed|too_many_rounds)$/),
      message: expect.stringContaining('tools/call of "job"'),
    })
    await expectSoon(() => client.pendingRequests).toEqual([])
  })
})

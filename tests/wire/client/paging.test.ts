import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError, RequestError, RpcError, TooManyPagesError } from '@longcall/client'
import { ScriptedServer, type Wire } from '../../support/scripted-server.ts'
import { failure } from '../../support/failure.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { reportOf, serveTools } from '../../support/tool-server.ts'

describe.each(plainSettings())('on a server of $name', ({ setting }) => {
  test('a list has the items of all pages, in order, each page read once', async () => {
    const client = await (await serveTools(setting, { pageSize: 2 })).connect()
    const names = (await client.listTools()).map(({ name }) => name)
    const { asked } = await reportOf(client)
    expect(names.slice(0, 5)).toEqual(['give', 'meta', 'report', 'slow', 'hang'])
    expect(names).toContain('wrapped')
    expect(new Set(names).size).toBe(names.length)
    expect(asked['tools/list']).toBe(Math.ceil(names.length / 2))
  })

  test('a page can be had by itself, and the next by its cursor', async () => {
    const client = await (await serveTools(setting, { pageSize: 2 })).connect()
    const first = await client.raw.listTools()
    expect(first.tools.map(({ name }) => name)).toEqual(['give', 'meta'])
    const second = await client.raw.listTools({ cursor: first.nextCursor! })
    expect(second.tools.map(({ name }) => name)).toEqual(['report', 'slow'])
  })

  test('a list of more pages than are allowed is an error that says so, and not half a list', async () => {
    const client = await (await serveTools(setting, { pageSize: 1 })).connect()
    const error = await failure(client.listTools({ maxPages: 3 }))
    expect(error).toBeInstanceOf(TooManyPagesError)
    expect(error).toMatchObject({ code: 'too_many_pages', limit: 'pages', most: 3 })
    expect((error as Error).message).toContain('tools/list')
    expect((await client.listTools()).length).toBeGreaterThan(3)
  })

  test('a cursor that the server does not know is an error of the protocol', async () => {
    const client = await (await serveTools(setting)).connect()
    const error = await failure(client.raw.listTools({ cursor: 'no-such' }))
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({ rpcCode: -32_602 })
  })

  test('a list can be called off between its pages', async () => {
    const client = await (await serveTools(setting, { pageSize: 1 })).connect()
    const abort = new AbortController()
    const listing = failure(client.listTools({ signal: abort.signal }))
    abort.abort(new Error('enough'))
    expect(await listing).toMatchObject({ code: 'request_aborted', cause: new Error('enough') })
  })
})

describe.each(['2025-11-25', '2026-07-28'] as const)('a %s server', (generation) => {
  const tool = (name: string): Wire => ({ name, inputSchema: { type: 'object' } })
  const cached = generation === '2026-07-28' ? { ttlMs: 0, cacheScope: 'private' } : {}

  /** Lists what `page` makes of a cursor; the cursors that were asked for. */
  async function walk(page: (cursor: string | undefined, at: number) => Wire) {
    const cursors: (string | undefined)[] = []
    const errors: Error[] = []
    const server = new ScriptedServer(generation, {
      'tools/list': ({ cursor }) => {
        cursors.push(cursor as string | undefined)
        return { ...page(cursor as string | undefined, cursors.length), ...cached }
      },
    })
    const client = await server.connect({ onError: (error) => void errors.push(error) })
    const tools = await client.listTools()
    return { names: tools.map(({ name }) => name), cursors, errors }
  }

  test('whose cursor stays the same is read no further, and reported', async () => {
    const { names, cursors, errors } = await walk((_cursor, at) => ({ tools: [tool(`t${at}`)], nextCursor: 'same' }))
    expect([names, cursors]).toEqual([
      ['t1', 't2'],
      [undefined, 'same'],
    ])
    expect(errors).toMatchObject([{ code: 'odd_list' }])
  })

  test('whose cursors go round in circles is read once round', async () => {
    const { cursors, errors } = await walk((_cursor, at) => ({ tools: [tool(`t${at}`)], nextCursor: `c${at % 3}` }))
    expect(cursors).toEqual([undefined, 'c1', 'c2', 'c0'])
    expect(errors).toMatchObject([{ code: 'odd_list' }])
  })

  test('whose cursor is empty has no more pages', async () => {
    const { names, cursors, errors } = await walk(() => ({ tools: [tool('only')], nextCursor: '' }))
    expect([names, cursors, errors]).toEqual([['only'], [undefined], []])
  })

  test('gets its cursors back as they were, whatever is in them', async () => {
    const odd = ' {"a":"ä\\u0000"}\n%20+&=/?# '
    const { cursors } = await walk((cursor) => ({ tools: [], ...(cursor === undefined && { nextCursor: odd }) }))
    expect(cursors).toEqual([undefined, odd])
  })

  test('that lists without end is read to the two hundred and fiftieth page', async () => {
    let pages = 0
    const error = await failure(walk((_cursor, at) => ((pages = at), { tools: [], nextCursor: `c${at}` })))
    expect(error).toMatchObject({ code: 'too_many_pages', most: 250 })
    expect(pages).toBe(250)
  })

  test('is given up in time where each of its pages comes soon, and all of them do not', async () => {
    let pages = 0
    const server = new ScriptedServer(generation, {
      'tools/list': async () => {
        pages += 1
        await sleep(100)
        return { tools: [tool(`t${pages}`)], nextCursor: `c${pages}`, ...cached }
      },
    })
    const client = await server.connect()
    const startedAt = performance.now()
    const error = await failure(client.listTools({ timeoutMs: 250 }))
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'request_timeout', failure: { kind: 'timeout', timeoutMs: 250 } })
    expect((error as Error).message).toContain('tools/list')
    expect(performance.now() - startedAt).toBeLessThan(1500)
    // The first page and two more, at most: nothing is asked for in vain.
    expect(pages).toBeLessThanOrEqual(3)
  })

  test.each([Number.NaN, 0, -1, 1.5, Infinity, '3'])(
    'is asked for nothing where %s pages are allowed',
    async (maxPages) => {
      const server = new ScriptedServer(generation, { 'tools/list': () => ({ tools: [tool('one')], ...cached }) })
      const client = await server.connect()
      const before = server.received.length
      for (const list of ['listTools', 'listPrompts', 'listResources', 'listResourceTemplates'] as const) {
        const error = await failure(client[list]({ maxPages: maxPages as number }))
        expect(error).toBeInstanceOf(InvalidOptionError)
        expect(error).toMatchObject({ code: 'invalid_option' })
        expect((error as Error).message).toContain('maxPages')
      }
      expect(server.received.slice(before)).toEqual([])
    },
  )
})

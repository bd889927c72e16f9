import { describe, expect, test } from 'vitest'
import { expectSoon, gate, textOf } from '../support/answering.ts'
import { RpcFault, ScriptedServer, wireTask, wireText, type Wire } from '../support/scripted-server.ts'

const generation = '2025-11-25'
const tool = (name: string, taskSupport?: string): Wire => ({
  name,
  inputSchema: { type: 'object' },
  ...(taskSupport !== undefined && { execution: { taskSupport } }),
})

/** A server whose tools are listed as said, page by page, and that answers what it is asked for. */
function listing(
  pages: () => readonly Wire[][],
  more: ConstructorParameters<typeof ScriptedServer>[1] = {},
): ScriptedServer {
  return new ScriptedServer(generation, {
    'tools/list': ({ cursor = '0' }) => {
      const at = Number(cursor)
      const all = pages()
      return { tools: all[at], ...(at + 1 < all.length && { nextCursor: String(at + 1) }) }
    },
    'tools/call': (params) => ('task' in params ? { task: wireTask(generation, 'working') } : wireText('plain')),
    'tasks/get': () => wireTask(generation, 'completed'),
    'tasks/result': () => wireText('tasked'),
    ...more,
  })
}

describe('how a 2025-11-25 tool is called', () => {
  test('is read from all pages of the listing', async () => {
    const server = listing(() => [
      [tool('a', 'forbidden')],
      [tool('b')],
      [tool('c', 'required'), tool('d', 'optional')],
    ])
    const client = await server.connect()
    const called: Record<string, string | undefined> = {}
    for (const name of ['a', 'b', 'c', 'd']) {
      const task = await client.callTool(name, {}, { task: true })
      called[name] = `${textOf(await task.result())} and ${textOf(await client.callTool(name))}`
    }
    expect(called).toEqual({
      a: 'plain and plain',
      b: 'plain and plain',
      c: 'tasked and tasked',
      d: 'tasked and plain',
    })
    // One listing, of three pages.
    expect(server.requests('tools/list')).toHaveLength(3)
  })

  test('is read anew when the server says that its tools changed', async () => {
    let support = 'forbidden'
    const server = listing(() => [[tool('a', support)]])
    const client = await server.connect()
    expect(textOf(await client.callTool('a'))).toBe('plain')
    support = 'required'
    server.notify('notifications/tools/list_changed', {})
    expect(textOf(await client.callTool('a'))).toBe('tasked')
  })

  test('is never read from half a listing', async () => {
    const second = gate()
    let pages = [[tool('a')], [tool('b', 'required')]]
    const server = listing(() => pages)
    const slow = listing(() => pages, {
      'tools/list': async ({ cursor }) => {
        if (cursor === undefined) return { tools: pages[0], nextCursor: '1' }
        await second.opened
        return { tools: pages[1] }
      },
    })
    for (const each of [server, slow]) {
      const client = await each.connect()
      const call = client.callTool('b')
      await expectSoon(() => each.requests('tools/list').length).toBe(2)
      second.open()
      expect(textOf(await call)).toBe('tasked')
    }
    pages = []
  })

  test('follows the refusal of a server whose listing was out of date', async () => {
    let support: string | undefined = 'forbidden'
    const server = listing(() => [[tool('a', support)]], {
      'tools/call': (params) => {
        const tasked = 'task' in params
        if (tasked !== (support === 'required')) throw new RpcFault(-32_601, `a: task augmentation is ${support}`)
        return tasked ? { task: wireTask(generation, 'working') } : wireText('plain')
      },
    })
    const client = await server.connect()
    expect(textOf(await client.callTool('a'))).toBe('plain')
    support = 'required'
    expect(textOf(await client.callTool('a'))).toBe('tasked')
    support = 'forbidden'
    expect(textOf(await client.callTool('a'))).toBe('plain')
  })

  test('is not tried twice where the listing says the same as before', async () => {
    const server = listing(() => [[tool('a', 'optional')]], {
      'tools/call': () => {
        throw new RpcFault(-32_601, 'no')
      },
    })
    const client = await server.connect()
    await expect(client.callTool('a')).rejects.toMatchObject({ rpcCode: -32_601 })
    expect(server.requests('tools/call')).toHaveLength(1)
  })

  test('is not looked up on a 2026-07-28 server, which decides by itself', async () => {
    const server = new ScriptedServer('2026-07-28', { 'tools/call': () => wireText('at once') })
    const client = await server.connect({ preferTasks: true })
    await client.callTool('anything')
    await client.callTool('anything', {}, { task: true })
    expect(server.requests('tools/list')).toEqual([])
  })
})

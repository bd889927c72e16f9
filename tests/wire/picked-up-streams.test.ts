/** A 2025-11-25 server may end the stream of a call, to be asked for its rest later (specification 2025-11-25, transports). */
import { execFile } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { promisify } from 'node:util'
import { Client } from '@longcall/client'
import { afterEach, describe, expect, test } from 'vitest'
import { readJsonBody, startHttp } from '../peers/http-listener.mjs'

interface EndingStreams {
  url: string
  /** What the streams were asked for again by: their `Last-Event-ID`. */
  picked: string[]
  /** Resolves when the streams of so many calls were ended, with the time of the last. */
  ended(calls: number): Promise<number>
  close(): Promise<void>
}

const servers: EndingStreams[] = []

/** Ends the stream of each call before its answer, and gives that, or no stream, to who asks for the rest. */
async function endingStreams({ keepsEvents = true, names = true, retryMs = 300 } = {}): Promise<EndingStreams> {
  const picked: string[] = []
  const calls = new Map<string, unknown>()
  const ends = new EventEmitter()
  const endedAt: number[] = []
  const ended = async (count: number): Promise<number> => {
    while (endedAt.length < count) await once(ends, 'end')
    return endedAt[count - 1]!
  }
  const http = await startHttp(0, async (request, response) => {
    const lastEvent = request.headers['last-event-id']
    if (request.method === 'GET') {
      const id = calls.get(String(lastEvent))
      if (lastEvent !== undefined) picked.push(String(lastEvent))
      if (id === undefined || !keepsEvents) return response.writeHead(405).end()
      const answer = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'the rest' }] } }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return response.end(`id: ${String(lastEvent)}-answer\ndata: ${JSON.stringify(answer)}\n\n`)
    }
    if (request.method !== 'POST') return response.writeHead(200).end()
    const { id, method } = await readJsonBody(request)
    const answer = (result: object) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    }
    switch (method) {
      case 'initialize':
        return answer({
          protocolVersion: '2025-11-25',
          serverInfo: { name: 'ending', version: '1' },
          capabilities: { tools: {} },
        })
      case 'tools/list':
        return answer({ tools: [{ name: 'slow', inputSchema: { type: 'object' } }] })
      case 'tools/call': {
        const event = `call-${calls.size}`
        calls.set(event, id)
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.end(names ? `id: ${event}\nretry: ${retryMs}\ndata: \n\n` : ': nothing yet\n\n')
        endedAt.push(performance.now())
        return ends.emit('end')
      }
      default:
        return response.writeHead(202).end()
    }
  })
  const server = { ...http, picked, ended }
  servers.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('a stream that ends before the answer', () => {
  test('is asked for its rest by its last event, no sooner than the server said', async () => {
    const retryMs = 300
    const server = await endingStreams({ retryMs })
    await using client = await Client.connect(server.url, { era: 'legacy' })
    const { content } = await client.callTool('slow')
    // Timers of the platform may be a millisecond early.
    expect(performance.now() - (await server.ended(1))).toBeGreaterThanOrEqual(retryMs - 2)
    expect(content).toEqual([{ type: 'text', text: 'the rest' }])
    expect(server.picked).toEqual(['call-0'])
  })

  test('fails its call at once where the server has no rest of it', async () => {
    const server = await endingStreams({ keepsEvents: false })
    await using client = await Client.connect(server.url, { era: 'legacy' })
    await expect(client.callTool('slow')).rejects.toMatchObject({ code: 'request_stream_ended' })
    expect(server.picked).toEqual(['call-0'])
  })

  test('fails its call at once where it has no events to ask by', async () => {
    const server = await endingStreams({ names: false })
    await using client = await Client.connect(server.url, { era: 'legacy' })
    await expect(client.callTool('slow')).rejects.toMatchObject({ code: 'request_stream_ended' })
    expect(server.picked).toEqual([])
  })

  test('holds the process open until its rest was asked for', async () => {
    const server = await endingStreams()
    const program = `
      import { Client } from '@longcall/client'
      const client = await Client.connect(${JSON.stringify(server.url)}, { era: 'legacy' })
      const { content } = await client.callTool('slow', {}, { idleTimeoutMs: Infinity })
      await client.close()
      console.log(content[0].text)
    `
    const args = ['--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
    expect(stdout).toBe('the rest\n')
  })

  test('is not asked for any more once the client is closed, be it one stream or several', async () => {
    const server = await endingStreams({ retryMs: 60_000 })
    const client = await Client.connect(server.url, { era: 'legacy' })
    const calls = [client.callTool('slow'), client.callTool('slow'), client.callTool('slow')]
    const outcomes = Promise.allSettled(calls)
    await server.ended(3)
    await client.close()
    for (const outcome of await outcomes) expect(outcome.status).toBe('rejected')
    expect(server.picked).toEqual([])
  })
})

import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gate } from '../../../../../tests/support/answering.ts'
import { Client } from '../../client/client.ts'

const mebibyte = 1024 * 1024

/** What is sent: how it begins, and what follows for ever, a mebibyte at a time once it is decoded. */
interface Flood {
  readonly headers: Readonly<Record<string, string>>
  readonly first: string | Buffer
  readonly more: Buffer
  /** How often that follows at most, far more than is borne: the end of a test that fails. */
  readonly times: number
}

const json = { 'content-type': 'application/json' }
const events = { 'content-type': 'text/event-stream' }
const start = '{"jsonrpc":"2.0","id":"x","result":{"content":[{"type":"text","text":"'
const letters = Buffer.alloc(mebibyte, 'x')

const floods: readonly (readonly [string, Flood])[] = [
  ['a JSON body', { headers: json, first: start, more: letters, times: 1024 }],
  ['an event', { headers: events, first: `data: ${start}`, more: letters, times: 1024 }],
  [
    'a gzip bomb of JSON',
    {
      headers: { ...json, 'content-encoding': 'gzip' },
      first: gzipSync(start),
      more: gzipSync(letters),
      // A kilobyte each on the wire, of which the buffers of sockets hold thousands.
      times: 100_000,
    },
  ],
  [
    'a gzip bomb of an event',
    {
      headers: { ...events, 'content-encoding': 'gzip' },
      first: gzipSync(`data: ${start}`),
      more: gzipSync(letters),
      // A kilobyte each on the wire, of which the buffers of sockets hold thousands.
      times: 100_000,
    },
  ],
]

/** A server of 2025-11-25 that answers calls of tools so. */
async function serve(call: (response: ServerResponse, id: unknown) => Promise<void>): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      response.on('error', () => {})
      if (request.method !== 'POST') return response.writeHead(405).end()
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown; method: string }
      if (id === undefined) return response.writeHead(202).end()
      if (method === 'tools/call') return call(response, id)
      const serverInfo = { name: 'flood', version: '1.0.0' }
      const result =
        method === 'initialize'
          ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }
          : { tools: [] }
      return response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

async function connect(url: string): Promise<Client> {
  const client = await Client.connect(url, { era: 'legacy' })
  onTestFinished(() => client.close({ force: true }))
  return client
}

describe('a message over HTTP', () => {
  test.each(floods)(
    'that does not end is an error, and its connection is closed: %s',
    async (_what, flood) => {
      let sent = 0
      const closed = gate()
      const url = await serve(async (response) => {
        response.once('close', () => closed.open())
        response.writeHead(200, flood.headers)
        response.write(flood.first)
        while (!response.closed && sent < flood.times) {
          sent += 1
          if (response.write(flood.more)) await nextTurn()
          else await Promise.race([once(response, 'drain').catch(() => {}), closed.opened])
        }
      })
      const client = await connect(url)
      const before = process.memoryUsage.rss()
      const error: unknown = await client.callTool('flood').then(
        () => expect.fail('it ended'),
        (thrown: unknown) => thrown,
      )
      await closed.opened
      expect(error).toMatchObject({ code: expect.stringMatching(/^request_/) })
      expect((error as Error).message).toContain('tools/call of "flood"')
      expect((error as Error).message.length).toBeLessThan(1000)
      expect(sent).toBeGreaterThan(32)
      expect(process.memoryUsage.rss() - before).toBeLessThan(400 * mebibyte)
      expect(sent).toBeLessThan(flood.times)
      expect(await client.listTools()).toEqual([])
    },
    30_000,
  )

  test('may come after any number of others on its stream', async () => {
    const url = await serve(async (response, id) => {
      response.writeHead(200, events)
      const log = {
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { level: 'info', data: 'x'.repeat(mebibyte) },
      }
      for (let sent = 0; sent < 80; sent += 1)
        if (!response.write(`data: ${JSON.stringify(log)}\n\n`)) await once(response, 'drain')
      const result = { content: [{ type: 'text', text: 'at last' }] }
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`)
    })
    const client = await connect(url)
    expect((await client.callTool('flood')).content).toEqual([{ type: 'text', text: 'at last' }])
  }, 30_000)
})

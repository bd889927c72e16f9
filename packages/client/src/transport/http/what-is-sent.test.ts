import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { pooledFetch } from './pooled-fetch.ts'

/** The bytes of a request, as they come to a server. */
async function sent(path: string, init: RequestInit): Promise<string> {
  let received = ''
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (data: string) => {
      received += data
      const isWhole = init.body === undefined ? received.endsWith('\r\n\r\n') : received.endsWith(init.body as string)
      if (isWhole) socket.end('HTTP/1.1 204 No Content\r\n\r\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pooled = pooledFetch()
  onTestFinished(async () => {
    await pooled.close()
    server.close()
  })
  await pooled.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init)
  return received
}

test.each([
  ['', '/'],
  ['/', '/'],
  ['/mcp', '/mcp'],
  ['/mcp/', '/mcp/'],
  ['/mcp?', '/mcp?'],
  ['/mcp?#', '/mcp?'],
  ['/mcp#', '/mcp'],
  ['/mcp#part', '/mcp'],
  ['/mcp/?a=b&a=c&d', '/mcp/?a=b&a=c&d'],
  ['/a%2Fb//c;d=e/?q=%20+%zz&r=a/b?c#d?e', '/a%2Fb//c;d=e/?q=%20+%zz&r=a/b?c'],
])('the path and query are sent as given: %s', async (path, target) => {
  const [requestLine] = (await sent(path, {})).split('\r\n')
  expect(requestLine).toBe(`GET ${target} HTTP/1.1`)
})

test('no coding is asked for, and what fetch says of itself is said', async () => {
  const head = await sent('/mcp', {})
  expect(head).toContain('\r\naccept-encoding: identity\r\n')
  expect(head).toContain('\r\naccept: */*\r\n')
  expect(head).toContain('\r\nuser-agent: node\r\n')
})

test('a body has its length, and is never sent in chunks', async () => {
  const request = await sent('/mcp', { method: 'POST', body: '"é"', headers: { accept: 'application/json' } })
  expect(request).toMatch(/\r\ncontent-length: 4\r\n/)
  expect(request).not.toMatch(/transfer-encoding/)
  expect(request.match(/\r\naccept: /g)).toHaveLength(1)
})

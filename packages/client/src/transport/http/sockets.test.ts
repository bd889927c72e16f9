import { EventEmitter, getEventListeners, once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pooledFetch, type PooledFetch } from './pooled-fetch.ts'

/** A server, what it counts, and a fetch that is closed with it. */
interface Scene extends PooledFetch {
  readonly url: string
  /** How many sockets were ever opened to it. */
  readonly opened: () => number
  readonly sockets: ReadonlySet<Socket>
}

async function listen(server: Server | TcpServer): Promise<Scene> {
  const sockets = new Set<Socket>()
  let opened = 0
  server.on('connection', (socket: Socket) => {
    opened += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const pooled = pooledFetch()
  onTestFinished(async () => {
    await pooled.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { ...pooled, url: `http://127.0.0.1:${port}/mcp`, opened: () => opened, sockets }
}

function serve(handle: RequestListener): Promise<Scene> {
  return listen(createServer(handle))
}

/** Headers, one event, and nothing more. */
const hold: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('data: 1\n\n')
}

async function allGone(sockets: ReadonlySet<Socket>): Promise<void> {
  await Promise.all([...sockets].map((socket) => once(socket, 'close')))
}

const newEmitter = (): EventEmitter => new EventEmitter()

describe('sockets', () => {
  test('are used again by calls one after another', async () => {
    const { fetch, url, opened } = await serve((_, response) => response.end('{}'))
    for (let call = 0; call < 20; call += 1) await (await fetch(url, { method: 'POST', body: '{}' })).json()
    expect(opened()).toBe(1)
  })

  test('are used again where nobody reads a short answer', async () => {
    const { fetch, url, opened } = await serve((_, response) => response.writeHead(202).end('short'))
    for (let call = 0; call < 5; call += 1) {
      await fetch(url, { method: 'POST', body: '{}' })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(opened()).toBeLessThan(5)
  })

  test('are never waited for: a call is answered beside a hundred streams that are held open', async () => {
    const { fetch, url, opened } = await serve((request, response) => {
      if (request.method === 'GET') hold(request, response)
      else response.end('{"answered":true}')
    })
    const streams = await Promise.all(Array.from({ length: 100 }, () => fetch(url)))
    const readers = streams.map(({ body }) => body?.getReader())
    for (const reader of readers) expect((await reader?.read())?.done).toBe(false)
    for (let call = 0; call < 3; call += 1)
      expect(await (await fetch(url, { method: 'POST', body: '{}' })).json()).toEqual({ answered: true })
    expect(opened()).toBe(101)
  })

  test('are gone at once when it is closed, idle and busy ones', async () => {
    const events = newEmitter()
    const { fetch, url, sockets, close } = await serve((request, response) => {
      if (request.url === '/never') events.emit('asked')
      else if (request.url === '/held') hold(request, response)
      else response.end('{}')
    })
    const asked = once(events, 'asked')
    const never = fetch(new URL('/never', url))
    const [, held] = await Promise.all([asked, fetch(new URL('/held', url)), (await fetch(url)).text()])
    const text = held.text()
    const gone = allGone(sockets)
    const outcomes = Promise.allSettled([never, text])
    await close()
    await gone
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'TypeError' } })
      expect((outcome as PromiseRejectedResult).reason.cause).toBeInstanceOf(Error)
    }
    await close()
    await expect(fetch(url)).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' })
  })

  test('that are still connecting are gone when it is closed', async () => {
    // It takes connections and never begins to speak TLS.
    const { fetch, url, sockets, close } = await listen(createTcpServer((socket) => socket.resume()))
    const outcome = fetch(url.replace('http:', 'https:')).catch((error: unknown) => error)
    while (sockets.size === 0) await new Promise((resolve) => setImmediate(resolve))
    const gone = allGone(sockets)
    await close()
    await gone
    expect(await outcome).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
  })

  test('that are idle do not hold the process open', async () => {
    const { fetch, url, sockets } = await serve((_, response) => response.end('{}'))
    const count = (): number => process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length
    const before = count()
    await (await fetch(url)).text()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sockets.size).toBe(1)
    // The server's side of it is in this process, too.
    expect(count()).toBe(before + 1)
  })
})

describe('a server that closes idle sockets', () => {
  test.each([20, 50, 100])('and says so is never asked on a socket that it closes: after %d ms', async (keepMs) => {
    const server = createServer((_, response) => response.end('{}'))
    server.keepAliveTimeout = keepMs
    const { fetch, url } = await listen(server)
    for (const pauseMs of [0, keepMs - 2, keepMs - 1, keepMs, keepMs + 1, keepMs + 2, 2 * keepMs]) {
      expect(await (await fetch(url, { method: 'POST', body: '{}' })).text()).toBe('{}')
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  })

  test('and does not say so is asked on another socket once it has', async () => {
    const server = createTcpServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}', () => socket.end()))
    })
    const { fetch, url, opened, sockets } = await listen(server)
    for (let call = 1; call <= 5; call += 1) {
      await (await fetch(url, { method: 'POST', body: '{}' })).text()
      await allGone(sockets)
      expect(opened()).toBe(call)
    }
  })

  test('on the very request is a failure, and the request is not sent again', async () => {
    const requests: string[] = []
    const server = createTcpServer((socket) => {
      socket.on('data', (data) => {
        requests.push(String(data).split(' ', 1)[0] ?? '')
        if (requests.length === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
        else socket.destroy()
      })
    })
    const { fetch, url } = await listen(server)
    await (await fetch(url, { method: 'POST', body: '1' })).text()
    const error: unknown = await fetch(url, { method: 'POST', body: '2' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code: expect.any(String) } })
    expect(requests.filter((method) => method === 'POST')).toHaveLength(2)
  })
})

describe('aborting', () => {
  const reason = new Error('enough')

  test('while connecting is not waited for', async () => {
    const { fetch, url, sockets } = await listen(createTcpServer((socket) => socket.resume()))
    const controller = new AbortController()
    const outcome = fetch(url.replace('http:', 'https:'), { signal: controller.signal })
    while (sockets.size === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    await expect(outcome).rejects.toBe(reason)
  })

  test('while waiting for the answer ends the request at the server', async () => {
    const events = newEmitter()
    const { fetch, url } = await serve((request) => events.emit('asked', request))
    const asked = once(events, 'asked')
    const controller = new AbortController()
    const outcome = fetch(url, { signal: controller.signal }).catch((error: unknown) => error)
    const [request] = (await asked) as [IncomingMessage]
    controller.abort(reason)
    await once(request.socket, 'close')
    expect(await outcome).toBe(reason)
  })

  test.each<[string, (response: Response) => Promise<unknown>]>([
    ['as text', (response) => response.text()],
    ['as JSON', (response) => response.json()],
    ['as bytes', (response) => response.arrayBuffer()],
    [
      'as a stream',
      async ({ body }) => {
        const reader = body?.getReader()
        while ((await reader?.read())?.done === false);
      },
    ],
  ])('while the body is read %s', async (_, read) => {
    const events = newEmitter()
    const { fetch, url } = await serve((request, response) => {
      hold(request, response)
      response.once('close', () => events.emit('closed'))
    })
    const closed = once(events, 'closed')
    const controller = new AbortController()
    const outcome = read(await fetch(url, { signal: controller.signal })).catch((error: unknown) => error)
    controller.abort(reason)
    await closed
    expect(await outcome).toBe(reason)
  })

  test('before the body is looked at is told to who reads it', async () => {
    const { fetch, url } = await serve(hold)
    const controller = new AbortController()
    const response = await fetch(url, { signal: controller.signal })
    controller.abort(reason)
    await expect(response.text()).rejects.toBe(reason)
  })

  test('after the end changes nothing', async () => {
    const { fetch, url, opened } = await serve((_, response) => response.end('{}'))
    const controller = new AbortController()
    const response = await fetch(url, { signal: controller.signal })
    expect(await response.text()).toBe('{}')
    controller.abort(reason)
    expect(await (await fetch(url)).text()).toBe('{}')
    expect(opened()).toBe(1)
  })

  test('by one signal for many requests leaves no listener and warns of none', async () => {
    const { fetch, url } = await serve((_, response) => response.end('{}'))
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 50 }, async () => (await fetch(url, { signal })).text()))
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('a stream', () => {
  test('is given as it comes', async () => {
    let open: ServerResponse | undefined
    const { fetch, url } = await serve((request, response) => {
      hold(request, response)
      open = response
    })
    const { body } = await fetch(url)
    const reader = (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'data: 1\n\n' })
    open?.write('data: 2\n\n')
    expect(await reader.read()).toEqual({ done: false, value: 'data: 2\n\n' })
    open?.end()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  test('that is cancelled is ended at the server', async () => {
    const events = newEmitter()
    const { fetch, url } = await serve((request, response) => {
      hold(request, response)
      response.once('close', () => events.emit('closed'))
    })
    const closed = once(events, 'closed')
    const { body } = await fetch(url)
    await body?.cancel()
    expect(await closed).toEqual([])
  })

  test('that breaks says so, and why', async () => {
    const { fetch, url } = await serve((request, response) => {
      hold(request, response)
      setImmediate(() => response.destroy())
    })
    const { body } = await fetch(url)
    const reader = body?.getReader()
    const read = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    }
    await expect(read()).rejects.toMatchObject({
      name: 'TypeError',
      message: 'terminated',
      cause: { name: 'SocketError' },
    })
  })

  test('that nobody reads makes the server wait, and comes whole to a reader that is slow', async () => {
    const size = 20_000_000
    let written = 0
    const { fetch, url } = await serve((_, response) => {
      const chunk = Buffer.alloc(100_000, 'x')
      const more = (): void => {
        while (written < size) {
          written += chunk.length
          if (!response.write(chunk)) {
            response.once('drain', more)
            return
          }
        }
        response.end()
      }
      more()
    })
    const { body } = await fetch(url)
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBeLessThan(size)
    let read = 0
    for await (const chunk of body as ReadableStream<Uint8Array>) read += chunk.byteLength
    expect(read).toBe(size)
  })
})

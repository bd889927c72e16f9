import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Client as SdkClient } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startForwardProxy } from '../peers/forward-proxy.mjs'
import { selfSigned } from '../support/certificates.ts'
import { connect, failure, listen, mcp, type Seen } from '../support/http-targets.ts'

async function expectAnswer({ client }: { client: SdkClient }): Promise<void> {
  expect(await client.callTool({ name: 'any' })).toMatchObject({ content: [{ text: 'done' }] })
}

describe('a server over Streamable HTTP', () => {
  test('is sent headers and token with every request: POST, GET and DELETE', async () => {
    const seen: Seen[] = []
    const url = await listen(createServer(mcp(seen, { streams: true })))
    const { client, transport } = await connect({
      url: `${url}/mcp`,
      headers: { 'X-Key': 'k1', accept: 'application/x-extra', 'content-type': 'text/plain' },
      token: 't0ken',
    })
    await expectAnswer({ client })
    await vi.waitFor(() => expect(seen.map(({ method }) => method)).toContain('GET'))
    await (transport as unknown as { terminateSession(): Promise<void> }).terminateSession()
    expect(new Set(seen.map(({ method }) => method))).toEqual(new Set(['POST', 'GET', 'DELETE']))
    for (const { method, headers } of seen) {
      expect(headers).toMatchObject({ 'x-key': 'k1', authorization: 'Bearer t0ken' })
      expect(headers.accept).toContain('application/x-extra')
      if (method === 'POST') expect(headers['content-type']).toBe('application/json')
    }
  })

  test('that has no stream of its own is used without it', async () => {
    const seen: Seen[] = []
    const connected = await connect(`${await listen(createServer(mcp(seen)))}/mcp`)
    await vi.waitFor(() => expect(seen.map(({ method }) => method)).toContain('GET'))
    await expectAnswer(connected)
    expect(seen.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })

  test.each(['/mcp', '/mcp/', '/', '/a%2Fb/?q=%20+&r=a/b', '/mcp?'])(
    'is asked at the very path that was given: %s',
    async (path) => {
      const seen: Seen[] = []
      await expectAnswer(await connect((await listen(createServer(mcp(seen)))) + path))
      expect(new Set(seen.map(({ url }) => url))).toEqual(new Set([path]))
    },
  )

  test('has one socket for calls one after another, and none once the transport is closed', async () => {
    const server = createServer(mcp([]))
    const sockets: Socket[] = []
    server.on('connection', (socket: Socket) => sockets.push(socket))
    const { client, transport } = await connect(`${await listen(server)}/mcp`)
    await expectAnswer({ client })
    const before = sockets.length
    for (let call = 0; call < 20; call += 1) await expectAnswer({ client })
    expect(sockets).toHaveLength(before)
    const gone = Promise.all(sockets.filter(({ closed }) => !closed).map((socket) => once(socket, 'close')))
    await transport.close()
    await gone
  })

  test('is reached by a fetch that is given, and by nothing else', async () => {
    const asked: string[] = []
    const url = `${await listen(createServer(mcp([])))}/mcp`
    const connected = await connect({
      url,
      token: 't0ken',
      fetch: (input, init) => {
        asked.push(new Headers(init?.headers).get('authorization') ?? 'none')
        return fetch(input, init)
      },
    })
    await expectAnswer(connected)
    expect(asked.length).toBeGreaterThan(2)
    expect(new Set(asked)).toEqual(new Set(['Bearer t0ken']))
  })

  test('that moved within its origin is followed with its headers, and elsewhere is not', async () => {
    const seen: Seen[] = []
    const handle = mcp(seen)
    const other = await listen(createServer(mcp(seen)))
    const url = await listen(
      createServer((request, response) => {
        if (request.url === '/old') response.writeHead(308, { location: '/new' }).end()
        else if (request.url === '/away') response.writeHead(308, { location: `${other}/mcp` }).end()
        else handle(request, response)
      }),
    )
    await expectAnswer(await connect({ url: `${url}/old`, token: 't0ken' }))
    expect(seen.every(({ headers }) => headers.authorization === 'Bearer t0ken')).toBe(true)
    seen.length = 0
    expect(await failure({ url: `${url}/away`, token: 't0ken' })).toContain(`${other}/mcp`)
    expect(seen).toEqual([])
  })
})

describe('a dispatcher that the program has set for all requests', () => {
  const keys = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map((key) => Symbol.for(key))

  /** As `setGlobalDispatcher` of undici does, of whichever version Node has. */
  function setEach(dispatchers: readonly unknown[]): void {
    for (const [index, key] of keys.entries())
      if (dispatchers[index] !== undefined) Reflect.set(globalThis, key, dispatchers[index])
  }

  test('is used', async () => {
    const url = `${await listen(createServer(mcp([])))}/mcp`
    // Node sets its own with the first request.
    await (await fetch(url)).text()
    const before = keys.map((key): unknown => Reflect.get(globalThis, key))
    onTestFinished(() => setEach(before))
    let asked = 0
    class Watching {
      readonly dispatch: Dispatch

      constructor(inner: { dispatch: Dispatch }) {
        this.dispatch = (...args) => {
          asked += 1
          return inner.dispatch(...args)
        }
      }
    }
    setEach(before.map((inner) => inner && new Watching(inner as { dispatch: Dispatch })))
    await expectAnswer(await connect(url))
    expect(asked).toBeGreaterThan(2)
  })
})

type Dispatch = (...args: unknown[]) => boolean

describe('a server over HTTPS', async () => {
  const certificate = await selfSigned('mcp.example')

  const https = (options: object = {}): Promise<string> =>
    listen(createHttpsServer({ ...certificate, ...options }, mcp([])), 'https')

  test('with a certificate of an authority of its own is trusted where that is named', async () => {
    const url = `${await https()}/mcp`
    await expectAnswer(await connect({ url, tls: { ca: certificate.cert } }))
    await expectAnswer(await connect({ url, tls: { ca: [Buffer.from(certificate.cert)], servername: 'mcp.example' } }))
    await expectAnswer(await connect({ url, tls: { rejectUnauthorized: false } }))
  })

  test('that cannot be trusted is not, and it is said why', async () => {
    const url = `${await https()}/mcp`
    expect(await failure(url)).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/)
    expect(await failure({ url, tls: { ca: (await selfSigned('other')).cert } })).toMatch(/SELF_SIGNED|UNABLE_TO/)
    expect(await failure({ url, tls: { ca: certificate.cert, servername: 'other.example' } })).toMatch(
      /ERR_TLS_CERT_ALTNAME_INVALID/,
    )
  })

  test('that wants to know its clients is shown a certificate', async () => {
    const own = await selfSigned('client', 'pass')
    const url = `${await https({ requestCert: true, rejectUnauthorized: true, ca: own.cert })}/mcp`
    await expectAnswer(await connect({ url, tls: { ca: certificate.cert, ...own, passphrase: 'pass' } }))
    expect(await failure({ url, tls: { ca: certificate.cert } })).toMatch(/fetch failed/)
    expect(await failure({ url, tls: { ...own, passphrase: 'wrong' } })).toMatch(/cannot be used/)
  })
})

describe('a proxy', async () => {
  async function proxy(options?: Parameters<typeof startForwardProxy>[0]): ReturnType<typeof startForwardProxy> {
    const started = await startForwardProxy(options)
    onTestFinished(() => started.close())
    return started
  }

  const certificate = await selfSigned('mcp.example')

  test('is gone through, to HTTP and HTTPS servers', async () => {
    const { url, asked } = await proxy()
    const http = await listen(createServer(mcp([])))
    await expectAnswer(await connect({ url: `${http}/mcp`, proxy: url }))
    expect(new Set(asked)).toEqual(new Set([`CONNECT ${new URL(http).host}`]))
    const https = await listen(createHttpsServer(certificate, mcp([])), 'https')
    await expectAnswer(await connect({ url: `${https}/mcp`, proxy: url, tls: { ca: certificate.cert } }))
    expect(asked).toContain(`CONNECT ${new URL(https).host}`)
    expect(await failure({ url: `${https}/mcp`, proxy: url })).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/)
  })

  test('has no socket left once the transport is closed', async () => {
    const started = await proxy()
    const server = createServer(mcp([], { streams: true }))
    const sockets: Socket[] = []
    server.on('connection', (socket: Socket) => sockets.push(socket))
    const { transport } = await connect({ url: `${await listen(server)}/mcp`, proxy: started.url })
    const gone = Promise.all(sockets.filter(({ closed }) => !closed).map((socket) => once(socket, 'close')))
    await transport.close()
    await gone
    expect(sockets.every(({ closed }) => closed)).toBe(true)
  })

  test('is given the password of its URL, which no error repeats', async () => {
    const { url } = await proxy({ password: 's3cret' })
    const http = `${await listen(createServer(mcp([])))}/mcp`
    const withPassword = (password: string): string => url.replace('//', `//ann:${password}@`)
    await expectAnswer(await connect({ url: http, proxy: withPassword('s3cret') }))
    const said = await failure({ url: http, proxy: withPassword('wr0ng') })
    expect(said).toMatch(/407/)
    expect(said).not.toMatch(/wr0ng/)
  })

  test('that lets nobody through, or is not there, is an error and not a wait', async () => {
    const http = `${await listen(createServer(mcp([])))}/mcp`
    const dropping = await proxy({ refuse: 'drop' })
    expect(await failure({ url: http, proxy: dropping.url })).toMatch(/fetch failed/)
    expect(await failure({ url: http, proxy: 'http://127.0.0.1:65535' })).toMatch(/ECONNREFUSED/)
  })

  describe('of the environment', () => {
    afterEach(() => {
      vi.unstubAllEnvs()
    })

    test('is gone through where it is asked for, unless NO_PROXY names the server', async () => {
      const { url, asked } = await proxy()
      const http = `${await listen(createServer(mcp([])))}/mcp`
      vi.stubEnv('HTTP_PROXY', url)
      vi.stubEnv('http_proxy', url)
      vi.stubEnv('no_proxy', '')
      await expectAnswer(await connect(http))
      expect(asked).toEqual([])
      await expectAnswer(await connect({ url: http, proxy: 'env' }))
      expect(asked.length).toBeGreaterThan(0)
      asked.length = 0
      vi.stubEnv('no_proxy', '127.0.0.1')
      await expectAnswer(await connect({ url: http, proxy: 'env' }))
      expect(asked).toEqual([])
    })

    test('that is no URL is said', async () => {
      vi.stubEnv('http_proxy', 's3cret')
      const said = await failure({ url: 'http://127.0.0.1:1/mcp', proxy: 'env' })
      expect(said).toMatch(/InvalidTargetError.*HTTP_PROXY/)
      expect(said).not.toMatch(/s3cret/)
    })
  })
})

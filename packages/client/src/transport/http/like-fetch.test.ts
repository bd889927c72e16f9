import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { FetchLike } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pooledFetch } from './pooled-fetch.ts'

const plain = JSON.stringify({ text: 'Grüße, '.repeat(50) })

/** What the server answers, by path. It tells in its body what it was asked. */
const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/no-content': (_, response) => void response.writeHead(204).end(),
  '/reset-content': (_, response) => void response.writeHead(205).end(),
  '/not-modified': (_, response) => void response.writeHead(304).end(),
  '/missing': (_, response) => void response.writeHead(404, 'Nothing Here').end('no'),
  '/no-location': (_, response) => void response.writeHead(302).end('stay'),
  '/bad-location': (_, response) => void response.writeHead(302, { location: 'http://' }).end(),
  '/to-file': (_, response) => void response.writeHead(302, { location: 'file:///etc/hosts' }).end(),
  '/to-password': ({ headers }, response) =>
    void response.writeHead(302, { location: `http://ann:pw@${headers.host}/` }).end(),
  '/loop': (_, response) => void response.writeHead(302, { location: '/loop' }).end(),
  '/byte-order-mark': (_, response) => void response.end('\uFEFF{"a":1}'),
  '/not-utf8': (_, response) => void response.end(Buffer.from([0x61, 0xff, 0xe2, 0x82])),
  '/not-json': (_, response) => void response.end('{'),
  '/early-hints': (_, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.end('late')
  },
  '/repeated-header': (_, response) => void response.writeHead(200, { 'x-a': ['1', '2'], 'x-b': 'é' }).end(),
  '/chunked': (_, response) => {
    const bytes = Buffer.from(plain)
    for (let at = 0; at < bytes.length; at += 5) response.write(bytes.subarray(at, at + 5))
    response.end()
  },
  '/gzip': (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(plain)),
  '/x-gzip': (_, response) => void response.writeHead(200, { 'content-encoding': 'X-GZip' }).end(gzipSync(plain)),
  '/br': (_, response) => void response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(plain)),
  '/deflate': (_, response) => void response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateSync(plain)),
  '/deflate-raw': (_, response) =>
    void response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateRawSync(plain)),
  '/gzip-br': (_, response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip, br' }).end(brotliCompressSync(gzipSync(plain))),
  '/gzip-empty': (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(),
  '/gzip-no-content': (_, response) => void response.writeHead(204, { 'content-encoding': 'gzip' }).end(),
  '/gzip-cut': (_, response) =>
    void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(plain).subarray(0, -4)),
  '/gzip-broken': (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
  '/unknown-coding': (_, response) => void response.writeHead(200, { 'content-encoding': 'rot13' }).end('uryyb'),
  '/dropped': (request) => void request.socket.destroy(),
  '/cut-off': (_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  },
  '/no-http': (request) => void request.socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
}

let here: string
let elsewhere: string
const servers = [0, 1].map(() =>
  createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://any')
    const status = Number(pathname.slice(1))
    if (status >= 300 && status < 400) {
      const location = searchParams.get('to') === 'elsewhere' ? `${elsewhere}/echo` : '/echo'
      response.writeHead(status, { location }).end('moved')
      return
    }
    const answer = answers[pathname]
    if (answer === undefined) void echo(request, response)
    else answer(request, response)
  }),
)

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readText(request)
  const { authorization, cookie, accept } = request.headers
  const kept = request.headers['x-kept']
  const type = request.headers['content-type']
  const asked = { method: request.method, url: request.url, body, authorization, cookie, accept, kept, type }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(asked))
}

const pooled = pooledFetch()

beforeAll(async () => {
  for (const server of servers) server.listen(0, '127.0.0.1')
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const [first, second] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  here = first ?? ''
  elsewhere = second ?? ''
})

afterAll(async () => {
  await pooled.close()
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
})

/** All that can be seen of a response, or what was thrown, without the ports. */
async function outcome(fetch: FetchLike, path: string, init: RequestInit | undefined, read: Read): Promise<unknown> {
  const masked = (seen: string): string => seen.replaceAll(here, 'here').replaceAll(elsewhere, 'elsewhere')
  try {
    const response = await fetch(here + path, init)
    expect(response).toBeInstanceOf(Response)
    const { status, statusText, ok, type, redirected, url } = response
    const headers = [...response.headers].filter(([name]) => !/^(date|keep-alive|location)$/.test(name))
    const hasBody = response.body !== null
    const body = await read(response).catch(thrown)
    const again = await response.text().catch(thrown)
    const { bodyUsed } = response
    const seen = { status, statusText, ok, type, redirected, url, headers, hasBody, body, again, bodyUsed }
    return JSON.parse(masked(JSON.stringify(seen)))
  } catch (error) {
    return thrown(error)
  }
}

type Read = (response: Response) => Promise<unknown>

const asText: Read = (response) => response.text()

/** The kind of what was thrown, not its words, which differ from version to version of Node. */
function thrown(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error }
  const { cause } = error
  const named = cause instanceof Error && 'code' in cause ? cause.code : undefined
  // Not every version of undici names what is wrong with a response that is no HTTP.
  const code = String(named).startsWith('HPE_') ? undefined : named
  const said = /^(fetch failed|terminated)$/.test(error.message) ? error.message : undefined
  return { name: error.constructor.name, said, code, hasCause: cause instanceof Error }
}

async function expectAlike(path: string, init?: RequestInit, read: Read = asText): Promise<unknown> {
  const ours = await outcome(pooled.fetch, path, init, read)
  expect(ours).toEqual(await outcome(globalThis.fetch, path, init, read))
  return ours
}

describe('a response is what fetch would give', () => {
  test.each([...Object.keys(answers), '/echo', '/echo?a=b&c=%20d', '/echo#fragment'])('%s', async (path) => {
    await expectAlike(path)
  })

  test.each<[string, Read]>([
    ['json', (response) => response.json()],
    ['arrayBuffer', async (response) => [...new Uint8Array(await response.arrayBuffer())]],
    ['blob', async (response) => (await response.blob()).text()],
    ['a clone', async (response) => [await response.clone().text(), await response.text()]],
    ['a clone of a clone', async (response) => [await response.clone().clone().json(), response.bodyUsed]],
    [
      'a stream',
      async (response) => readText(response.body ?? new ReadableStream({ start: (controller) => controller.close() })),
    ],
    ['a cancelled stream', async (response) => response.body?.cancel()],
    ['a response of which a reader was taken', async (response) => [response.body?.getReader(), await response.text()]],
  ])('read as %s', async (_, read) => {
    for (const path of ['/echo', '/byte-order-mark', '/not-utf8', '/not-json', '/no-content', '/gzip', '/cut-off'])
      await expectAlike(path, undefined, read)
  })

  test('a form', async () => {
    await expectAlike('/echo', { method: 'POST', body: new URLSearchParams({ a: 'é b' }) })
  })

  test.each<RequestInit>([
    { method: 'POST', body: '{"a":"é"}' },
    { method: 'post', body: '{}', headers: { 'content-type': 'application/json', accept: 'text/event-stream' } },
    { method: 'PUT', body: new Uint8Array([1, 2, 3]) },
    { method: 'POST', body: '' },
    { method: 'POST' },
    { method: 'DELETE', headers: [['x-kept', 'a']] },
    { method: 'HEAD' },
    { method: 'OPTIONS' },
    { method: 'GET', body: 'none' },
    { method: 'IN VALID' },
    { headers: { 'x-kept': 'é' } },
    { headers: { 'x-kept': 'a\nb' } },
    { headers: { 'x kept': 'a' } },
  ])('a request: %o', async (init) => {
    await expectAlike('/echo', init)
  })

  test.each([
    'http://',
    'ftp://127.0.0.1/',
    'http://ann:pw@127.0.0.1/',
    'http://127.0.0.1:65535/',
    'http://no.invalid/',
  ])('a URL that leads nowhere: %s', async (url) => {
    const ours = await pooled.fetch(url).catch(thrown)
    const theirs = await fetch(url).catch(thrown)
    expect(ours).toEqual(theirs)
    expect(ours).toMatchObject({ name: 'TypeError' })
  })
})

describe.each([301, 302, 303, 307, 308])('a redirect of status %d is taken as by fetch', (status) => {
  const headers = { authorization: 'Bearer s3cret', cookie: 'a=b', 'x-kept': 'yes', 'content-type': 'text/plain' }

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])('%s', async (method) => {
    const body = method === 'POST' || method === 'PUT' ? { body: 'data' } : {}
    for (const redirect of ['follow', 'manual', 'error'] as const) {
      await expectAlike(`/${status}`, { method, headers, redirect, ...body })
      await expectAlike(`/${status}?to=elsewhere`, { method, headers, redirect, ...body })
    }
  })

  test('keeping Authorization within its origin and nowhere else', async () => {
    const asked = async (path: string): Promise<unknown> => (await pooled.fetch(here + path, { headers })).json()
    expect(await asked(`/${status}`)).toMatchObject({ authorization: 'Bearer s3cret', cookie: 'a=b', kept: 'yes' })
    const there = await asked(`/${status}?to=elsewhere`)
    expect(there).toMatchObject({ kept: 'yes' })
    expect(JSON.stringify(there)).not.toMatch(/s3cret|a=b/)
  })
})

describe('aborting is what it is with fetch', () => {
  const reason = new Error('enough')

  test.each<[string, () => AbortSignal]>([
    ['with a reason', () => AbortSignal.abort(reason)],
    ['without one', () => AbortSignal.abort()],
    ['with what is no error', () => AbortSignal.abort('enough')],
  ])('before anything was sent, %s', async (_, aborted) => {
    const signal = aborted()
    for (const fetch of [pooled.fetch, globalThis.fetch])
      await expect(fetch(`${here}/echo`, { signal })).rejects.toBe(signal.reason)
  })

  test('of a redirect under way leaves the rest of the way', async () => {
    await expectAlike('/307', { method: 'POST', body: 'data', signal: new AbortController().signal })
  })
})

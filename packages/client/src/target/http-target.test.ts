import { RequestError } from '../errors/request-errors.ts'
import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { HttpTarget } from './http-options.ts'
import { httpTarget } from './http-target.ts'
import type { ResolvedTarget } from './resolved-target.ts'

const url = 'https://a.example/mcp'

describe('a server at a URL', () => {
  const endpoint = (given: string): Promise<string> => httpTarget(new URL(given)).endpoint('any')

  test('is told by its origin and path', async () => {
    expect(await endpoint('https://a.example/mcp')).toBe('https://a.example/mcp')
    expect(await endpoint('https://a.example/mcp/')).toBe('https://a.example/mcp/')
    expect(await endpoint('https://a.example:443/mcp#part')).toBe('https://a.example/mcp')
  })

  test('with a query is told from another without giving the query away', async () => {
    const one = await endpoint('https://a.example/mcp?key=s3cret')
    expect(one).not.toContain('s3cret')
    expect(one).toBe(await endpoint('https://a.example/mcp?key=s3cret'))
    expect(one).not.toBe(await endpoint('https://a.example/mcp?key=other'))
    expect(one).not.toBe(await endpoint('https://a.example/mcp'))
    expect(httpTarget(new URL('https://a.example/mcp?key=s3cret')).name).toBe('https://a.example/mcp')
  })

  test('is the same however it is said and reached', async () => {
    const targets: (string | URL | HttpTarget)[] = [
      url,
      new URL(url),
      { url },
      { url: new URL(url), token: 's3cret', headers: { 'x-key': 's3cret' } },
      { url, transport: 'sse' },
      { url, proxy: 'http://ann:s3cret@proxy.example:3128' },
    ]
    for (const target of targets) {
      expect(httpTarget(target).name).toBe(url)
      expect(await httpTarget(target).endpoint('any')).toBe(url)
    }
  })

  test('is not changed by what becomes of the URL that was given', async () => {
    const given = new URL(url)
    const target = httpTarget(given)
    given.pathname = '/other'
    expect(await target.endpoint('any')).toBe(url)
  })
})

describe('what is wrong with a target is said at once, and nothing secret with it', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['no URL', { url: 's3cret' }, /url of a target must be/],
    ['a URL of nothing', { url: undefined }, /url of a target must be/],
    ['a URL of another scheme', { url: 'ftp://s3cret@a.example/s3cret' }, /scheme ftp:/],
    ['a user name', { url: 'https://s3cret@a.example/mcp' }, /The URL of a\.example holds a user name or password/],
    ['a password', 'https://ann:s3cret@a.example/mcp', /The URL of a\.example holds a user name or password/],
    ['a token with a line break', { url, token: 's3cret\n' }, /has a token that/],
    ['a token with a space', { url, token: 'Bearer s3cret' }, /has a token that/],
    ['an empty token', { url, token: '' }, /has a token that/],
    ['a token that is no text', { url, token: 7 }, /has a token that/],
    ['headers of another kind', { url, headers: new Headers({ a: 's3cret' }) }, /no plain object/],
    ['headers that are null', { url, headers: null }, /no plain object/],
    ['a name that is none', { url, headers: { 'x key': 's3cret' } }, /a name that cannot be sent: "x key"/],
    ['an empty name', { url, headers: { '': 's3cret' } }, /a name that cannot be sent: ""/],
    ['a value with a line break', { url, headers: { 'x-key': 's3cret\r\nx: y' } }, /value of the header x-key/],
    ['a value that cannot be sent', { url, headers: { 'x-key': 's3cret€' } }, /value of the header x-key/],
    ['a value that is no text', { url, headers: { 'x-key': 7 } }, /value of the header x-key/],
    ['a header of the connection', { url, headers: { 'Content-Length': '1' } }, /belongs to the connection/],
    ['a header twice', { url, headers: { 'x-key': 's3cret', 'X-Key': 's3cret' } }, /x-key twice/],
    ['two authorizations', { url, token: 's3cret', headers: { Authorization: 's3cret' } }, /both a token and/],
    ['a fetch that is none', { url, fetch: 'fetch' }, /no function/],
    ['a fetch and a proxy', { url, fetch, proxy: 'http://s3cret@a.example' }, /both a fetch and a proxy.*itself/],
    ['a fetch and tls', { url, fetch, tls: { key: 's3cret' } }, /both a fetch and tls.*itself/],
    ['a proxy that is none', { url, proxy: 's3cret' }, /a proxy that is neither/],
    ['a proxy of another scheme', { url, proxy: 'ftp://s3cret@a.example' }, /a proxy that is neither/],
    ['tls that is none', { url, tls: true }, /tls that is no object/],
    ['tls with what it has not', { url, tls: { pfx: 's3cret' } }, /tls with "pfx"; it may have ca, cert/],
    ['tls of the wrong type', { url, tls: { passphrase: 7 } }, /tls with a passphrase of the wrong type/],
    ['tls that trusts what is no text', { url, tls: { ca: [7] } }, /tls with a ca of the wrong type/],
    ['a transport that is none', { url, transport: 'stdio' }, /a transport that is neither/],
  ]

  test.each(wrong)('%s', (_, target, said) => {
    const refused = (): ResolvedTarget => httpTarget(target as HttpTarget)
    expect(refused).toThrow(InvalidTargetError)
    expect(refused).toThrow(said)
    expect(refused).not.toThrow(/s3cret/)
  })

  test('certificates that cannot be used are refused before anything is sent', async () => {
    const opening = httpTarget({ url, tls: { cert: 's3cret', key: 's3cret' } }).open()
    await expect(opening).rejects.toBeInstanceOf(InvalidTargetError)
    await expect(opening).rejects.not.toThrow(/s3cret/)
  })
})

describe('the transport', () => {
  const kind = async (target: ResolvedTarget): Promise<string> => {
    const transport = await target.open()
    await transport.close()
    return 'terminateSession' in transport ? 'http' : 'sse'
  }

  test.each(['/sse', '/sse/', '/sse/x', '/a/sse', '/a/sse/b?c', '/sse?key=1'])('is SSE at %s', async (path) => {
    expect(await kind(httpTarget(`http://127.0.0.1:1${path}`))).toBe('sse')
    expect(await kind(httpTarget({ url: `http://127.0.0.1:1${path}`, transport: 'http' }))).toBe('http')
  })

  test.each(['/', '/mcp', '/sservice', '/assets', '/sse-x', '/xsse', '/SSE', '/mcp?a=/sse', '/mcp#/sse'])(
    'is Streamable HTTP at %s',
    async (path) => {
      expect(await kind(httpTarget(`http://127.0.0.1:1${path}`))).toBe('http')
      expect(await kind(httpTarget({ url: `http://127.0.0.1:1${path}`, transport: 'sse' }))).toBe('sse')
    },
  )

  test('over SSE goes on with no session, and speaks nothing newer', async () => {
    const target = httpTarget({ url, transport: 'sse' })
    await expect(target.open({ id: 's1', protocolVersion: '2025-11-25' })).rejects.toBeInstanceOf(InvalidTargetError)
    await expect(target.open(undefined, 'modern')).rejects.toBeInstanceOf(InvalidTargetError)
  })
})

describe('a server that predates Streamable HTTP', () => {
  const answered = (status: number): Error =>
    new Error('Could not connect', {
      cause: new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, 'no', { status, statusText: '' }),
    })

  test.each([400, 404, 405, 406, 415])('is known by status %d, and is the same server', async (status) => {
    const target = httpTarget('https://a.example/mcp?key=1')
    for (const error of [
      answered(status),
      answered(status).cause,
      new RequestError('initialize', { kind: 'http', status }),
    ]) {
      const older = target.fallback?.(error)
      expect(older?.name).toBe(target.name)
      expect(await older?.endpoint('any')).toBe(await target.endpoint('any'))
      expect(older).not.toHaveProperty('fallback')
      const transport = await older?.open()
      expect(transport).not.toHaveProperty('terminateSession')
      await transport?.close()
    }
  })

  test.each([401, 403, 409, 429, 500, 503])('is not known by status %d', (status) => {
    expect(httpTarget(url).fallback?.(answered(status))).toBeUndefined()
  })

  test('is not known by anything else', () => {
    for (const error of [
      new Error('no'),
      new TypeError('fetch failed', { cause: new Error('404') }),
      404,
      undefined,
      null,
    ])
      expect(httpTarget(url).fallback?.(error)).toBeUndefined()
  })

  test('is not looked for where the transport was named', () => {
    expect(httpTarget({ url, transport: 'http' }).fallback?.(answered(404))).toBeUndefined()
  })
})

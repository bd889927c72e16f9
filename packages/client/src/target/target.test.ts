import { InMemoryTransport } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { resolveTarget, type Target } from './target.ts'

const allowed =
  'A target is an http(s) URL, { command, args, env, cwd }, a Transport, a server object or a function that makes one.'

function refusal(target: unknown): InvalidTargetError {
  try {
    resolveTarget(target as Target)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTargetError)
    expect(error).toMatchObject({ code: 'invalid_target' })
    return error as InvalidTargetError
  }
  return expect.fail('it was taken')
}

describe('what cannot be connected to', () => {
  test.each([
    ['server.js', '"server.js": it is not a URL'],
    ['./server.js', '"./server.js": it is not a URL'],
    ['/usr/bin/server', '"/usr/bin/server": it is not a URL'],
    ['', '"": it is not a URL'],
    ['ftp://example.com/x', 'its scheme is ftp: and must be http: or https:'],
    ['file:///srv/server.js', 'its scheme is file:'],
    ['C:\\server.js', 'its scheme is c:'],
    [new URL('ws://example.com'), 'its scheme is ws:'],
    [42, 'Cannot connect to 42.'],
    [Number.NaN, 'Cannot connect to NaN.'],
    [true, 'Cannot connect to true.'],
    [null, 'Cannot connect to null.'],
    [undefined, 'Cannot connect to undefined.'],
    [Symbol('x'), 'Cannot connect to Symbol(x).'],
    [10n, 'Cannot connect to 10.'],
    [{}, 'an object with the keys (none)'],
    [[], 'an object with the keys (none)'],
    [Object.create(null), 'an object with the keys (none)'],
    [{ url: 'https://example.com' }, 'an object with the keys url'],
    [{ mcpServers: {} }, 'an object with the keys mcpServers'],
  ])('%s is told, and what can be', (target, said) => {
    const { message } = refusal(target)
    expect(message).toContain(said)
    expect(message).toContain(allowed)
  })

  test('is not quoted whole where it is long', () => {
    expect(refusal('x'.repeat(100_000)).message.length).toBeLessThan(500)
    expect(
      refusal(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`key${n}`, n]))).message.length,
    ).toBeLessThan(500)
  })

  test('is a URL with a password in it, which is not repeated', () => {
    for (const url of ['https://ann:s3cret@example.com/mcp', 'https://s3cret@example.com/mcp']) {
      const { message } = refusal(url)
      expect(message).toContain('The URL of example.com holds a user name or password')
      expect(message).not.toContain('s3cret')
    }
  })

  test.each([
    [{ command: '' }, 'The command of a stdio target'],
    [{ command: undefined }, 'The command of a stdio target'],
    [{ command: ['node', 'x.js'] }, 'The command of a stdio target'],
    [{ command: 'node', args: 'x.js' }, 'The args of the stdio target node'],
    [{ command: 'node', args: ['x.js', 7] }, 'The args of the stdio target node'],
    [{ command: 'node', args: null }, 'The args of the stdio target node'],
  ])('is a child process that is not fully said: %o', (target, said) => {
    expect(refusal(target).message).toContain(said)
  })
})

describe('what can be connected to', () => {
  test.each(['http://localhost:3000/mcp', new URL('http://localhost:3000/mcp')])('is a URL: %s', async (url) => {
    const target = resolveTarget(url)
    expect(target.name).toBe('http://localhost:3000/mcp')
    expect(await target.endpoint('any')).toBe('http://localhost:3000/mcp')
  })

  test('is a child process, told from others by what is started, its environment kept to itself', async () => {
    const endpoint = (target: Target): Promise<string> => resolveTarget(target).endpoint('any')
    const one = await endpoint({ command: 'node', args: ['x.js', '--key=s3cret'], env: { KEY: 's3cret' } })
    expect(one).toMatch(/^stdio:sha256:[0-9a-f]{24}$/)
    expect(one).toBe(await endpoint({ command: 'node', args: ['x.js', '--key=s3cret'], env: { KEY: 'new' } }))
    expect(one).not.toBe(await endpoint({ command: 'node', args: ['x.js'] }))
    expect(one).not.toBe(await endpoint({ command: 'node', args: ['x.js', '--key=s3cret'], cwd: '/srv' }))
  })

  test('is a transport, once, and for no session of before', async () => {
    const [transport] = InMemoryTransport.createLinkedPair()
    const target = resolveTarget(transport)
    await expect(target.endpoint('named')).resolves.toBe('transport:named')
    await expect(
      Promise.resolve().then(() => target.open({ id: 's1', protocolVersion: '2025-11-25' })),
    ).rejects.toBeInstanceOf(InvalidTargetError)
    expect(await target.open()).toBe(transport)
    await expect(Promise.resolve().then(() => target.open())).rejects.toThrow('used already')
  })

  test('is a server object, or a function that makes one', async () => {
    const connected: unknown[] = []
    const server = { connect: async (transport: unknown) => void connected.push(transport), close: async () => {} }
    for (const target of [server, () => server, async () => server]) {
      const resolved = resolveTarget(target)
      expect(await resolved.endpoint('named')).toBe('memory:named')
      await resolved.open()
      await expect(resolved.open({ id: 's1', protocolVersion: '2025-11-25' })).rejects.toBeInstanceOf(
        InvalidTargetError,
      )
    }
    expect(connected).toHaveLength(3)
  })
})

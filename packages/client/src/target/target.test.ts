import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { afterAll, describe, expect, test } from 'vitest'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { resolveTarget, type Target } from './target.ts'

const allowed =
  'A target is an http(s) URL, { url, headers, … }, the path of a script, a command line, { command, args, env, cwd }, a Transport, a server object, or a function that makes one of the last two.'

/** A folder with scripts in it that nobody runs. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'longcall target ')))
afterAll(() => rmSync(folder, { recursive: true }))
for (const name of ['server.mjs', 'server.py', 'mcp.json', 'server.rb', 'server', 'a b.js'])
  writeFileSync(join(folder, name), '')
mkdirSync(join(folder, 'servers.js'))

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
    [{ headers: { authorization: 's3cret' }, token: 's3cret' }, 'an object with the keys headers, token'],
    [{ start: true, send: true }, 'an object with the keys start, send'],
    [{ connect: true }, 'an object with the keys connect'],
    [Promise.resolve('http://localhost'), 'an object with the keys (none)'],
  ])('%s is told, and what can be', (target, said) => {
    const { message } = refusal(target)
    expect(message).toContain(said)
    expect(message).toContain(allowed)
    expect(message).not.toContain('s3cret')
  })

  test.each([
    ['', 'a text that is empty'],
    [' \n', 'a text that is empty'],
    ['ftp://example.com/x', 'a URL with the scheme ftp:; it must be http:, https: or file:'],
    ['ws://example.com/x y', 'a URL with the scheme ws:'],
    [new URL('ws://example.com'), 'a URL with the scheme ws:'],
    [new URL('data:text/javascript,1'), 'a URL with the scheme data:'],
    ['http://', '"http://" cannot be connected to: it begins as a URL does'],
    ['https://exa mple.com/mcp', '"https://exa mple.com/mcp" cannot be connected to'],
    ['HTTP://:80', 'cannot be read as one'],
    ['uvx', `"uvx": it is neither a URL nor a script. If it is a command, pass { command: "uvx" }.`],
    ['httpfoo', 'pass { command: "httpfoo" }'],
    ['a|b', 'pass { command: "a|b" }'],
    ['./nowhere.js', `${JSON.stringify(join(process.cwd(), 'nowhere.js'))}: it does not exist: no such file`],
    ['nowhere.py', 'no such file'],
    ['nowhere.mts', 'no such file'],
    ['/usr/nowhere/server', 'no such file. If it is a command, pass { command: "/usr/nowhere/server" }'],
    ['@scope/server', 'pass { command: "@scope/server" }'],
    ['C:\\nowhere\\server.js', 'no such file'],
    ['nul\0.js', 'no such file'],
    [`${'x'.repeat(5000)}.js`, 'no such file'],
    ['file:///nowhere/server.js', 'no such file'],
    ['file:///no%20where/server.js', 'no such file'],
    [new URL('file:///nowhere/server.js'), 'no such file'],
    ['file:///nowhere%2Fserver.js', 'names no file of this machine'],
    ['mcp.json', 'configurations of servers are not read here'],
    [join(folder, 'mcp.json'), 'configurations of servers are not read here'],
    [pathToFileURL(join(folder, 'mcp.json')), 'configurations of servers are not read here'],
    [{ mcpServers: {} }, 'configurations of servers are not read here'],
    [join(folder, 'server.rb'), 'what can be run ends in .js, .mjs, .cjs, .ts, .mts, .cts, .py'],
    [join(folder, 'server'), 'what can be run ends in'],
    [pathToFileURL(folder), 'it is a folder; name the script in it'],
    ['node server.js | tee log', 'has | outside of quotes'],
    ['KEY=s3cret node server.js', 'sets a variable'],
    [{ url: 'http://localhost', command: 'node' }, 'both a url and a command'],
  ])('%s is told with what to do about it', (target, said) => {
    const { message } = refusal(target)
    expect(message).toContain(said)
    expect(message).not.toContain('s3cret')
  })

  test('is not quoted whole where it is long', () => {
    const long = 'x'.repeat(100_000)
    const object = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`key${n}${long}`, n]))
    for (const target of [long, `/${long}`, `http://${long} ${long}`, `a://${long}`, `'${long}' >`, object])
      expect(refusal(target).message.length).toBeLessThan(1500)
  })

  test('is a URL with a password in it, which is not repeated', () => {
    for (const url of ['https://ann:s3cret@example.com/mcp', 'https://s3cret@example.com/mcp']) {
      for (const target of [url, new URL(url), { url }]) {
        const { message } = refusal(target)
        expect(message).toContain('The URL of example.com holds a user name or password')
        expect(message).not.toContain('s3cret')
      }
    }
    for (const url of ['https://ann:s3cret@exa mple.com', 'http:// ?key=s3cret', 'http://a b#s3cret', 'ws://s3cret@h'])
      expect(refusal(url).message).not.toContain('s3cret')
  })

  test.each([
    [{ command: '' }, 'The command of a stdio target'],
    [{ command: undefined }, 'The command of a stdio target'],
    [{ command: ['node', 'x.js'] }, 'The command of a stdio target'],
    [{ command: 'node', args: 'x.js' }, 'The args of the stdio target node'],
    [{ command: 'node', args: ['x.js', 7] }, 'The args of the stdio target node'],
    [{ command: 'node', args: null }, 'The args of the stdio target node'],
    [{ url: undefined }, 'The url of a target'],
    [{ url: 'localhost' }, 'The url of a target'],
  ])('is a server that is not fully said: %o', (target, said) => {
    expect(refusal(target).message).toContain(said)
  })
})

describe('what can be connected to', () => {
  const endpointOf = (target: Target): Promise<string> => resolveTarget(target).endpoint('any')

  test.each<Target>([
    'http://localhost:3000/mcp',
    'HTTP://localhost:3000/mcp',
    ' http://localhost:3000/mcp',
    new URL('http://localhost:3000/mcp'),
    { url: 'http://localhost:3000/mcp', token: 's3cret' },
  ])('is a URL: %o', async (url) => {
    const target = resolveTarget(url)
    expect(target.name).toBe('http://localhost:3000/mcp')
    expect(await target.endpoint('any')).toBe('http://localhost:3000/mcp')
    expect(target.isSingleUse).toBeUndefined()
  })

  test('is a URL with a blank in it, which is no command line', () => {
    expect(resolveTarget('https://example.com/my server').name).toBe('https://example.com/my%20server')
  })

  test('is a child process, told from others by what is started, its environment kept to itself', async () => {
    const one = await endpointOf({ command: 'node', args: ['x.js', '--key=s3cret'], env: { KEY: 's3cret' } })
    expect(one).toMatch(/^stdio:sha256:[0-9a-f]{24}$/)
    expect(one).toBe(await endpointOf({ command: 'node', args: ['x.js', '--key=s3cret'], env: { KEY: 'new' } }))
    expect(one).not.toBe(await endpointOf({ command: 'node', args: ['x.js'] }))
    expect(one).not.toBe(await endpointOf({ command: 'node', args: ['x.js', '--key=s3cret'], cwd: '/srv' }))
  })

  test('is a command line: the child process that its words say', async () => {
    const said: Target = { command: 'npx', args: ['-y', '@scope/server', '--flag', 'an argument'] }
    const target = resolveTarget(' npx -y @scope/server --flag "an argument"\n')
    expect(target.name).toBe('npx')
    expect(await target.endpoint('any')).toBe(await endpointOf(said))
    expect(await endpointOf('"uvx"')).toBe(await endpointOf({ command: 'uvx' }))
    expect(await endpointOf(String.raw`/opt/my\ server`)).toBe(await endpointOf({ command: '/opt/my server' }))
  })

  test('is a script, however its path is written', async () => {
    const script = join(folder, 'server.mjs')
    const written: Target[] = [
      script,
      relative(process.cwd(), script),
      join(folder, 'servers.js', '..', 'server.mjs'),
      pathToFileURL(script),
      pathToFileURL(script).href,
      `${pathToFileURL(script).href}?v=1`,
    ]
    expect(new Set(await Promise.all(written.map(endpointOf))).size).toBe(1)
    expect(resolveTarget(script).name).toBe(script)
    expect(await endpointOf(script)).not.toBe(await endpointOf({ command: process.execPath, args: [script] }))
    expect(await endpointOf(script)).not.toBe(await endpointOf(join(folder, 'server.py')))
  })

  test('is a script with a blank in its path, which is no command line', () => {
    expect(resolveTarget(join(folder, 'a b.js')).name).toBe(join(folder, 'a b.js'))
  })

  test('is a transport, once, and for no session of before', async () => {
    const [transport] = InMemoryTransport.createLinkedPair()
    const target = resolveTarget(transport)
    expect(target.isSingleUse).toBe(true)
    await expect(target.endpoint('named')).resolves.toBe('transport:named')
    await expect(
      Promise.resolve().then(() => target.open({ id: 's1', protocolVersion: '2025-11-25' })),
    ).rejects.toBeInstanceOf(InvalidTargetError)
    expect(await target.open()).toBe(transport)
    await expect(Promise.resolve().then(() => target.open())).rejects.toThrow('used already')
  })

  test('is a transport, whatever else it has', async () => {
    const [transport] = InMemoryTransport.createLinkedPair()
    const odd = Object.assign(transport, { url: 'http://localhost', command: 'node', connect: () => {} })
    expect(await resolveTarget(odd).open()).toBe(transport)
  })

  test('is a function that makes a transport, a new one each time', async () => {
    const make = (): InMemoryTransport => InMemoryTransport.createLinkedPair()[0]
    for (const factory of [make, async () => make()]) {
      const target = resolveTarget(factory)
      expect(target.isSingleUse).toBeUndefined()
      const transports = [await target.open(), await target.open()]
      expect(transports.every((each) => each instanceof InMemoryTransport)).toBe(true)
      expect(transports[0]).not.toBe(transports[1])
      expect(await target.endpoint('named')).toBe('transport:named')
      await expect(target.open({ id: 's1', protocolVersion: '2025-11-25' })).rejects.toBeInstanceOf(InvalidTargetError)
    }
  })

  test('is no function that gives one transport twice', async () => {
    const transport = InMemoryTransport.createLinkedPair()[0]
    const target = resolveTarget(() => transport)
    expect(await target.open()).toBe(transport)
    await expect(target.open()).rejects.toThrow('made the same transport twice')
  })

  test.each([undefined, null, {}, 7, () => {}, 'http://localhost'])('is no function that makes %o', async (made) => {
    await expect(resolveTarget((() => made) as never).open()).rejects.toThrow(/^The given function made .*neither/)
  })

  test('is a function that throws, which is what connecting throws', async () => {
    const boom = new Error('no database')
    const target = resolveTarget(() => {
      throw boom
    })
    await expect(target.open()).rejects.toBe(boom)
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

  test('is a server for the era that is asked for, made once for each connection', async () => {
    const eras: string[] = []
    const target = resolveTarget(({ era }) => {
      eras.push(era)
      return { connect: async () => {}, close: async () => {} }
    })
    await target.open(undefined, 'legacy')
    await target.open(undefined, 'modern')
    await target.open()
    expect(eras).toEqual(['legacy', 'modern', 'modern'])
  })
})

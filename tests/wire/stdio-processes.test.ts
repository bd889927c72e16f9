import { once } from 'node:events'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { SdkError } from '@modelcontextprotocol/client'
import type { StdioTarget } from '@longcall/client'
import { describe, expect, test } from 'vitest'
import { startProcess } from '../support/spawn-peer.ts'
import {
  connectSdk,
  everythingServer,
  openTransport,
  PidFile,
  serverByHand,
  stdioPeer,
} from '../support/stdio-peers.ts'

const node = process.execPath
const { args: byHand } = serverByHand()
const stubborn = serverByHand('--ignore-eof', '--ignore-term')
const ping = { jsonrpc: '2.0', id: 'p', method: 'ping' } as const

/** In the background a shell takes a program's stdin away, so it is handed on. */
const inShell = (program: string): StdioTarget => ({
  command: 'sh',
  args: ['-c', `exec 4<&0; ${program} <&4 & wait`, 'wrapped', node, ...byHand],
})

interface Case {
  readonly name: string
  readonly target: StdioTarget
  /** How many processes write down their pid. */
  readonly writers: number
  readonly withinMs: number
}

const cases: readonly Case[] = [
  { name: 'ends when its stdin does', target: serverByHand(), writers: 1, withinMs: 400 },
  { name: 'ignores the end of its stdin', target: serverByHand('--ignore-eof'), writers: 1, withinMs: 1100 },
  { name: 'ignores SIGTERM, too', target: stubborn, writers: 1, withinMs: 2500 },
  { name: 'is behind a shell', target: inShell('"$@"'), writers: 1, withinMs: 400 },
  {
    name: 'is stubborn behind a shell',
    target: inShell('"$@" --ignore-eof --ignore-term'),
    writers: 1,
    withinMs: 2500,
  },
  {
    name: 'is behind a program that waits for it',
    target: { command: node, args: [stdioPeer('wrapper.mjs'), node, ...byHand] },
    writers: 2,
    withinMs: 400,
  },
  {
    name: 'is stubborn behind a program that waits for it',
    target: { command: node, args: [stdioPeer('wrapper.mjs'), stubborn.command, ...stubborn.args] },
    writers: 2,
    withinMs: 2500,
  },
  { name: 'leaves a helper with a stdio of its own', target: serverByHand('--helper'), writers: 2, withinMs: 400 },
]

describe.skipIf(process.platform === 'win32')('closing', () => {
  test.for(cases)('leaves nothing of a server that $name', async ({ target, writers, withinMs }, context) => {
    const file = new PidFile(context)
    const { client, call } = await connectSdk(context, { ...target, env: { PIDS: file.path } })
    expect(await call('echo', { text: 'hello' })).toBe('hello')
    await expect.poll(() => file.pids.length, { timeout: 5000 }).toBe(writers)
    const { groups } = file
    const begun = performance.now()
    await client.close()
    const tookMs = performance.now() - begun
    expect(file.living(groups)).toEqual([])
    expect(tookMs).toBeLessThan(withinMs)
  })

  test('leaves nothing of the reference server, which ignores the end of its stdin', async (context) => {
    const { client, transport } = await connectSdk(context, { command: node, args: [everythingServer] })
    const { pid } = transport
    expect((await client.listTools()).tools.length).toBeGreaterThan(3)
    const begun = performance.now()
    await client.close()
    expect(performance.now() - begun).toBeLessThan(2500)
    expect(new PidFile(context).living([Number(pid)])).toEqual([])
  })

  test('twice, at once and later, is closing once', async (context) => {
    const transport = await openTransport(context, serverByHand())
    let closed = 0
    transport.onclose = () => {
      closed += 1
      void transport.close()
    }
    await transport.start()
    expect(transport.pid).toBeGreaterThan(1)
    await Promise.all([transport.close(), transport.close()])
    await transport.close()
    expect(closed).toBe(1)
    expect(transport.pid).toBeNull()
    await expect(transport.start()).rejects.toBeInstanceOf(SdkError)
  })

  test('while the server is being started leaves nothing of it', async (context) => {
    const file = new PidFile(context)
    for (let turns = 0; turns < 12; turns += 1) {
      const transport = await openTransport(context, { ...stubborn, env: { PIDS: file.path } })
      const starting = transport.start().catch((error: unknown) => error)
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => void setImmediate(resolve))
      await transport.close()
      const outcome = await starting
      if (outcome !== undefined) expect(outcome).toBeInstanceOf(SdkError)
      expect(file.living()).toEqual([])
    }
  })

  test('before it was started keeps it from being started', async (context) => {
    const transport = await openTransport(context, serverByHand())
    await transport.close()
    await expect(transport.start()).rejects.toBeInstanceOf(SdkError)
  })
})

test('the era of a server is found out without starting it twice', async (context) => {
  const file = new PidFile(context)
  const target = { ...serverByHand(), env: { PIDS: file.path } }
  const { client, call } = await connectSdk(context, target, { versionNegotiation: { mode: 'auto' } })
  expect(client.getProtocolEra()).toBe('legacy')
  expect(await call('echo', { text: 'hello' })).toBe('hello')
  expect(file.pids).toHaveLength(1)
})

describe.skipIf(process.platform === 'win32')('a client that is killed', () => {
  test.for(cases.slice(1))('leaves nothing of a server that $name', async ({ target, writers }, context) => {
    const file = new PidFile(context)
    const program = await startProcess(
      {
        command: node,
        args: [stdioPeer('client-process.mjs'), target.command, ...(target.args ?? [])],
        env: { PIDS: file.path },
      },
      /connected to true/,
    )
    context.onTestFinished(() => program.stop())
    await expect.poll(() => file.pids.length, { timeout: 5000 }).toBe(writers)
    const { groups } = file
    expect(groups).not.toContain(program.child.pid)
    expect(file.living(groups).length).toBeGreaterThan(writers)
    program.child.kill('SIGKILL')
    await expect.poll(() => file.living(groups), { timeout: 3000 }).toEqual([])
  })
})

describe('a server that ends by itself', () => {
  test('ends the connection at once, and with it what is asked', async (context) => {
    const { client, call } = await connectSdk(context, serverByHand())
    let closed = 0
    client.onclose = () => (closed += 1)
    const begun = performance.now()
    await expect(call('die')).rejects.toBeInstanceOf(SdkError)
    expect(performance.now() - begun).toBeLessThan(1000)
    await client.close()
    expect(closed).toBe(1)
  })

  test('ends the connection though somebody holds its stdout, who is ended with it', async (context) => {
    const file = new PidFile(context)
    const { call, transport } = await connectSdk(context, { ...serverByHand(), env: { PIDS: file.path } })
    const group = Number(transport.pid)
    const begun = performance.now()
    await expect(call('die', { leaving: true })).rejects.toBeInstanceOf(SdkError)
    expect(performance.now() - begun).toBeLessThan(1000)
    await transport.close()
    expect(file.living([group])).toEqual([])
  })

  test('is heard to its last line', async (context) => {
    const last = '{"jsonrpc":"2.0","method":"notifications/message","params":{"n":1}}'
    const script = `for (let n = 0; n < 5000; n++) process.stdout.write(${JSON.stringify(`${last}\n`)})`
    const transport = await openTransport(context, { command: node, args: ['-e', script] })
    let heard = 0
    transport.onmessage = () => (heard += 1)
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve
    })
    await transport.start()
    await closed
    expect(heard).toBe(5000)
  })

  test('fails what is being sent to it, and what is sent later', async (context) => {
    const transport = await openTransport(context, serverByHand('--deaf', '--ignore-eof'))
    await transport.start()
    const big = { ...ping, params: { text: 'x'.repeat(5_000_000) } }
    const sends = [1, 2, 3].map(() => transport.send(big).catch((error: unknown) => error))
    process.kill(Number(transport.pid), 'SIGKILL')
    for (const error of await Promise.all(sends)) expect(error).toMatchObject({ code: expect.any(String) })
    await transport.close()
    await expect(transport.send(ping)).rejects.toMatchObject({ code: expect.any(String) })
  })

  test('that closes its stdout cannot be spoken with any more, and is ended', async (context) => {
    const { call } = await connectSdk(context, serverByHand('--ignore-eof'))
    await expect(call('endStdout')).rejects.toBeInstanceOf(SdkError)
  })
})

describe('what a server is started with', () => {
  test('is its environment, and no more than a few variables of ours', async (context) => {
    process.env['LONGCALL_SECRET'] = 's3cret'
    context.onTestFinished(() => void delete process.env['LONGCALL_SECRET'])
    const given = {
      'spring.datasource.url': 'jdbc:x y=z',
      'with-dash': '"quoted" $HOME',
      IFS: 'x',
      PLAIN: 'a\nb',
      EMPTY: '',
    }
    const { call } = await connectSdk(context, { ...serverByHand(), env: given })
    const env = JSON.parse(await call('env')) as Record<string, string>
    expect(env).toMatchObject(given)
    const ours = Object.keys(env).filter((name) => !(name in given))
    expect(['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'SHLVL', '_']).toEqual(expect.arrayContaining(ours))
    expect(env['PATH']).toBe(process.env['PATH'])
  })

  test('are its arguments, whatever they hold', async (context) => {
    const args = ['', ' ', '$(id)', "'", '"', '\\', '*', 'a\nb', '-x', '--', 'é🎈']
    const script = 'process.stderr.write(JSON.stringify(process.argv.slice(1)))'
    const transport = await openTransport(context, { command: node, args: ['-e', script, '--', ...args] })
    await transport.start()
    await transport.close()
    expect(JSON.parse(transport.lastWords)).toEqual(args)
  })

  test('is its folder, from which its command is found', async (context) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'longcall-cwd-')))
    context.onTestFinished(() => rm(folder, { recursive: true }))
    const { call } = await connectSdk(context, { ...serverByHand(), cwd: folder })
    expect(await call('cwd')).toBe(folder)
  })

  test.for<[StdioTarget, string]>([
    [{ command: 'longcall-no-such-command' }, 'the command longcall-no-such-command was not found (ENOENT)'],
    [{ command: './no-such-file' }, 'ENOENT'],
    [{ command: node, env: { PATH: '/nowhere' }, cwd: '/no/such/folder' }, 'there is no folder /no/such/folder'],
    [{ command: stdioPeer('server.mjs') }, 'may not be executed (EACCES)'],
    [{ command: 'node', env: { PATH: '/nowhere' } }, 'the command node was not found (ENOENT)'],
    [{ command: node, stderr: { file: '/no/such/folder/log' } }, 'the file for its stderr cannot be opened'],
  ])('must be there: %j', async ([target, said], context) => {
    const transport = await openTransport(context, target)
    await expect(transport.start()).rejects.toThrow(said)
  })
})

describe('the stderr of a server', () => {
  test('goes to a file', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'longcall-log-'))
    context.onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'server.log')
    for (const text of ['one', 'two']) {
      const { client, call } = await connectSdk(context, { ...serverByHand(), stderr: { file } })
      await call('complain', { text: `${text}\n` })
      await client.close()
    }
    expect(await readFile(file, 'utf8')).toBe('ready\none\nready\ntwo\n')
  })

  test('goes to a stream, or line by line to a function, whose failure harms nobody', async (context) => {
    const got: Buffer[] = []
    const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => (got.push(chunk), done()) })
    const lines: string[] = []
    const fail = (line: string): void => {
      lines.push(line)
      throw new Error('boom')
    }
    for (const stderr of [stream, fail]) {
      const { client, call, transport } = await connectSdk(context, { ...serverByHand(), stderr })
      await call('complain', { text: 'Grüße \u001b[1m🎈\n' })
      await client.close()
      expect(transport.lastWords).toMatch(/^ready\nGrüße .*🎈$/)
    }
    expect(Buffer.concat(got).toString()).toBe('ready\nGrüße \u001b[1m🎈\n')
    expect(lines).toEqual(['ready', 'Grüße \ufffd[1m🎈'])
  })

  test('never makes it wait, though nobody takes it', async (context) => {
    const stream = new Writable({ write: () => {} })
    const { call } = await connectSdk(context, { ...serverByHand(), stderr: stream })
    expect(await call('complain', { text: 'x'.repeat(1000), times: 20_000 })).toBe('complained')
    expect(await call('echo', { text: 'still there' })).toBe('still there')
    expect(stream.writableLength).toBeLessThan(10_000_000)
  })
})

describe('the stdout of a server', () => {
  test('may hold lines that are none of the protocol, which are told', async (context) => {
    const { client, call } = await connectSdk(context, serverByHand())
    const errors: string[] = []
    client.onerror = (error) => void errors.push(error.message)
    expect(await call('print', { lines: 'Listening\n\n\r\n{"level":"info"}\n{"half\n' })).toBe('printed')
    expect(errors).toHaveLength(3)
    expect(errors[0]).toContain('Listening')
    expect(await call('echo', { text: 'still there' })).toBe('still there')
  })

  test('may hold large messages in any script, and is read fast', async (context) => {
    const { call } = await connectSdk(context, serverByHand())
    const begun = performance.now()
    const text = 'Grüße 日本語 🎈 '
    const times = 240_000
    expect(Buffer.byteLength(text) * times).toBeGreaterThan(5_000_000)
    expect(await call('repeat', { text, times })).toBe(text.repeat(times))
    expect(performance.now() - begun).toBeLessThan(3000)
    expect(await call('echo', { text: text.repeat(times) })).toBe(text.repeat(times))
  })

  test('that holds a line without end ends the connection with an error that says so', async (context) => {
    const script = "const piece = 'x'.repeat(1 << 20); const go = () => process.stdout.write(piece, go); go()"
    const transport = await openTransport(context, { command: node, args: ['-e', script] })
    const errors: Error[] = []
    transport.onerror = (error) => void errors.push(error)
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve
    })
    await transport.start()
    await closed
    expect(errors).toEqual([expect.objectContaining({ code: 'line_too_long' })])
    expect(errors[0]?.message).toContain('67108864 bytes')
  })
})

test('a server that is connected to keeps the process open, and one that is closed does not', async (context) => {
  const file = new PidFile(context)
  const program = await startProcess(
    { command: node, args: [stdioPeer('closing-process.mjs'), node, ...byHand], env: { PIDS: file.path } },
    /closed/,
  )
  context.onTestFinished(() => program.stop())
  if (program.child.exitCode === null) await once(program.child, 'exit')
  expect(program.child.exitCode).toBe(0)
  expect(file.living()).toEqual([])
})

import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Transport } from '@modelcontextprotocol/client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { gate } from '../../../../tests/support/answering.ts'
import {
  CountedTransports,
  hangUp,
  legacyReply,
  modernReply,
  type Reply,
} from '../../../../tests/support/counted-transport.ts'
import { ConnectError } from '../errors/usage-errors.ts'
import type { ResolvedTarget } from '../target/resolved-target.ts'
import { memoryEraCache } from './era-cache.ts'
import { fileEraCache } from './file-era-cache.ts'
import type { LineWish } from './connection-port.ts'
import type { Line } from './line.ts'
import { LineOpener, type LineOptions } from './line-opener.ts'

const hooks: LineWish['hooks'] = {
  tasksCapability: undefined,
  nextId: () => crypto.randomUUID(),
  onRequest: (_request, _context, answer) => answer(),
  logLevel: () => undefined,
  onNotification: () => {},
  onSubscribed: () => {},
  deliver: (_id, send) => send(),
  onClose: () => {},
}

/** An opener of lines to a server that replies so, and what it does. */
function openerOf(reply: Reply, options: Partial<LineOptions> = {}, target: Partial<ResolvedTarget> = {}) {
  const server = new CountedTransports((message) => reply(message))
  const eras = options.eras ?? memoryEraCache()
  const clock = new ManualClock()
  const opener = new LineOpener({
    target: {
      name: 'the server',
      endpoint: () => Promise.resolve('test:server'),
      open: () => Promise.resolve(server.make() as Transport),
      ...target,
    },
    clientInfo: { name: 'test', version: '1' },
    era: 'auto',
    capabilities: () => ({}),
    connectTimeoutMs: 5000,
    eras,
    clock,
    ...options,
  })
  const open = async (wish: Partial<LineWish> = {}): Promise<Line> => {
    const line = await opener.open({
      hooks,
      session: undefined,
      era: undefined,
      signal: new AbortController().signal,
      ...wish,
    })
    await line.sdk.close()
    return line
  }
  return { open, server, eras, clock }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was opened'),
    (error: unknown) => error,
  )

describe('the era of a server', () => {
  test('is found out once, and remembered for the next line', async () => {
    const { open, server } = openerOf(legacyReply)
    expect((await open()).server.era).toBe('legacy')
    expect((await open()).server.era).toBe('legacy')
    expect(server.methods.filter((method) => method === 'server/discover')).toHaveLength(1)
  })

  test.each(['legacy', '2026-07-28'] as const)('is not asked for where %s is insisted on', async (era) => {
    const { open, server, eras } = openerOf(era === 'legacy' ? legacyReply : modernReply, { era })
    expect((await open()).server.era).toBe(era === 'legacy' ? 'legacy' : 'modern')
    expect(server.methods[0]).toBe(era === 'legacy' ? 'initialize' : 'server/discover')
    expect(await eras.get('test:server')).toBeUndefined()
  })

  test('is that of the line before, where there was one', async () => {
    const { open, server } = openerOf(legacyReply)
    await open({ era: 'legacy' })
    expect(server.methods).not.toContain('server/discover')
  })

  test('is found out anew a day later', async () => {
    const { open, server, clock } = openerOf(legacyReply)
    await open()
    await clock.advance(86_400_000)
    await open()
    expect(server.methods.filter((method) => method === 'server/discover')).toHaveLength(2)
  })

  test.each([
    ['a server that was replaced by a newer one', legacyReply, modernReply, 'modern'],
    ['a server that was replaced by an older one', modernReply, legacyReply, 'legacy'],
  ] as const)('of %s is found out anew, and remembered', async (_what, before, after, era) => {
    let reply: Reply = before
    const { open, server, eras } = openerOf((message) => reply(message))
    await open()
    reply = after
    expect((await open()).server.era).toBe(era)
    expect(await eras.get('test:server')).toMatchObject({ era: era === 'modern' ? '2026-07-28' : 'legacy' })
    expect(server.open).toBe(0)
  })

  test.each([
    ['lacks what it must have', { resultType: 'complete', supportedVersions: ['2026-07-28'] }],
    [
      'names no version of ours',
      { supportedVersions: ['1999-01-01'], capabilities: {}, ttlMs: 0, cacheScope: 'private' },
    ],
    ['is empty', {}],
  ])('is the old one where the answer %s', async (_how, answer) => {
    const { open, server } = openerOf((message) =>
      message.method === 'server/discover' ? answer : legacyReply(message),
    )
    expect((await open()).server).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25' })
    expect(server.open).toBe(0)
  })

  test('of a server that dies of the question is found by another start', async () => {
    const { open, server } = openerOf((message) => {
      if (message.method === 'server/discover') throw hangUp
      return legacyReply(message)
    })
    expect((await open()).server.era).toBe('legacy')
    expect([server.opened, server.open]).toEqual([2, 0])
  })

  test('is not remembered of a server that only its name tells from others', async () => {
    const { open, server } = openerOf(legacyReply, {}, { endpoint: (name) => Promise.resolve(`memory:${name}`) })
    await open()
    await open()
    expect(server.methods.filter((method) => method === 'server/discover')).toHaveLength(2)
  })

  const broken: readonly (readonly [how: string, act: () => Promise<never>])[] = [
    ['rejects', () => Promise.reject(new Error('disk'))],
    [
      'throws',
      () => {
        throw new Error('disk')
      },
    ],
    ['never settles', () => new Promise<never>(() => {})],
    ['gives what is no promise', () => undefined as never],
    ['gives what is no verdict', () => Promise.resolve('legacy') as never],
  ]

  test.each(broken)('is found out all the same where the cache %s, and soon', async (_how, act) => {
    const { open, server } = openerOf(legacyReply, { eras: { get: act, set: act } })
    const startedAt = performance.now()
    expect((await open()).server.era).toBe('legacy')
    // A second for each question, of which there are two.
    expect(performance.now() - startedAt).toBeLessThan(2900)
    expect(server.open).toBe(0)
  })

  test.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a symbolic link', (path: string) => symlinkSync('/nowhere/at/all', path)],
    ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ])('is found out all the same, at once, where the file of the cache is %s', async (_what, make) => {
    const folder = mkdtempSync(join(tmpdir(), 'longcall-eras-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'eras.json')
    make(path)
    const { ino } = lstatSync(path)
    const { open, server } = openerOf(legacyReply, { eras: fileEraCache(path) })
    const startedAt = performance.now()
    expect((await open()).server.era).toBe('legacy')
    expect(performance.now() - startedAt).toBeLessThan(900)
    expect(server.open).toBe(0)
    expect([lstatSync(path).ino, readdirSync(folder)]).toEqual([ino, ['eras.json']])
  })
})

describe('a line that cannot be opened', () => {
  test('says of which server and why, and keeps the cause', async () => {
    const { open, server } = openerOf(
      (message) => {
        if (message.method === 'initialize') throw Object.assign(new Error('go away'), { code: -32_000 })
        return legacyReply(message)
      },
      { era: 'legacy' },
    )
    const error = await failure(open())
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      message: expect.stringMatching(/^Could not connect to the server: .*go away/),
      cause: { code: -32_000 },
    })
    expect(server.open).toBe(0)
  })

  test.each([
    ['while the server is silent', { reply: () => undefined }],
    ['while the transport is made', { target: { open: () => new Promise<never>(() => {}) } }],
  ])(
    'is given up in time %s',
    async (_when, { reply = legacyReply, target = {} }: { reply?: Reply; target?: object }) => {
      const { open, server } = openerOf(reply, { era: 'legacy', connectTimeoutMs: 50 }, target)
      expect(await failure(open())).toMatchObject({ message: expect.stringContaining('did not answer within 50 ms') })
      expect(server.open).toBe(0)
    },
  )

  test('is closed where its transport comes too late', async () => {
    const late = gate<Transport>()
    const { open, server } = openerOf(legacyReply, { connectTimeoutMs: 20 }, { open: () => late.opened })
    expect(await failure(open())).toBeInstanceOf(ConnectError)
    late.open(server.make())
    await expect.poll(() => server.open).toBe(0)
  })

  test('is called off by the signal, with nothing left of it', async () => {
    const asked = gate()
    const { open, server } = openerOf(() => asked.open())
    const abort = new AbortController()
    const opening = failure(open({ signal: abort.signal }))
    await asked.opened
    abort.abort(new Error('never mind'))
    expect(await opening).toMatchObject({ cause: new Error('never mind') })
    expect(server.open).toBe(0)
  })

  test('over one face is opened over the other, if the server has one, and stays there', async () => {
    const older = new CountedTransports(legacyReply)
    const face: ResolvedTarget = {
      name: 'the older face',
      endpoint: () => Promise.resolve('test:server'),
      open: () => Promise.resolve(older.make() as Transport),
    }
    const refusing = { open: () => Promise.reject(new Error('405')), fallback: () => face }
    const { open } = openerOf(legacyReply, {}, refusing)
    await open()
    await open()
    expect(older.methods).not.toContain('server/discover')
    expect([older.opened, older.open]).toEqual([2, 0])
  })
})

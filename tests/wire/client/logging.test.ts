import { describe, expect, test } from 'vitest'
import type { ClientOptions, Logger, LogMessage } from '@longcall/client'
import { expectSoon } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { receivedBy, serveFull, told } from '../../support/full-peer.ts'

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const
const ofEachLevel = levels.map((level) => ({ level, data: level }))
const levelKey = 'io.modelcontextprotocol/logLevel'

/** A logger that writes down what it is told. */
function notebook(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = []
  const at = (method: string) => (line: string) => void lines.push(`${method} ${line}`)
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}

describe.each(plainSettings())('log messages ($name)', ({ setting }) => {
  test('reach the handler in their order, with level, logger and data, whatever JSON that is', async () => {
    const heard: LogMessage[] = []
    const client = await (await serveFull(setting)).connect({ onLog: (message) => void heard.push(message) })
    const data = ['text', 7, 0, false, null, '', [], [1, [2]], {}, { a: { b: null } }]
    await told(client, 'log', { messages: data.map((one) => ({ level: 'info', data: one, logger: 'disk' })) })
    await expectSoon(() => heard).toHaveLength(data.length)
    expect(heard).toMatchObject(data.map((one) => ({ level: 'info', data: one, logger: 'disk' })))
    await told(client, 'log', { messages: ofEachLevel })
    await expectSoon(() => heard.slice(data.length)).toMatchObject(ofEachLevel)
  })

  test('go to the logger by their level, as one line each, with what a terminal would obey escaped', async () => {
    const { lines, logger } = notebook()
    const client = await (await serveFull(setting)).connect({ logger })
    await told(client, 'log', { messages: ofEachLevel })
    const hostile = { level: 'info', data: 'one\n[full-peer] two \u001B[2J', logger: 'a\nb' }
    await told(client, 'log', { messages: [hostile, { level: 'error', data: { left: [0, null] } }] })
    await expectSoon(() => lines).toEqual([
      'debug [full-peer] debug',
      'info [full-peer] info',
      'info [full-peer] notice',
      'warn [full-peer] warning',
      'error [full-peer] error',
      'error [full-peer] critical',
      'error [full-peer] alert',
      'error [full-peer] emergency',
      'info [full-peer:a\\nb] one\\n[full-peer] two \\u{1b}[2J',
      'error [full-peer] {"left":[0,null]}',
    ])
  })

  test('that a handler takes do not go to the logger too', async () => {
    const { lines, logger } = notebook()
    const heard: unknown[] = []
    const client = await (await serveFull(setting)).connect({ logger, onLog: ({ data }) => void heard.push(data) })
    await told(client, 'log', { messages: [{ level: 'info', data: 1 }] })
    await expectSoon(() => heard).toEqual([1])
    expect(lines).toEqual([])
  })

  test('below the level that was set are not sent, until another is set', async () => {
    const heard: unknown[] = []
    const client = await (await serveFull(setting)).connect({ onLog: ({ data }) => void heard.push(data) })
    await client.setLoggingLevel('error')
    await told(client, 'log', { messages: ofEachLevel })
    await expectSoon(() => heard).toEqual(['error', 'critical', 'alert', 'emergency'])
    heard.length = 0
    await client.setLoggingLevel('notice')
    await told(client, 'log', { messages: ofEachLevel })
    await expectSoon(() => heard).toEqual(levels.slice(2))
  })

  test('of one client are filtered by its own level', async () => {
    const server = await serveFull(setting)
    const heard: Record<string, unknown[]> = { quiet: [], loud: [] }
    const connect = (who: string) => server.connect({ onLog: ({ data }) => void heard[who]?.push(data) })
    const [quiet, loud] = await Promise.all([connect('quiet'), connect('loud')])
    await quiet.setLoggingLevel('emergency')
    await loud.setLoggingLevel('debug')
    await Promise.all([quiet, loud].map((client) => told(client, 'log', { messages: ofEachLevel })))
    await expectSoon(() => heard).toEqual({ quiet: ['emergency'], loud: [...levels] })
  })

  test('have a level that is one of eight, which is checked before anything is sent', async () => {
    const client = await (await serveFull(setting)).connect()
    await expect(client.setLoggingLevel('verbose' as never)).rejects.toMatchObject({ code: 'invalid_option' })
    expect(await receivedBy(client, 'logging/setLevel')).toEqual([])
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))('log messages ($name)', ({ setting }) => {
  const asksFor = async (options: ClientOptions, level?: (typeof levels)[number]): Promise<unknown> => {
    const client = await (await serveFull(setting)).connect(options)
    if (level !== undefined) await client.setLoggingLevel(level)
    const [call] = await receivedBy(client, 'tools/call')
    return call?.params?._meta?.[levelKey]
  }

  test('are asked for with each request by those who hear them, and by nobody else', async () => {
    expect(await asksFor({})).toBeUndefined()
    expect(await asksFor({ onMessage: { onToolsChanged: () => {} } })).toBeUndefined()
    expect(await asksFor({ onLog: () => {} })).toBe('debug')
    expect(await asksFor({ logger: console })).toBe('debug')
    expect(await asksFor({ onMessage: () => {} })).toBe('debug')
    expect(await asksFor({ onMessage: { onLog: () => {} } })).toBe('debug')
    expect(await asksFor({}, 'error')).toBe('error')
    expect(await asksFor({ onLog: () => {} }, 'error')).toBe('error')
  })

  test('are asked for from when a handler is set until it is taken away', async () => {
    const client = await (await serveFull(setting)).connect()
    await client.ping()
    client.setHandlers({ onLog: () => {} })
    await client.ping()
    client.setHandlers({ onLog: undefined })
    await client.ping()
    const pings = (await receivedBy(client, 'server/discover')).slice(-3)
    expect(pings.map(({ params }) => params?._meta?.[levelKey])).toEqual([undefined, 'debug', undefined])
  })
})

describe.each(plainSettings({ generation: '2025-11-25' }))('log messages ($name)', ({ setting }) => {
  test('come at the level of the server where none was set, which it is not told', async () => {
    const heard: unknown[] = []
    const client = await (await serveFull(setting)).connect({ onLog: ({ data }) => void heard.push(data) })
    await told(client, 'log', { messages: ofEachLevel })
    await expectSoon(() => heard).toEqual([...levels])
    expect(await receivedBy(client, 'logging/setLevel')).toEqual([])
  })
})

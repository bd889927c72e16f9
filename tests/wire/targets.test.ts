import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { Client, InvalidTargetError, type Target } from '@longcall/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { buildV1Server, serveV1Http } from '../peers/v1-server.mjs'
import { textOf } from '../support/answering.ts'
import { serverByHand, stdioPeer } from '../support/stdio-peers.ts'

const folder = mkdtempSync(join(tmpdir(), 'longcall scripts '))
afterAll(() => rmSync(folder, { recursive: true }))

/** Scripts that start the server by hand and leave in its environment how they were started. */
const startedBy = (name: string): string => {
  const path = join(folder, name)
  const server = JSON.stringify(pathToFileURL(stdioPeer('server.mjs')).href)
  const started = `JSON.stringify({ name: ${JSON.stringify(name)}, args: process.argv.slice(2) })`
  // Of the endings of TypeScript, what only that can read.
  const type = name.endsWith('ts') ? ': string' : ''
  writeFileSync(path, `const started${type} = ${started}\nprocess.env.STARTED_BY = started\nvoid import(${server})\n`)
  return path
}
const typed = startedBy('typed server.mts')
const scripts = { mjs: startedBy('a server.mjs'), cjs: startedBy('server.cjs'), js: startedBy('server.js') }

async function connect(target: Target): Promise<Client> {
  const client = await Client.connect(target)
  onTestFinished(() => client.close())
  return client
}

/** What a script left in the environment of its server. */
async function startOf(target: Target): Promise<unknown> {
  const client = await connect(target)
  const env = JSON.parse(textOf(await client.callTool('env')) ?? '') as { STARTED_BY: string }
  await client.close()
  return env.STARTED_BY
}

describe('a script', () => {
  test.each(Object.values(scripts))('is run by this Node: %s', async (path) => {
    expect(await startOf(path)).toContain('"args":[]')
  })

  test.each<[string, Target]>([
    ['a relative path', relative(process.cwd(), scripts.mjs)],
    ['a file: URL', pathToFileURL(scripts.mjs).href],
    ['a file: URL object', pathToFileURL(scripts.mjs)],
  ])('is found by %s, with a blank in its name', async (_, target) => {
    expect(await startOf(target)).toBe('{"name":"a server.mjs","args":[]}')
  })

  test('of TypeScript is run by a Node that strips types, and else says what to install', async () => {
    if (Reflect.get(process.features, 'typescript')) {
      expect(await startOf(typed)).toContain('"args":[]')
    } else {
      await expect(Client.connect(typed)).rejects.toBeInstanceOf(InvalidTargetError)
      await expect(Client.connect(typed)).rejects.toThrow(/typed server\.mts.*npm install --save-dev tsx/)
    }
  })

  test('of Python is run by python3', async (context) => {
    if (spawnSync('python3', ['--version']).status !== 0) context.skip('there is no python3 on this machine')
    const client = await connect(resolve(import.meta.dirname, '../peers/stdio-minimal.py'))
    expect(client.serverInfo).toMatchObject({ name: 'minimal-python' })
    const said = textOf(await client.callTool('echo', { text: 'grüß dich' })) ?? ''
    expect(JSON.parse(said)).toMatchObject({ text: 'grüß dich', args: [] })
  })
})

describe('a command line', () => {
  test('reaches the server as the words that it has', async () => {
    const line = `"${process.execPath}" '${scripts.mjs}' --flag "an argument" it\\'s '$HOME *' ""`
    const args = JSON.stringify(['--flag', 'an argument', "it's", '$HOME *', ''])
    expect(await startOf(line)).toBe(`{"name":"a server.mjs","args":${args}}`)
  })

  test('that takes a shell starts nothing', async () => {
    const trace = join(folder, 'trace')
    await expect(Client.connect(`touch "${trace}" && node server.js`)).rejects.toThrow('no shell runs it')
    expect(spawnSync('ls', [trace]).status).not.toBe(0)
  })
})

describe('a function that makes transports', () => {
  test('gives a client a new one each time it connects', async () => {
    const made: StdioClientTransport[] = []
    const client = await connect(() => {
      const transport = new StdioClientTransport({ ...serverByHand(), stderr: 'ignore' })
      made.push(transport)
      return transport
    })
    expect(textOf(await client.callTool('echo', { text: 'one' }))).toBe('one')
    await client.close()
    await client.connect()
    expect(textOf(await client.callTool('echo', { text: 'two' }))).toBe('two')
    expect(new Set(made).size).toBe(2)
  })

  test('may make server objects instead', async () => {
    const client = await connect(() => {
      const built = buildV1Server()
      onTestFinished(() => built.close())
      return built.server
    })
    expect(client.serverInfo).toMatchObject({ name: expect.any(String) })
    await client.close()
    await client.connect()
    expect(await client.callTool('typed')).toMatchObject({ data: { n: 7 } })
  })
})

test('a URL is connected to as text, as an object and as the url of a target', async () => {
  const server = await serveV1Http(0)
  onTestFinished(() => server.close())
  for (const target of [server.url, new URL(server.url), { url: server.url }, { url: new URL(server.url) }]) {
    const client = await connect(target)
    expect(await client.callTool('typed')).toMatchObject({ data: { n: 7 } })
    await client.close()
  }
})

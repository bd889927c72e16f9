import { describe, expect, test } from 'vitest'
import { Client, type ClientOptions, type Roots } from '@longcall/client'
import { expectSoon } from '../../support/answering.ts'
import { plainSettings } from '../../support/plain-settings.ts'
import { askInRounds, receivedBy, serveFull, told } from '../../support/full-peer.ts'

const question = { method: 'roots/list' }
const expected = { roots: [{ uri: 'file:///srv' }, { uri: 'file:///home/ann', name: 'Home' }] }
const list = ['file:///srv', { uri: 'file:///home/ann', name: 'Home' }]

class Folders {
  readonly #list = list

  get(): typeof list {
    return this.#list
  }
}

const folders = new Folders()

describe.each(plainSettings())('roots ($name)', ({ setting }) => {
  test.each<[what: string, roots: Roots]>([
    ['list', list],
    ['function', () => list],
    ['function that takes its time', async () => Promise.resolve(list)],
    ['method', folders.get.bind(folders)],
  ])('that are a %s are what the server is told', async (_what, roots) => {
    const client = await (await serveFull(setting)).connect({ roots })
    const [answers] = await askInRounds(client, { folders: question })
    expect(answers).toMatchObject({ folders: expected })
  })

  test('of which there are none are an empty list, and no roots at all are no capability', async () => {
    const server = await serveFull(setting)
    const empty = await server.connect({ roots: [] })
    expect(await askInRounds(empty, { folders: question })).toMatchObject([{ folders: { roots: [] } }])
    const without = await server.connect()
    await expect(askInRounds(without, { folders: question })).rejects.toThrow(/capabilit/)
  })

  test('that a function gives are asked for each time', async () => {
    const roots = ['file:///one']
    const client = await (await serveFull(setting)).connect({ roots: () => roots })
    await askInRounds(client, { folders: question })
    roots.push('file:///two')
    const [answers] = await askInRounds(client, { folders: question })
    expect(answers).toMatchObject({ folders: { roots: [{ uri: 'file:///one' }, { uri: 'file:///two' }] } })
  })

  test('that are set while connected are what the server is told from then on', async () => {
    const client = await (await serveFull(setting)).connect({ roots: ['file:///one'] })
    client.setHandlers({ roots: ['file:///two'] })
    const [answers] = await askInRounds(client, { folders: question })
    expect(answers).toMatchObject({ folders: { roots: [{ uri: 'file:///two' }] } })
  })
})

describe.each(plainSettings({ generation: '2025-11-25' }))('roots ($name)', ({ setting }) => {
  const changed = 'notifications/roots/list_changed'

  test('that change are announced: when they are set, and when a function gives others', async () => {
    const client = await (await serveFull(setting)).connect({ roots: ['file:///one'] })
    client.setHandlers({ roots: ['file:///two'] })
    await expectSoon(() => receivedBy(client, changed)).toHaveLength(1)
    await client.sendRootsListChanged()
    await expectSoon(() => receivedBy(client, changed)).toHaveLength(2)
    client.setHandlers({ onProgress: () => {} })
    await client.ping()
    expect(await receivedBy(client, changed)).toHaveLength(2)
  })

  test('whose changes were declared not to be announced are not', async () => {
    const errors: Error[] = []
    const client = await (
      await serveFull(setting)
    ).connect({
      roots: ['file:///one'],
      capabilities: { roots: { listChanged: false } },
      onError: (error) => void errors.push(error),
    })
    client.setHandlers({ roots: ['file:///two'] })
    await client.ping()
    expect(await receivedBy(client, changed)).toEqual([])
    expect(errors).toEqual([])
  })

  test('that a function cannot give, or gives wrong, are an error to the server', async () => {
    const given: unknown[] = [['https://example.test/'], 'file:///srv', [null], undefined]
    const client = await (
      await serveFull(setting)
    ).connect({
      roots: () => {
        if (given.length === 0) throw new Error('the disk is gone')
        return given.shift() as string[]
      },
    })
    const answers = await told(client, 'request', { requests: Array.from({ length: 5 }, () => question) })
    const wrong = {
      error: { code: -32_603, message: expect.stringMatching(/roots.*it must be a list of file:\/\/ URIs/) },
    }
    expect(answers).toMatchObject([
      wrong,
      wrong,
      wrong,
      wrong,
      { error: { code: -32_603, message: "The client's handler for roots/list failed: the disk is gone" } },
    ])
  })
})

describe.each(plainSettings({ generation: '2026-07-28' }))('roots ($name)', ({ setting }) => {
  test('that change need not be announced to a server that asks each time', async () => {
    const client = await (await serveFull(setting)).connect({ roots: ['file:///one'] })
    client.setHandlers({ roots: ['file:///two'] })
    await client.sendRootsListChanged()
    expect((await receivedBy(client)).filter(({ method }) => /roots/.test(method))).toEqual([])
  })
})

test.each<[uri: unknown]>([
  ['/srv'],
  ['srv'],
  [''],
  ['https://example.test/'],
  ['file:srv'],
  [{ uri: 'ftp://example.test/' }],
  [{}],
  [null],
  [7],
])('%j is no root, which is said before anything is connected', (root) => {
  const roots = ['file:///srv', root] as NonNullable<ClientOptions['roots']>
  const expectedError = expect.objectContaining({
    code: 'invalid_option',
    message: expect.stringMatching(/^Option roots is /),
  })
  expect(() => new Client('http://127.0.0.1:1/mcp', { roots })).toThrow(expectedError)
  const client = new Client('http://127.0.0.1:1/mcp')
  expect(() => client.setHandlers({ roots })).toThrow(expectedError)
})

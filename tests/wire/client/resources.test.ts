import { describe, expect, test } from 'vitest'
import { RpcError } from '@longcall/client'
import { plainSettings } from '../../support/plain-settings.ts'
import { receivedBy, serveFull } from '../../support/full-peer.ts'

describe.each(plainSettings())('resources ($name)', ({ setting }) => {
  test('are listed with all that the server says of them', async () => {
    const client = await (await serveFull(setting)).connect()
    const resources = await client.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual(['note://plain', 'note://pixel', 'note://broken'])
    expect(resources[0]).toEqual({
      uri: 'note://plain',
      name: 'plain',
      title: 'A plain note',
      description: 'Said in words',
      mimeType: 'text/plain',
      size: 5,
      annotations: { audience: ['user'], priority: 0.5 },
      icons: [{ src: 'https://example.test/note.png', mimeType: 'image/png', sizes: ['48x48'] }],
      _meta: { fastmcp: { tags: ['note', 'plain'] } },
    })
  })

  test('that are made from a template are listed as the template', async () => {
    const client = await (await serveFull(setting)).connect()
    const templates = await client.listResourceTemplates()
    expect(templates).toContainEqual({
      uriTemplate: 'weather://{country}/{city}',
      name: 'weather',
      title: 'Weather',
      description: 'Of a city',
      mimeType: 'application/json',
      _meta: { fastmcp: { tags: ['sky'] } },
    })
    const [contents] = await client.readResource('weather://fr/Paris')
    expect(contents).toMatchObject({ uri: 'weather://fr/Paris', text: '{"country":"fr","city":"Paris"}' })
  })

  test('are read as texts and as blobs, with their types and metadata', async () => {
    const client = await (await serveFull(setting)).connect()
    expect(await client.readResource('note://plain')).toEqual([
      { uri: 'note://plain', mimeType: 'text/plain', text: 'hello', _meta: { 'x/etag': 'abc' } },
    ])
    const [pixel] = await client.readResource('note://pixel')
    expect(pixel).toMatchObject({ uri: 'note://pixel', mimeType: 'image/png' })
    const blob = pixel !== undefined && 'blob' in pixel ? pixel.blob : ''
    expect([...Buffer.from(blob, 'base64')]).toEqual([0x89, 0x50, 0x4e, 0x47, 0, 255])
  })

  test('are asked for by the very URI that was given', async () => {
    const client = await (await serveFull(setting)).connect()
    const uris = ['raw://host', 'raw://Host/A%20b/?q=1&r=%C3%A9#part', 'raw://host/a/../b', 'raw:opaque']
    for (const uri of uris) await client.readResource(uri).catch(() => {})
    const reads = await receivedBy(client, 'resources/read')
    expect(reads.map(({ params }) => params?.uri)).toEqual(uris)
  })

  test('whose URI is none are not asked for', async () => {
    const client = await (await serveFull(setting)).connect()
    for (const uri of ['', 'plain', '/note/plain', 'note//plain', '://x', 7, undefined]) {
      await expect(client.readResource(uri as string)).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringMatching(/^Option uri is .*; it must be a URI, with its scheme\.$/),
      })
      await expect(client.subscribeResource(uri as string)).rejects.toMatchObject({ code: 'invalid_option' })
      await expect(client.raw.readResource(uri as string)).rejects.toMatchObject({ code: 'invalid_option' })
    }
    expect((await receivedBy(client)).filter(({ method }) => /^resources|listen/.test(method))).toEqual([])
  })

  test('that the server cannot read are errors of the protocol, with its message, code and data', async () => {
    const client = await (await serveFull(setting)).connect()
    const error = await client.readResource('note://broken').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RpcError)
    expect(error).toMatchObject({
      code: 'rpc_error',
      rpcCode: -32_050,
      rpcMessage: 'the disk is full',
      data: { free: 0 },
      message: 'resources/read of "note://broken": the server answered with error -32050: the disk is full',
    })
    await expect(client.readResource('note://nowhere')).rejects.toMatchObject({
      rpcCode: -32_602,
      rpcMessage: expect.stringContaining('note://nowhere'),
      data: { uri: 'note://nowhere' },
    })
  })

  test('are given whole by raw requests', async () => {
    const client = await (await serveFull(setting)).connect()
    expect(await client.raw.readResource('note://plain')).toMatchObject({ contents: [{ text: 'hello' }] })
    expect(await client.raw.listResources()).toMatchObject({ resources: [{ name: 'plain' }, {}, {}] })
    expect(await client.raw.listResourceTemplates()).toMatchObject({ resourceTemplates: [{ name: 'weather' }, {}] })
  })
})

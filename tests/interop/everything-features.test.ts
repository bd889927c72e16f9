/* What the reference server of the protocol's authors has beside tasks: resources, prompts, completion, logs, questions. */
import { describe, expect, test } from 'vitest'
import { RpcError } from '@longcall/client'
import { expectSoon, textOf } from '../support/answering.ts'
import { everything, isMissing, sharedPeer } from '../support/third-party.ts'

const document = 'demo://resource/static/document/features.md'

describe.skipIf(isMissing(everything, 'resources, prompts and logs of the TypeScript SDK v1 as its authors use them'))(
  'server-everything',
  () => {
    describe.each(['stdio', 'http'] as const)('over %s', (transport) => {
      const peer = sharedPeer(everything, transport)

      test('resources are listed and read, as texts and as blobs, also those of templates', async () => {
        const client = await peer.connect()
        expect(await client.listResources()).toContainEqual(
          expect.objectContaining({ uri: document, mimeType: 'text/markdown' }),
        )
        expect(await client.readResource(document)).toMatchObject([
          { uri: document, text: expect.stringContaining('#') },
        ])
        const templates = await client.listResourceTemplates()
        expect(templates.map(({ uriTemplate }) => uriTemplate)).toContain('demo://resource/dynamic/blob/{resourceId}')
        const [contents] = await client.readResource('demo://resource/dynamic/blob/7')
        const blob = contents !== undefined && 'blob' in contents ? contents.blob : ''
        expect(Buffer.from(blob, 'base64').toString()).toContain('Resource 7')
        await expect(client.readResource('demo://nowhere')).rejects.toBeInstanceOf(RpcError)
      })

      test('updates of a resource come while it is subscribed to', async () => {
        const updated: string[] = []
        const client = await peer.connect({ onMessage: { onResourceUpdated: (uri) => void updated.push(uri) } })
        await client.subscribeResource(document)
        await client.callTool('toggle-subscriber-updates')
        await expectSoon(() => updated).toEqual([document])
        await client.callTool('toggle-subscriber-updates')
        await client.unsubscribeResource(document)
        await client.callTool('toggle-subscriber-updates')
        await client.callTool('toggle-subscriber-updates')
        expect(updated).toEqual([document])
      })

      test('prompts are listed and got, with arguments', async () => {
        const client = await peer.connect()
        expect((await client.listPrompts()).map(({ name }) => name)).toContain('args-prompt')
        const { messages } = await client.getPrompt('args-prompt', { city: 'Rome', state: ['Lazio', 1] })
        expect(messages).toMatchObject([
          { role: 'user', content: { type: 'text', text: expect.stringContaining('Rome') } },
        ])
        expect(JSON.stringify(messages)).toContain(String.raw`[\"Lazio\",1]`)
        await expect(client.getPrompt('args-prompt')).rejects.toMatchObject({ code: 'rpc_error', rpcCode: -32_602 })
      })

      test('an argument is completed by what is known of the others', async () => {
        const client = await peer.connect()
        const prompt = { type: 'ref/prompt', name: 'completable-prompt' } as const
        expect((await client.complete(prompt, { name: 'department', value: 'S' })).values).toEqual(['Sales', 'Support'])
        const context = { department: 'Sales' }
        expect((await client.complete(prompt, { name: 'name', value: '' }, { context })).values).toEqual([
          'David',
          'Eve',
          'Frank',
        ])
      })

      test('log messages come at the level that was set and above', async () => {
        const heard: unknown[] = []
        const client = await peer.connect({ onLog: ({ level, data }) => void heard.push([level, data]) })
        // Over HTTP the server sends them on the client's stream, and drops them until that is open.
        const subscribed = async (): Promise<unknown[]> => {
          await client.unsubscribeResource(document)
          await client.subscribeResource(document)
          return heard
        }
        await expect
          .poll(subscribed, { timeout: 10_000 })
          .toContainEqual(['info', expect.stringContaining('Received Subscribe')])
        await client.setLoggingLevel('error')
        await client.ping()
        heard.length = 0
        await client.unsubscribeResource(document)
        await client.ping()
        expect(heard).not.toContainEqual(['info', expect.stringContaining('Received Unsubscribe')])
      })

      test('progress of a call is heard', async () => {
        const client = await peer.connect()
        const heard: unknown[] = []
        const onProgress = (progress: unknown): void => void heard.push(progress)
        await client.callTool('trigger-long-running-operation', { duration: 0.2, steps: 2 }, { onProgress })
        expect(heard).toMatchObject([
          { progress: 1, total: 2 },
          { progress: 2, total: 2 },
        ])
      })

      test('questions for a model, a person and roots are answered', async () => {
        const client = await peer.connect({
          onSampling: ({ maxTokens }) => `a text of ${maxTokens} tokens`,
          onElicitation: () => ({ action: 'decline' }),
          roots: ['file:///srv'],
        })
        const said = async (tool: string, args: object): Promise<string | undefined> =>
          textOf(await client.callTool(tool, { ...args }))
        expect(await said('trigger-sampling-request', { prompt: 'p', maxTokens: 5 })).toContain('a text of 5 tokens')
        expect(await said('trigger-elicitation-request', {})).toContain('declined')
        await expectSoon(() => said('get-roots-list', {})).toContain('file:///srv')
        client.setHandlers({ roots: ['file:///elsewhere'] })
        await expectSoon(() => said('get-roots-list', {})).toContain('file:///elsewhere')
      })
    })
  },
)

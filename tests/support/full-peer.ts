/** The server that has everything but tasks, on every transport and in both generations. */
import { resolve } from 'node:path'
import { InMemoryTransport, type ClientCapabilities } from '@modelcontextprotocol/client'
import { onTestFinished } from 'vitest'
import { Client, type ClientOptions, type Target } from '@longcall/client'
import { createFullPeer, serveFullHttp, type FullOptions } from '../peers/full-server.mjs'
import { textOf } from './answering.ts'
import type { PlainSetting } from './plain-settings.ts'

/** A message as it was on the wire, with what tests look at. */
export interface WireMessage {
  readonly method: string
  readonly params?: {
    readonly uri?: string
    readonly context?: unknown
    readonly notifications?: unknown
    readonly capabilities?: ClientCapabilities
    readonly _meta?: {
      readonly 'io.modelcontextprotocol/clientCapabilities'?: ClientCapabilities
      readonly 'io.modelcontextprotocol/logLevel'?: string
    }
  }
}

/** What a server was answered, by the keys of its questions. */
export type Answers = Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>

/** A server that runs, for the test that runs now. */
export interface FullServer {
  /** What a client that is new to the server connects to. */
  target(): Target
  /** A client that is closed when the test is over. */
  connect(options?: ClientOptions): Promise<Client>
}

/** Starts the server; over stdio each client starts one of its own. */
export async function serveFull(setting: PlainSetting, options: FullOptions = {}): Promise<FullServer> {
  const { target, close } = await start(setting, options)
  const clients: Client[] = []
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close({ force: true })))
    await close()
  })
  const era = setting.generation === '2026-07-28' ? '2026-07-28' : 'legacy'
  return {
    target,
    connect: async (clientOptions = {}) => {
      const client = await Client.connect(target(), { era, ...clientOptions })
      clients.push(client)
      return client
    },
  }
}

/** What the server of a client has received, of one method or in all, those of other clients included. */
export async function receivedBy(client: Client, method?: string): Promise<WireMessage[]> {
  return told(client, 'received', method === undefined ? {} : { method }) as Promise<WireMessage[]>
}

/** What a message declares that the client can do, in either generation. */
export function declaredIn({ params }: WireMessage): ClientCapabilities | undefined {
  return params?.capabilities ?? params?._meta?.['io.modelcontextprotocol/clientCapabilities']
}

/** What a tool of the server says, read as JSON. */
export async function told(client: Client, tool: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  return JSON.parse(textOf(await client.callTool(tool, args)) ?? '')
}

/** Has the server ask in rounds, each some questions by their keys, and gives the answers that it got. */
export async function askInRounds(
  client: Client,
  ...rounds: readonly Readonly<Record<string, unknown>>[]
): Promise<Answers[]> {
  return told(client, 'ask', { rounds }) as Promise<Answers[]>
}

/** A form, as a server asks for one. */
export function form(properties: object, message = 'Please'): object {
  const requestedSchema = { type: 'object', properties }
  return { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } }
}

async function start(
  { transport }: PlainSetting,
  options: FullOptions,
): Promise<{ target: () => Target; close: () => Promise<void> }> {
  if (transport === 'http') {
    const { url, close } = await serveFullHttp(options)
    return { target: () => url, close }
  }
  if (transport === 'memory') {
    const peer = createFullPeer(options)
    const target = (): Target => () => {
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      peer.serve(theirs)
      return ours
    }
    return { target, close: peer.close }
  }
  const target: Target = {
    command: process.execPath,
    args: [resolve(import.meta.dirname, '../peers/full-stdio.mjs')],
    stderr: 'ignore',
    ...(options.subscribe === false && { env: { SUBSCRIBE: '0' } }),
  }
  return { target: () => target, close: () => Promise.resolve() }
}

/** Clients of a server that speaks FastMCP's wire of prompts and resources as tasks, and one table of what they ask it for. */
import { onTestFinished } from 'vitest'
import { Client, type AnyTask, type ClientOptions, type PromptOptions, type TaskOption } from '@longcall/client'
import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/client'
import { FastMcpWire, serveFastMcpWire, type FastMcpOptions } from '../peers/fastmcp-wire.mjs'

/** A server, what came in, and clients of it that are closed when the test is over. */
export interface ServedWire {
  readonly peer: FastMcpWire
  readonly connect: (options?: ClientOptions) => Promise<Client>
  /** The `task` of each request of a method that came in. */
  readonly wishes: (method: string) => readonly unknown[]
}

/** Starts a server, which clients reach in memory or over HTTP. */
export async function serveWire(transport: 'memory' | 'http', options: FastMcpOptions = {}): Promise<ServedWire> {
  const peer = new FastMcpWire(options)
  const url = transport === 'http' ? await overHttp(peer) : undefined
  return {
    peer,
    connect: async (clientOptions = {}) => {
      const client = await Client.connect(url ?? inMemory(peer), { era: 'legacy', ...clientOptions })
      onTestFinished(() => client.close())
      return client
    },
    wishes: (method) =>
      peer.received.filter((message) => message.method === method).map(({ params }) => (params as Wish).task),
  }
}

interface Wish {
  readonly task?: unknown
}

async function overHttp(peer: FastMcpWire): Promise<string> {
  const server = await serveFastMcpWire(peer)
  onTestFinished(() => server.close())
  return server.url
}

function inMemory(peer: FastMcpWire): InMemoryTransport {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const send = (message: unknown): void => void theirs.send(structuredClone(message) as JSONRPCMessage).catch(() => {})
  peer.push = send
  theirs.onmessage = (message) => {
    const answer = peer.answer(structuredClone(message) as Parameters<FastMcpWire['answer']>[0])
    if (answer !== undefined) send(answer)
  }
  void theirs.start()
  return ours
}

/** Something to ask for, as a task or not. `subject` is what it is called by; its ending says how it goes. */
export interface Kind {
  readonly kind: string
  readonly method: AnyTask['method']
  /** What is asked for and goes well, fails, never ends, forbids tasks, and must be one. */
  readonly subject: Readonly<Record<'good' | 'bad' | 'endless' | 'plain' | 'must', string>>
  readonly plain: (client: Client, subject: string) => Promise<unknown>
  readonly asTask: (client: Client, subject: string, options?: AskOptions) => Promise<AnyTask>
}

/** {@link PromptOptions}, and what is wished for. */
type AskOptions = Omit<PromptOptions, 'idleTimeoutMs'> & { readonly task?: TaskOption }

const args = { name: 'Ann' }
const names = { good: 'render', bad: 'bad', endless: 'endless', plain: 'plain', must: 'must' }

const under = (base: string): Kind['subject'] => ({
  good: `${base}Rome`,
  bad: `${base}bad`,
  endless: `${base}endless`,
  plain: `${base}plain`,
  must: `${base}must`,
})

const resource = {
  method: 'resources/read',
  plain: (client: Client, uri: string) => client.readResource(uri),
  asTask: (client: Client, uri: string, options: AskOptions = {}) =>
    client.readResource(uri, { task: true, ...options }),
} as const

/** A tool, and what only FastMCP runs as tasks. */
export const kinds: readonly Kind[] = [
  {
    kind: 'tool',
    method: 'tools/call',
    subject: names,
    plain: (client, name) => client.callTool(name, args),
    asTask: (client, name, options = {}) => client.callTool(name, args, { task: true, ...options }),
  },
  {
    kind: 'prompt',
    method: 'prompts/get',
    subject: { ...names, good: 'greet' },
    plain: (client, name) => client.getPrompt(name, args),
    asTask: (client, name, options = {}) => client.getPrompt(name, args, { task: true, ...options }),
  },
  { kind: 'resource', subject: under('report://'), ...resource },
  { kind: 'resource of a template', subject: under('report://cities/'), ...resource },
]

/** Those that no revision of MCP has as tasks. */
export const beyondTools: readonly Kind[] = kinds.filter(({ method }) => method !== 'tools/call')

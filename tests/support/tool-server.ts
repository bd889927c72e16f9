/** The tool server on every transport and in both generations. */
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { Client, type ClientOptions, type Target } from '@longcall/client'
import { InMemoryTransport } from '@modelcontextprotocol/client'
import { createToolServer, serveToolsHttp, type ToolServerOptions } from '../peers/tool-server.mjs'
import { textOf } from './answering.ts'
import type { PlainSetting } from './plain-settings.ts'

/** A tool server that runs until the test is over. */
export interface ToolServer {
  target(): Target
  /** A client of it, closed with the test. */
  connect(options?: ClientOptions): Promise<Client>
}

/** What the tool server says that it was asked, and what was cancelled. */
export interface Report {
  readonly asked: Readonly<Record<string, number>>
  readonly cancelled: readonly { readonly tool: string; readonly reason: string }[]
}

/** Starts the tool server of a setting, for the test that runs now. */
export async function serveTools(
  { transport, generation }: PlainSetting,
  options: ToolServerOptions = {},
): Promise<ToolServer> {
  const { target, close } = await start(transport, options)
  const clients: Client[] = []
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close({ force: true })))
    await close()
  })
  const era = generation === '2026-07-28' ? '2026-07-28' : 'legacy'
  return {
    target,
    connect: async (clientOptions = {}) => {
      const client = await Client.connect(target(), { era, ...clientOptions })
      clients.push(client)
      return client
    },
  }
}

/** What a client's server says of itself. */
export async function reportOf(client: Client): Promise<Report> {
  return JSON.parse(textOf(await client.callTool('report')) ?? '') as Report
}

async function start(
  transport: PlainSetting['transport'],
  options: ToolServerOptions,
): Promise<{ target: () => Target; close: () => Promise<void> }> {
  switch (transport) {
    case 'stdio': {
      const { ttlMs, pageSize } = options
      const target: Target = {
        command: process.execPath,
        args: [resolve(import.meta.dirname, '../peers/tool-stdio.mjs')],
        stderr: 'ignore',
        env: {
          ...(ttlMs !== undefined && { TTL: String(ttlMs) }),
          ...(pageSize !== undefined && { PAGE_SIZE: String(pageSize) }),
        },
      }
      return { target: () => target, close: () => Promise.resolve() }
    }
    case 'http': {
      const server = await serveToolsHttp(options)
      return { target: () => server.url, close: server.close }
    }
    case 'memory': {
      const peer = createToolServer(options)
      const pair = (): InMemoryTransport => {
        const [ours, theirs] = InMemoryTransport.createLinkedPair()
        peer.serve(theirs)
        return ours
      }
      return { target: () => pair, close: peer.close }
    }
  }
}

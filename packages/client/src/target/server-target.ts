import { InMemoryTransport, type Transport } from '@modelcontextprotocol/client'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import type { ResolvedTarget } from './resolved-target.ts'

/**
 * A server object in this process: `McpServer` or `Server` of the SDK, v2 (both eras) or v1 (2025-11-25 and before).
 *
 * An object serves one connection at a time, as the SDK has it; give a {@link ServerFactory} to connect several clients.
 */
export interface ServerObject {
  connect(transport: never): Promise<void>
  close(): Promise<void>
}

/** Makes the server object of a connection, for the era that the connection will speak, as far as that is known yet. */
export type ServerFactory = (context: { readonly era: 'modern' | 'legacy' }) => ServerObject | Promise<ServerObject>

/** See {@link ServerObject}. */
export function serverTarget(factory: ServerFactory): ResolvedTarget {
  return {
    name: 'the server in this process',
    endpoint: (serverName) => Promise.resolve(`memory:${serverName}`),
    open: async (session, era = 'auto') => {
      if (session !== undefined) throw new InvalidTargetError('A server in this process has no sessions to go on with.')
      const [ours, theirs] = InMemoryTransport.createLinkedPair()
      const first = await factory({ era: era === 'legacy' ? 'legacy' : 'modern' })
      if (isOfSdkV2(first)) await serveBothEras(first, factory, theirs)
      else await first.connect(theirs as never)
      return ours
    },
  }
}

/** The SDK decides on the era by a connection's first message, and only then asks for the server object. */
async function serveBothEras(first: ServerObject, factory: ServerFactory, transport: Transport): Promise<void> {
  let serveStdio: typeof import('@modelcontextprotocol/server/stdio').serveStdio
  try {
    ;({ serveStdio } = await import('@modelcontextprotocol/server/stdio'))
  } catch (error) {
    throw new InvalidTargetError(
      'To connect to a server object in this process, install @modelcontextprotocol/server.',
      { cause: error },
    )
  }
  let ready: ServerObject | undefined = first
  serveStdio(
    async (context) => {
      const server = ready ?? (await factory(context))
      ready = undefined
      return server as never
    },
    { transport },
  )
}

function isOfSdkV2(server: ServerObject): boolean {
  const protocol = 'server' in server ? server.server : server
  return typeof protocol === 'object' && protocol !== null && 'getNegotiatedProtocolVersion' in protocol
}

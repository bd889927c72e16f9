import type { ClientCapabilities, Implementation, ServerCapabilities, Transport } from '@modelcontextprotocol/client'
import type { HttpSession } from '../target/resolved-target.ts'
import type { SdkClient } from './sdk-client.ts'

/**
 * One physical connection: a process and its pipes, an HTTP session, a pair in memory. A {@link Connection} outlives its
 * lines: one that is lost is replaced by the next.
 */
export interface Line {
  readonly sdk: SdkClient
  readonly transport: Transport
  readonly server: ServerFacts
  /** What the server was told that this client can do. */
  readonly declared: ClientCapabilities
}

/** What a server said of itself when the line was opened. Untrusted. */
export interface ServerFacts {
  readonly era: 'legacy' | 'modern'
  readonly protocolVersion: string
  readonly capabilities: ServerCapabilities
  readonly info: Implementation | undefined
  readonly instructions: string | undefined
}

/** The SDK forgets these when a connection closes, so they are read once, at its beginning. */
export function readFacts(sdk: SdkClient): ServerFacts {
  return {
    era: sdk.getProtocolEra() ?? 'legacy',
    protocolVersion: sdk.getNegotiatedProtocolVersion() ?? '',
    capabilities: sdk.getServerCapabilities() ?? {},
    info: sdk.getServerVersion(),
    instructions: sdk.getInstructions(),
  }
}

/** The session of a line to a 2025-11-25 HTTP server; others have none. */
export function sessionOf({ transport, server }: Line): HttpSession | undefined {
  if (transport.sessionId === undefined || server.era !== 'legacy') return undefined
  return { id: transport.sessionId, protocolVersion: server.protocolVersion }
}

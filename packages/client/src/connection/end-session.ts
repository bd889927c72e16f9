import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Line } from './line.ts'
import { noLongerThan } from './no-longer-than.ts'

/** Tells a 2025-11-25 HTTP server that its session is not needed any more; for no longer than the courtesy is worth. */
export async function endSession({ transport }: Pick<Line, 'transport'>): Promise<void> {
  if (!('terminateSession' in transport) || transport.sessionId === undefined) return
  await noLongerThan(patienceMs, (transport as StreamableHTTPClientTransport).terminateSession())
}

const patienceMs = 1000

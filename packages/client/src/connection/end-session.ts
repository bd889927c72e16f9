import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Line } from './line.ts'

/** Tells a 2025-11-25 HTTP server that its session is not needed any more; for no longer than the courtesy is worth. */
export async function endSession({ transport }: Line): Promise<void> {
  if (!('terminateSession' in transport) || transport.sessionId === undefined) return
  const ended = (transport as StreamableHTTPClientTransport).terminateSession().catch(() => {})
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs)
  })
  await Promise.race([ended, patience])
  clearTimeout(timer)
}

const patienceMs = 1000

import type { Transport } from '@modelcontextprotocol/client'
import { Connection, longestTimerMs } from '../connection/connection.ts'
import { saidBy } from '../errors/clip.ts'
import { ConnectError, InvalidTargetError } from '../errors/usage-errors.ts'
import type { HttpSession, ResolvedTarget } from '../target/resolved-target.ts'
import type { ResolvedOptions } from './options.ts'

/**
 * Opens a connection to a target; one that goes on with a session where one is given.
 *
 * @throws {ConnectError} Thrown when it could not be opened in time, or at all. Nothing of it is left behind.
 */
export async function openConnection(
  target: ResolvedTarget,
  options: ResolvedOptions,
  isOpenTask: (connection: Connection, taskId: string) => boolean,
  session?: HttpSession,
): Promise<{ connection: Connection; transport: Transport }> {
  const transport = await openTransport(target, options, session)
  const connection: Connection = new Connection({
    clientInfo: options.clientInfo,
    era: options.era,
    capabilities: options.capabilities,
    handlers: options.handlers,
    clock: options.clock,
    requestTimeoutMs: options.requestTimeoutMs,
    // Some old servers do not answer what they do not know; half the time is left to connect to one of them.
    probeTimeoutMs: Math.min(options.connectTimeoutMs / 2, longestProbeMs),
    isOpenTask: (taskId) => isOpenTask(connection, taskId),
  })
  const { connectTimeoutMs } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    if (!Number.isFinite(connectTimeoutMs)) return
    timer = setTimeout(() => reject(new Error(`it did not answer within ${connectTimeoutMs} ms`)), connectTimeoutMs)
  })
  try {
    await Promise.race([connection.connect(transport, Math.min(connectTimeoutMs, longestTimerMs)), late])
    return { connection, transport }
  } catch (error) {
    await transport.close().catch(() => {})
    if (error instanceof InvalidTargetError) throw error
    throw new ConnectError(describe(target, error, (await target.lastWords?.()) ?? ''), { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

async function openTransport(
  target: ResolvedTarget,
  { era }: ResolvedOptions,
  session: HttpSession | undefined,
): Promise<Transport> {
  try {
    return await target.open(session, sdkEra[era])
  } catch (error) {
    if (error instanceof InvalidTargetError) throw error
    throw new ConnectError(describe(target, error, ''), { cause: error })
  }
}

const sdkEra = { auto: 'auto', legacy: 'legacy', '2026-07-28': 'modern' } as const
const longestProbeMs = 15_000

function describe(target: ResolvedTarget, error: unknown, lastWords: string): string {
  const last = lastWords === '' ? '' : ` Its stderr ended with: ${lastWords}`
  return `Could not connect to ${target.name}: ${saidBy(error)}.${last}`
}

import type { McpServerFactory, Transport } from '@modelcontextprotocol/server'
import { serveStdio as serveSdkStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { pipeOwner } from '../calls/caller.ts'
import type { Tasks } from '../tasks/tasks.ts'
import { withTaskSubscriptions } from './listen-pipe.ts'

/** How a server is served on a pipe. */
export interface PipeOptions {
  readonly tasks: Tasks
  /** Hears of what failed out of sight. */
  readonly onError?: (error: Error) => void
}

/** A server on a pipe. */
export interface Pipe extends AsyncDisposable {
  /** Ends it. Over stdio it waits for tasks that run, 10 seconds by default. */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/** How long tasks may go on when the client has left: clients kill this process after two seconds, or sooner. */
const leaveMs = 1_000

/**
 * Serves a server with tasks on standard input and output, both generations. It ends when its input does: tasks that run are
 * waited for a second and then stopped, as their `onCrash` says.
 *
 * @param factory Makes the server object; a client that finds out which generation is spoken may have two made.
 */
export function serveStdio(factory: McpServerFactory, options: PipeOptions): Pipe {
  const transport = new StdioServerTransport()
  const { tasks, onError } = options
  const onClose = (): void => {
    const goOn = putOffTermination()
    tasks
      .close({ graceMs: leaveMs })
      .catch((error: unknown) => onError?.(error as Error))
      .finally(goOn)
  }
  const pipe = serveTransport(factory, transport, options, onClose)
  const close: Pipe['close'] = async (closing) => {
    await tasks.drain(closing)
    await pipe.close()
    await tasks.close()
  }
  return { close, [Symbol.asyncDispose]: () => close() }
}

/**
 * A client that closed the input soon says SIGTERM, which would end this process before its tasks are handed back. It is
 * ending already: the signal takes effect once that is done.
 */
function putOffTermination(): () => void {
  let isTerminated = false
  const note = (): void => {
    isTerminated = true
  }
  process.on('SIGTERM', note)
  return () => {
    process.off('SIGTERM', note)
    if (isTerminated && process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
  }
}

/**
 * Serves a server with tasks on one end of a pipe, such as an in-memory pair, both generations. Its tasks outlive it.
 *
 * @param onClose Called when the other end is gone.
 */
export function serveTransport(
  factory: McpServerFactory,
  transport: Transport,
  { tasks, onError }: PipeOptions,
  onClose: () => void = () => {},
): Pipe {
  const pipe = withTaskSubscriptions(tasks.service, transport, pipeOwner)
  const served = serveSdkStdio(
    async (context) => {
      const server = await factory(context)
      tasks.bind(server, { era: context.era, transport: 'pipe' })
      return server
    },
    { transport: pipe, ...(onError !== undefined && { onerror: onError }) },
  )
  const { onmessage: receive } = pipe
  pipe.onmessage = (message, extra) => {
    // A client that only finds out what is spoken here leaves at once, and would take what it began with it.
    const isProbe = 'method' in message && message.method === 'server/discover'
    if (!isProbe) void tasks.runtime.open().catch((error: unknown) => onError?.(error as Error))
    receive?.(message, extra)
  }
  const before = pipe.onclose
  pipe.onclose = () => {
    before?.()
    onClose()
  }
  return { close: () => served.close(), [Symbol.asyncDispose]: () => served.close() }
}

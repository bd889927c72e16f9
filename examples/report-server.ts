/** The server of reports as a process of its own, over HTTP, so that it can be killed and started again. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A server that runs. */
export interface ReportServer {
  readonly url: string
  readonly pid: number | undefined
  /** Ends it, and resolves when it has ended: with SIGKILL it gets no chance to tidy up. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/**
 * Starts the server on a file of tasks, and resolves when it listens.
 *
 * @param port 0 takes any that is free.
 */
export async function startReportServer(file: string, port: number | string): Promise<ReportServer> {
  const script = fileURLToPath(new URL('servers/reports.js', import.meta.url))
  const child = spawn(process.execPath, [script, '--file', file, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  // However this process ends, the server ends with it.
  const onExit = (): void => void child.kill('SIGKILL')
  process.once('exit', onExit)
  const end: ReportServer['end'] = async (signal) => {
    child.kill(signal)
    await ended
    process.off('exit', onExit)
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening (\S+)$/.exec(line)?.[1]
    if (url !== undefined) return { url, pid: child.pid, end }
  }
  throw new Error('The server of reports ended before it listened.')
}

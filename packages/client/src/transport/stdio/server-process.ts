import type { Readable, Writable } from 'node:stream'
import { access, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { saidBy } from '../../errors/clip.ts'
import { findCommand } from './find-command.ts'
import { guardedCommand, lifelineFd, shell, type Program } from './guarded-command.ts'
import { ServerStartError } from './stdio-errors.ts'

/** How a server is started. */
export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>
  /** Its folder; by default that of this process. */
  readonly cwd?: string
}

/**
 * A server's process with all that it started.
 *
 * On POSIX they are a process group and a session of their own, without a terminal, and a guard ends them when this
 * process is gone, however it ended; what leaves the group, as a daemon does, is not ended. Where there is no /bin/sh
 * there is no guard. On Windows there is neither: what the server started is found as long as the server lives, and a
 * server that does not end when its stdin does outlives a client that is killed.
 */
export interface ServerProcess {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the process itself has ended, whatever it started. */
  readonly exited: Promise<void>
  /** Asks all of them to end; on Windows, where nobody can be asked, ends them. */
  terminate(): void
  /**
   * Ends all of them, and the guard; called once, for the group's id may be another's after it. Resolves when they are
   * gone, or after 25 ms: where nobody collects processes that have ended, as in a container without an init, they seem
   * to stay.
   */
  kill(): Promise<void>
  /** Lets go of all pipes and of the process. */
  release(): void
}

/**
 * Starts a server.
 *
 * @throws {ServerStartError} Thrown when its command or its folder is not there, or the system does not start it.
 */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const cwd = resolve(server.cwd ?? '')
  if (!(await isFolder(cwd))) throw new ServerStartError(`there is no folder ${cwd} to start it in (ENOENT)`)
  return process.platform === 'win32' ? startOnWindows(server, cwd) : startOnPosix(server, cwd)
}

async function startOnPosix({ command, args, env }: ServerCommand, cwd: string): Promise<ServerProcess> {
  const program = { file: await findCommand(command, env['PATH'], cwd), args, env }
  const hasShell = await access(shell).then(
    () => true,
    () => false,
  )
  const { spawn } = await import('node:child_process')
  const launch = (what: Program): ChildProcess =>
    spawn(what.file, [...what.args], {
      cwd,
      env: what.env,
      detached: true,
      // The last is the lifeline.
      stdio: Array.from({ length: lifelineFd + 1 }, () => 'pipe' as const),
    })
  const child = await started(() => launch(hasShell ? guardedCommand(program) : program), command)
  const group = -child.pid
  return {
    ...child,
    terminate: () => void signal(group, 'SIGTERM'),
    kill: async () => {
      signal(group, 'SIGKILL')
      for (let waitedMs = 0; waitedMs < vanishMs && signal(group, 0); waitedMs += vanishStepMs)
        await sleep(vanishStepMs)
    },
  }
}

async function startOnWindows({ command, args, env }: ServerCommand, cwd: string): Promise<ServerProcess> {
  const { default: spawn } = await import('cross-spawn')
  const child = await started(
    () => spawn(command, [...args], { cwd, env, windowsHide: true, stdio: ['pipe', 'pipe', 'pipe'] }),
    command,
  )
  let hasExited = false
  void child.exited.then(() => (hasExited = true))
  const terminate = (): void => {
    // The pid of a process that has ended may be another's.
    if (hasExited) return
    const taskkill = spawn('taskkill', ['/PID', String(child.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' })
    taskkill.on('error', () => {})
    taskkill.unref()
  }
  return { ...child, terminate, kill: async () => terminate() }
}

type ChildProcess = import('node:child_process').ChildProcess

/** Waits until the system has started the process, or has not. */
async function started(
  launch: () => ChildProcess,
  command: string,
): Promise<Omit<ServerProcess, 'terminate' | 'kill'>> {
  try {
    const child = launch()
    const exited = new Promise<void>((done) => {
      child.once('exit', () => done())
    })
    await new Promise<void>((spawned, failed) => {
      child.once('spawn', spawned)
      // Later ones say that a signal could not be sent.
      child.on('error', failed)
    })
    const { pid, stdin, stdout, stderr } = child
    if (pid === undefined || stdin === null || stdout === null || stderr === null) throw new Error('it has no pipes')
    // A pipe that breaks shows in what is written or read next.
    for (const stream of child.stdio) stream?.on('error', () => {})
    return {
      pid,
      stdin,
      stdout,
      stderr,
      exited,
      release: () => {
        for (const stream of child.stdio) stream?.destroy()
        child.unref()
      },
    }
  } catch (error) {
    throw new ServerStartError(`the command ${command} could not be started: ${saidBy(error)}`, { cause: error })
  }
}

/** Whether there was somebody in the group to get it. */
function signal(group: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(group, name)
  } catch {
    return false
  }
}

const vanishMs = 25
const vanishStepMs = 5

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

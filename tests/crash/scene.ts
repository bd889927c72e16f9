/** A file of tasks, the processes that serve it, and a client that remembers; all of it is gone when it is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkTasks } from './check-tasks.ts'
import { Fleet, type Life, type ServerSettings } from './fleet.ts'
import { readJournal } from './history.ts'
import { randomFrom } from './random.ts'
import { Recorder } from './recorder.ts'

export interface SceneOptions extends ServerSettings {
  /** Says what the client does; when it does it depends on how fast things go. */
  readonly seed: number
}

export interface Scene {
  readonly fleet: Fleet
  readonly recorder: Recorder
  /** Kills a process that may be dead already. */
  readonly kill: (life: Life) => Promise<void>
}

export interface SceneReport {
  readonly kills: number
  readonly tasks: number
  /** How many tasks of which tool came to which end. */
  readonly endings: Readonly<Record<string, number>>
  /** What should never be. */
  readonly violations: readonly string[]
  readonly tookMs: number
  /** Where the file and the journal are; they are kept where something is wrong. */
  readonly folder: string
}

/** How long all tasks may take to end once nobody is killed any more. */
const drainMs = 60_000

/** Plays a scene; then all tasks must end, and have ended so still after one more kill. */
export async function play(options: SceneOptions, act: (scene: Scene) => Promise<void>): Promise<SceneReport> {
  const { seed, ...settings } = options
  const beganAtMs = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'longcall-crash-'))
  const journal = join(folder, 'journal.jsonl')
  const fleet = new Fleet({ ...settings, file: join(folder, 'tasks.db'), journal })
  const recorder = new Recorder(fleet, randomFrom(seed))
  const violations: string[] = []
  let kills = 0
  const kill = async (life: Life): Promise<void> => {
    life.kill('SIGKILL')
    const { code, signal } = await life.exited
    if (signal === 'SIGKILL') kills += 1
    else if (code !== 0) violations.push(`A process ended by itself, with ${code ?? signal}`)
  }
  try {
    await act({ fleet, recorder, kill })
    violations.push(...(await finish({ fleet, recorder, kill })))
  } finally {
    await fleet.close()
  }
  violations.push(...recorder.violations, ...checkTasks(recorder.tasks, readJournal(journal)))
  if (fleet.stderr !== '') violations.push(`A process said ${fleet.stderr.slice(0, 2_000)}`)
  if (violations.length === 0) rmSync(folder, { recursive: true })
  const tookMs = performance.now() - beganAtMs
  return { kills, tasks: recorder.tasks.length, endings: countEndings(recorder), violations, tookMs, folder }
}

async function finish({ fleet, recorder, kill }: Scene): Promise<string[]> {
  const last = fleet.start()
  if (!(await isDoneWithin(drainMs, recorder.drain()))) return [`Not all tasks have ended after ${drainMs} ms`]
  await kill(last)
  const after = fleet.start({ writesHistories: true })
  await recorder.lookAtAll()
  after.kill('SIGTERM')
  const { code, signal } = await after.exited
  return code === 0 ? [] : [`A process that was asked to stop ended with ${code ?? signal}`]
}

/** Whether it is done by then. */
async function isDoneWithin(ms: number, work: Promise<void>): Promise<boolean> {
  const over = new AbortController()
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false)
  const isDone = await Promise.race([work.then(() => true), late])
  over.abort()
  return isDone
}

function countEndings({ tasks }: Recorder): Record<string, number> {
  const endings: Record<string, number> = {}
  for (const { errand, ending } of tasks) {
    const end = `${errand.tool} ${ending?.status ?? 'gone'}`
    endings[end] = (endings[end] ?? 0) + 1
  }
  return endings
}

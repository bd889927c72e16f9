/** A row of server processes, each killed in its own way while a client looks on. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Death } from './deaths.ts'
import type { Life } from './fleet.ts'
import type { Recorder } from './recorder.ts'
import { play, type Scene, type SceneOptions, type SceneReport } from './scene.ts'

export interface CampaignOptions extends SceneOptions {
  readonly deaths: readonly Death[]
  /** How many processes serve at once. */
  readonly servers: number
  /** How many tasks the client keeps open. */
  readonly inFlight: number
  /** How many replies the client has until a process is killed that did not come to its point. */
  readonly patience: number
  /** How many more processes are killed for a point that was not reached. */
  readonly retries: number
}

export interface CampaignReport extends SceneReport {
  /** The points that no process came to, however often it was tried. */
  readonly missed: readonly Death[]
}

/** Goes through the deaths; those that were not reached are tried again in the end. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { deaths, servers, inFlight, patience, retries, ...settings } = options
  let left = deaths
  const report = await play(settings, async (scene) => {
    scene.recorder.begin(inFlight)
    for (let round = 0; left.length > 0 && round <= retries; round++) {
      const queue = left.values()
      const missed: Death[] = []
      const line = async (): Promise<void> => {
        for (const death of queue) if (!(await dieOf(death, scene, patience))) missed.push(death)
      }
      await Promise.all(Array.from({ length: servers }, line))
      left = missed
    }
  })
  return { ...report, missed: left }
}

/** Kills one process, or those that one task takes with it; `false` when it did not come to what it was to die of. */
async function dieOf(death: Death, scene: Scene, patience: number): Promise<boolean> {
  if (death.kind === 'poison') return poison(death.wire, scene)
  const life = scene.fleet.start(death.kind === 'point' ? { kill: death } : {})
  const isReached = await meet(death, life, scene, patience)
  await scene.kill(life)
  return isReached
}

/** Waits for the moment of a death. */
async function meet(
  death: Exclude<Death, { readonly kind: 'poison' }>,
  life: Life,
  { recorder }: Scene,
  patience: number,
): Promise<boolean> {
  if (death.kind === 'point') {
    await hear(patience, life, recorder)
    return life.isOver
  }
  await life.url.catch(() => {})
  await hear(death.replies, life, recorder)
  if (death.kind === 'stop') life.kill('SIGTERM')
  await within(death.afterMs, life)
  return true
}

/** Waits until the client has had so many more replies, or the process is dead. */
async function hear(replies: number, life: Life, recorder: Recorder): Promise<void> {
  const over = new AbortController()
  await Promise.race([recorder.hear(replies, over.signal), within(silenceMs, life)])
  over.abort()
}

/** Where nothing is said any more, no process goes on for longer than this. */
const silenceMs = 20_000

/** No poison kills so many: its id may be lost with the first process, and then it is tried again with another. */
const mostPoisoned = 30

/** Processes that die of one task, until that is over; the last lives, and is killed. */
async function poison(wire: string, { fleet, recorder, kill }: Scene): Promise<boolean> {
  const over = recorder.poison(wire).then(() => 'over')
  for (let dead = 0; dead < mostPoisoned; dead++) {
    const life = fleet.start()
    const came = await Promise.race([over, life.exited])
    await kill(life)
    if (came === 'over') return true
  }
  throw new Error('A task kills one process after another, and nobody stops it.')
}

/** Waits for so long, or until the process is dead. */
async function within(ms: number, { exited }: Life): Promise<void> {
  const over = new AbortController()
  await Promise.race([exited, sleep(ms, undefined, { signal: over.signal }).catch(() => {})])
  over.abort()
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTerminal, type TaskState, type TaskStatus, minPollIntervalMs, pollIntervalMs } from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import { drive, ScriptedWire, stateOf, Witness, type PollAnswer } from '../../../../tests/support/scripted-wire.ts'
import { RequestError, RpcError } from '../errors/request-errors.ts'

/** What happens to a poll instead of being answered. */
type Mishap = 'network' | 'timeout' | 'stream_ended' | 'unavailable' | 'busy' | 'internal' | 'malformed'

type Step =
  | { readonly kind: 'pass'; readonly ms: number }
  /** A push of what the task was `back` changes ago: late, repeated, or fresh. */
  | { readonly kind: 'push'; readonly back: number }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'join' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'status' }

interface Story {
  /** How long each status lasts, and then how the task ends. */
  readonly chapters: readonly { readonly status: TaskStatus; readonly ms: number }[]
  readonly ending: 'completed' | 'failed' | 'cancelled'
  readonly asked: number | undefined
  /** Whether the server stamps the time of the poll, as some do. */
  readonly stampsPolls: boolean
  readonly latencies: readonly number[]
  /** By the number of the poll; what is absent goes well. */
  readonly mishaps: ReadonlyMap<number, Mishap>
  readonly steps: readonly Step[]
}

const retryAfterMs = 7000

const stories: fc.Arbitrary<Story> = fc.record({
  chapters: fc.array(
    fc.record({
      status: fc.constantFrom<TaskStatus>('working', 'input_required'),
      ms: fc.integer({ min: 1, max: 20_000 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  ending: fc.constantFrom('completed', 'failed', 'cancelled'),
  asked: fc.option(fc.constantFrom(-5, 0, 1, 100, 700, 5000, 20_000), { nil: undefined }),
  stampsPolls: fc.boolean(),
  latencies: fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 5 }),
  mishaps: fc
    .array(
      fc.tuple(
        fc.integer({ min: 1, max: 25 }),
        fc.oneof(
          {
            weight: 4,
            arbitrary: fc.constantFrom<Mishap>('network', 'timeout', 'stream_ended', 'unavailable', 'busy'),
          },
          { weight: 1, arbitrary: fc.constantFrom<Mishap>('internal', 'malformed') },
        ),
      ),
      { maxLength: 15 },
    )
    .map((entries) => new Map(keepBearable(entries))),
  steps: fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 4000 }) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), back: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'acknowledged' }, { kind: 'status' }) },
      { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'join' }, { kind: 'leave' }) },
    ),
    { maxLength: 60 },
  ),
})

/** Suspicious failures are put up with five times in a row, so no story has more. */
function keepBearable(entries: readonly (readonly [number, Mishap])[]): (readonly [number, Mishap])[] {
  let suspicious = 0
  return entries.filter(([, mishap]) => (mishap !== 'internal' && mishap !== 'malformed') || (suspicious += 1) <= 5)
}

function failureOf(mishap: Mishap): Error {
  switch (mishap) {
    case 'unavailable':
      return new RequestError('tasks/get', { kind: 'http', status: 503 })
    case 'busy':
      return new RequestError('tasks/get', { kind: 'http', status: 429, retryAfterMs })
    case 'internal':
      return new RpcError('tasks/get', { code: -32_603, message: 'internal error' })
    case 'timeout':
      return new RequestError('tasks/get', { kind: 'timeout', timeoutMs: 60_000 })
    default:
      return new RequestError('tasks/get', { kind: mishap })
  }
}

/** The task as its server knows it, at any time since the start. */
class Truth {
  readonly #story: Story
  readonly #startMs: number

  constructor(story: Story, startMs: number) {
    this.#story = story
    this.#startMs = startMs
  }

  /** The number of the chapter at a time; the last one is the ending. */
  chapterAt(nowMs: number): number {
    let left = nowMs - this.#startMs
    const index = this.#story.chapters.findIndex(({ ms }) => (left -= ms) < 0)
    return index === -1 ? this.#story.chapters.length : index
  }

  state(chapter: number, stampMs?: number): TaskState {
    const { chapters, ending, asked } = this.#story
    const began = chapters.slice(0, chapter).reduce((sum, { ms }) => sum + ms, this.#startMs)
    const status = chapters[chapter]?.status ?? ending
    return stateOf(status, {
      statusMessage: `chapter ${chapter}`,
      lastUpdatedAt: new Date(isTerminal(status) || stampMs === undefined ? began : stampMs).toISOString(),
      ...(asked !== undefined && { pollIntervalMs: asked }),
    })
  }
}

async function play(story: Story): Promise<void> {
  const clock = new ManualClock()
  const truth = new Truth(story, clock.now())
  const now = (): TaskState => truth.state(truth.chapterAt(clock.now()), story.stampsPolls ? clock.now() : undefined)
  const script = (poll: number): PollAnswer => {
    const mishap = story.mishaps.get(poll)
    return mishap === undefined ? now() : failureOf(mishap)
  }
  const wire = new ScriptedWire(clock, script, (poll) => story.latencies.at(poll % story.latencies.length)!)
  const created = truth.state(0)
  const driven = drive(wire, clock, { created })
  const { driver } = driven

  /** Polls that may follow another one sooner than the interval: one per acknowledgement, and those asked for by hand. */
  let brought = 0
  let byHand = 0
  const witness = new Witness()
  const leavers: (() => void)[] = []
  witness.watch(driver)
  for (const step of story.steps) {
    switch (step.kind) {
      case 'pass':
        await clock.advance(step.ms)
        break
      case 'push':
        wire.sink.pushed(truth.state(Math.max(0, truth.chapterAt(clock.now()) - step.back)))
        break
      case 'acknowledged':
        brought += 1
        wire.sink.stale()
        break
      case 'join':
        leavers.push(new Witness().watch(driver))
        break
      case 'leave':
        leavers.pop()?.()
        break
      case 'status':
        byHand += 1
        driver.status({}).catch(() => {})
        await clock.advance(0)
    }
  }
  // Every mishap comes at most once: what they and the task take, and one more poll.
  await clock.advance(6 * 20_000 + 25 * 35_000 + 300_000)

  expect(witness.ended).toHaveLength(1)
  expect(witness.ended[0]).toMatchObject({ status: story.ending })
  expect(driver.latest).toMatchObject({ status: story.ending })
  expect(witness.failed).toEqual([])
  expect(driven.reported).toEqual([])
  expect(driven.overs).toBe(1)
  const statuses = witness.seen.map(({ status }) => status)
  expect(statuses.findIndex(isTerminal)).toBe(statuses.length - 1)
  expectPollsInBounds(story, wire, brought, byHand)
  expect(clock.sleepers).toBe(0)
  expect(wire.open).toBe(0)

  // Nothing brings a task back.
  wire.sink.pushed(truth.state(0))
  wire.sink.stale()
  await clock.advance(1_000_000)
  expect(driver.latest).toMatchObject({ status: story.ending })
  const ending = await driver.ending()
  expect(ending.kind).toBe({ completed: 'result', failed: 'error', cancelled: 'cancelled' }[story.ending])
}

function expectPollsInBounds({ asked, mishaps }: Story, wire: ScriptedWire, brought: number, byHand: number): void {
  const interval = pollIntervalMs(asked)
  const early = wire.sentAt.slice(1).filter((at, index) => at - wire.sentAt.at(index)! < interval)
  // One by hand may be early itself, and make the one after it look so.
  expect(early.length).toBeLessThanOrEqual(brought + 2 * byHand)
  if (byHand > 0) return
  for (const [index, at] of wire.sentAt.entries()) {
    if (index === 0) continue
    const pause = at - wire.sentAt.at(index - 1)!
    expect(pause).toBeGreaterThanOrEqual(minPollIntervalMs)
    if (mishaps.get(index) === 'busy') expect(pause).toBeGreaterThanOrEqual(retryAfterMs)
  }
}

test('whatever goes wrong on the way, a task ends once, as it did, and is polled no more than it may be', async () => {
  await fc.assert(fc.asyncProperty(stories, play), { numRuns: Number(process.env['DRIVER_RUNS'] ?? 300) })
})

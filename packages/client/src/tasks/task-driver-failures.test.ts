import { maxPollIntervalMs } from '@longcall/core'
import { describe, expect, test } from 'vitest'
import type { TaskQuestion } from '@longcall/core'
import { ManualClock } from '@longcall/core/testing'
import { drive, ScriptedWire, stateOf, Witness } from '../../../../tests/support/scripted-wire.ts'
import { RequestError, RpcError } from '../errors/request-errors.ts'

const working = stateOf('working', { pollIntervalMs: 5000 })

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - times.at(index)!)
}

describe('a poll that fails', () => {
  const outage = new RequestError('tasks/get', { kind: 'http', status: 503 })

  test('for a reason that may pass is repeated for as long as it takes, with pauses that grow up to a ceiling', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (poll) => (poll <= 40 ? outage : stateOf('completed')))
    const witness = new Witness()
    witness.watch(drive(wire, clock).driver)
    await clock.advance(40 * 33_000)
    expect(witness.ended).toMatchObject([{ status: 'completed' }])
    expect(witness.failed).toEqual([])
    const pauses = gaps(wire.sentAt)
    expect(pauses).toHaveLength(40)
    for (const [index, pause] of pauses.entries()) {
      const least = Math.min(500 * 2 ** index, 30_000)
      expect(pause).toBeGreaterThanOrEqual(least)
      expect(pause).toBeLessThanOrEqual(least * 1.1 + 1)
    }
  })

  test('is repeated no sooner than the server said, whatever is pushed or acknowledged meanwhile', async () => {
    const clock = new ManualClock()
    const busy = new RequestError('tasks/get', { kind: 'http', status: 429, retryAfterMs: 60_000 })
    const wire = new ScriptedWire(clock, (poll) => (poll === 2 ? busy : working))
    const unwatch = new Witness().watch(drive(wire, clock).driver)
    for (let round = 0; round < 700; round += 1) {
      await clock.advance(100)
      wire.sink.stale()
      wire.sink.pushed(working)
    }
    const pauses = gaps(wire.sentAt)
    expect(pauses[1]).toBeGreaterThanOrEqual(60_000)
    expect(pauses[1]).toBeLessThan(61_000)
    unwatch()
  })

  test('for a server that names an absurd time is repeated after five minutes', async () => {
    const clock = new ManualClock()
    const busy = new RequestError('tasks/get', { kind: 'http', status: 503, retryAfterMs: 1e12 })
    const wire = new ScriptedWire(clock, (poll) => (poll === 1 ? busy : working))
    const unwatch = new Witness().watch(drive(wire, clock).driver)
    await clock.advance(maxPollIntervalMs)
    expect(gaps(wire.sentAt)).toEqual([maxPollIntervalMs])
    unwatch()
  })

  test('starts over with short pauses after one that was answered', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (poll) =>
      poll % 5 === 0 ? stateOf('working', { pollIntervalMs: 1000 }) : outage,
    )
    const unwatch = new Witness().watch(drive(wire, clock).driver)
    await clock.advance(60_000)
    const pauses = gaps(wire.sentAt)
    expect(pauses[3]).toBeGreaterThanOrEqual(4000)
    expect(pauses[5]).toBeGreaterThanOrEqual(1000)
    expect(pauses[5]).toBeLessThan(1200)
    unwatch()
  })

  test.each([
    ['an internal error', new RpcError('tasks/get', { code: -32_603, message: 'database is locked' })],
    ['an answer that cannot be read', new RequestError('tasks/get', { kind: 'malformed' })],
  ])('with %s is put up with five times in a row, and then reported', async (_what, error) => {
    const clock = new ManualClock()
    // Five, then a good one: counting starts anew.
    const wire = new ScriptedWire(clock, (poll) => (poll === 6 ? working : error))
    const witness = new Witness()
    const { driver } = drive(wire, clock)
    witness.watch(driver)
    await clock.advance(600_000)
    expect(wire.sentAt).toHaveLength(12)
    expect(witness.failed).toMatchObject([
      { code: 'task_unreachable', cause: error, message: expect.stringContaining(error.message) },
    ])
    expect(driver.latest).toMatchObject({ status: 'working' })
    expect(clock.sleepers).toBe(0)
  })

  test('for a reason that will not pass ends the wait at once, with the reference', async () => {
    const clock = new ManualClock()
    const gone = new RequestError('tasks/get', { kind: 'http', status: 404 })
    const wire = new ScriptedWire(clock, () => gone)
    const witness = new Witness()
    witness.watch(drive(wire, clock).driver)
    await clock.advance(600_000)
    expect(wire.sentAt).toHaveLength(1)
    expect(witness.failed).toMatchObject([{ code: 'task_unreachable', cause: gone, reference: { taskId: 't1' } }])
  })
})

describe('a task whose time to live has passed', () => {
  const notFound = new RpcError('tasks/get', { code: -32_602, message: 'Task not found' })
  const outage = new RequestError('tasks/get', { kind: 'network' })
  const short = stateOf('working', { pollIntervalMs: 1000, ttlMs: 10_000 })

  test.each([
    ['before, is not found', 3, 'task_not_found'],
    ['after, is expired', 12, 'task_expired'],
  ])('and that the server does not know %s', async (_what, poll, code) => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (nth) => (nth < poll ? short : notFound))
    const witness = new Witness()
    witness.watch(drive(wire, clock, { created: short }).driver)
    await clock.advance(60_000)
    expect(witness.failed).toMatchObject([{ code, taskId: 't1', cause: notFound }])
  })

  test('is asked for a few times more by a machine that has just woken up, and whose network has not', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (poll) => (poll < 4 ? outage : stateOf('completed', { ttlMs: 10_000 })))
    const witness = new Witness()
    const { driver } = drive(wire, clock, { created: short })
    clock.set(clock.now() + 28_800_000)
    witness.watch(driver)
    await clock.advance(60_000)
    expect(witness.ended).toMatchObject([{ status: 'completed' }])
  })

  test('is not asked for any more once the server cannot be reached either', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, () => outage)
    const witness = new Witness()
    const startedAt = clock.now()
    witness.watch(drive(wire, clock, { created: short }).driver)
    await clock.advance(3_600_000)
    expect(witness.failed).toMatchObject([{ code: 'task_expired', snapshot: { status: 'working' }, cause: outage }])
    expect(wire.sentAt.at(-1)! - startedAt).toBeLessThan(60_000)
    expect(clock.sleepers).toBe(0)
  })

  test('is believed to live for as long as the server says so', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (poll) => (poll < 50 ? short : stateOf('completed', { ttlMs: 10_000 })))
    const witness = new Witness()
    witness.watch(drive(wire, clock, { created: short }).driver)
    await clock.advance(60_000)
    expect(witness.ended).toMatchObject([{ status: 'completed' }])
  })

  test('is known to be expired from its reference alone', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, () => notFound)
    const witness = new Witness()
    witness.watch(drive(wire, clock, { createdAtMs: clock.now() - 60_000, ttlMs: 10_000 }).driver)
    await clock.advance(0)
    expect(witness.failed).toMatchObject([{ code: 'task_expired' }])
  })
})

describe('an answer that the server refuses', () => {
  const refusal = new RpcError('tasks/update', { code: -32_602, message: 'no such question' })
  const question: TaskQuestion = { key: 'name', method: 'elicitation/create', params: { message: 'name?' } }
  const asking = { ...stateOf('input_required'), questions: [question] }

  test.each([
    ['because the task has ended', stateOf('completed')],
    ['because the task went on', working],
  ])('%s is no failure', async (_why, now) => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (poll) => (poll === 1 ? asking : poll === 2 ? now : stateOf('completed')))
    wire.deliver = () => Promise.reject(refusal)
    const witness = new Witness()
    const ask = (): Promise<object> => Promise.resolve({ action: 'accept' })
    witness.watch(drive(wire, clock, { ask }).driver)
    await clock.advance(60_000)
    expect(wire.answers).toHaveLength(1)
    expect(witness.stuck).toEqual([])
    expect(witness.ended).toMatchObject([{ status: 'completed' }])
  })

  test('and still waits for tells whoever waits', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, () => asking)
    wire.deliver = () => Promise.reject(refusal)
    const witness = new Witness()
    const unwatch = witness.watch(drive(wire, clock, { ask: () => Promise.resolve({ action: 'accept' }) }).driver)
    await clock.advance(5000)
    expect(witness.stuck).toEqual([refusal])
    expect(wire.answers).toHaveLength(1)
    unwatch()
  })
})

import { maxPollIntervalMs, minPollIntervalMs } from '@longcall/core'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { drive, ScriptedWire, stateOf, Witness } from '../../../../tests/support/scripted-wire.ts'
import { awaitTask, untilEnded } from './await-task.ts'

const working = stateOf('working', { pollIntervalMs: 5000 })

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - times.at(index)!)
}

describe('how often a task is polled', () => {
  test('a poll follows the answer to the one before by the interval that the server asked for', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(
      clock,
      () => working,
      () => 300,
    )
    const { driver } = drive(wire, clock, { created: working })
    const unwatch = new Witness().watch(driver)
    await clock.advance(60_000)
    expect(wire.sentAt[0]).toBe(clock.now() - 55_000)
    expect(new Set(gaps(wire.sentAt))).toEqual(new Set([5300]))
    unwatch()
  })

  test.each([
    [0, 500],
    [-1, 500],
    [undefined, 500],
    [1, minPollIntervalMs],
    [1e12, maxPollIntervalMs],
  ])('an interval of %s means one of %i', async (pollIntervalMs, effective) => {
    const clock = new ManualClock()
    const state = stateOf('working', pollIntervalMs === undefined ? {} : { pollIntervalMs })
    const wire = new ScriptedWire(clock, () => state)
    const unwatch = new Witness().watch(drive(wire, clock).driver)
    await clock.advance(effective * 3)
    expect(gaps(wire.sentAt)).toEqual([effective, effective, effective])
    unwatch()
  })

  test('an acknowledged subscription brings the next poll forward, and a flood of them no more than bearable', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, () => working)
    const unwatch = new Witness().watch(drive(wire, clock).driver)
    await clock.advance(1000)
    expect(wire.sentAt).toHaveLength(1)
    for (let round = 0; round < 50; round += 1) {
      wire.sink.stale()
      await clock.advance(10)
    }
    expect(wire.sentAt.length).toBeGreaterThan(1)
    expect(Math.min(...gaps(wire.sentAt))).toBeGreaterThanOrEqual(minPollIntervalMs)
    unwatch()
  })

  test.each([
    ['news', (round: number) => stateOf('working', { pollIntervalMs: 5000, statusMessage: `step ${round}` })],
    ['repetitions', () => working],
    [
      'older than what is known',
      () => stateOf('working', { pollIntervalMs: 5000, lastUpdatedAt: '2020-01-01T00:00:00.000Z' }),
    ],
  ])('a flood of pushes that are %s neither puts polling off nor multiplies it', async (_what, push) => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, () => working)
    const unwatch = new Witness().watch(drive(wire, clock).driver)
    for (let round = 0; round < 1000; round += 1) {
      wire.sink.pushed(push(round))
      await clock.advance(30)
    }
    expect(gaps(wire.sentAt)).toEqual([5000, 5000, 5000, 5000, 5000, 5000])
    unwatch()
  })

  test('who leaves and comes back while a poll is under way does not poll sooner', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(
      clock,
      () => working,
      () => 50,
    )
    const { driver } = drive(wire, clock)
    for (let round = 0; round < 100; round += 1) {
      const unwatch = new Witness().watch(driver)
      await clock.advance(30)
      unwatch()
    }
    expect(wire.answeredAt).toEqual([])
    expect(wire.sentAt.length).toBeGreaterThan(1)
    expect(Math.min(...gaps(wire.sentAt))).toBeGreaterThanOrEqual(500)
  })

  test('nothing is polled once the last watcher left, and nobody is left asleep', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(
      clock,
      () => working,
      () => 50,
    )
    const { driver } = drive(wire, clock)
    const first = new Witness().watch(driver)
    const second = new Witness().watch(driver)
    await clock.advance(5100)
    expect(wire.sentAt).toHaveLength(2)
    first()
    await clock.advance(5000)
    expect(wire.sentAt).toHaveLength(3)
    second()
    await clock.advance(0)
    expect(clock.sleepers).toBe(0)
    await clock.advance(3_600_000)
    expect(wire.sentAt).toHaveLength(3)
    expect(wire.open).toBe(0)
  })
})

test('a connection that closes ends every wait at once, with the reference', async () => {
  const clock = new ManualClock()
  const wire = new ScriptedWire(clock, () => working)
  const { driver, close } = drive(wire, clock, { created: working })
  const witnesses = [new Witness(), new Witness()]
  for (const witness of witnesses) witness.watch(driver)
  await clock.advance(100)
  close(new Error('the server went away'))
  for (const witness of witnesses)
    expect(witness.failed).toMatchObject([{ code: 'task_unreachable', reference: { taskId: 't1' } }])
  await clock.advance(0)
  expect(clock.sleepers).toBe(0)
  expect(wire.open).toBe(0)
})

describe('silence', () => {
  const seldom = stateOf('working', { pollIntervalMs: 60_000 })

  test('between two polls is none: a wait with a shorter idle limit goes on', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(clock, (poll) => (poll <= 3 ? seldom : stateOf('completed')))
    const { driver } = drive(wire, clock, { created: seldom })
    const waiting = awaitTask(driver, untilEnded, { idleTimeoutMs: 10_000 })
    await clock.advance(300_000)
    expect(await waiting).toMatchObject({ status: 'completed' })
  })

  test('of a poll that is not answered is one, from the moment that it was sent', async () => {
    const clock = new ManualClock()
    const wire = new ScriptedWire(
      clock,
      () => seldom,
      (poll) => (poll === 2 ? 1_000_000 : 0),
    )
    const { driver } = drive(wire, clock, { created: seldom })
    const waiting = awaitTask(driver, untilEnded, { idleTimeoutMs: 10_000 }).catch((error: unknown) => error)
    await clock.advance(129_000)
    expect(wire.sentAt).toHaveLength(2)
    await clock.advance(2000)
    expect(await waiting).toMatchObject({ code: 'wait_timeout', limit: 'idle' })
  })
})

test('who leaves and comes back at once is woken by news all the same', async () => {
  const clock = new ManualClock()
  const wire = new ScriptedWire(clock, (poll) => (poll === 1 ? stateOf('completed') : working))
  const { driver } = drive(wire, clock, { created: working })
  new Witness().watch(driver)()
  const witness = new Witness()
  witness.watch(driver)
  wire.sink.stale()
  await clock.advance(minPollIntervalMs)
  expect(witness.ended).toMatchObject([{ status: 'completed' }])
})

test('news that come while a poll is under way are polled for again', async () => {
  const clock = new ManualClock()
  const wire = new ScriptedWire(
    clock,
    (poll) => (poll === 1 ? working : stateOf('completed')),
    () => 1000,
  )
  const { driver } = drive(wire, clock, { created: working })
  const witness = new Witness()
  witness.watch(driver)
  await clock.advance(5500)
  wire.sink.stale()
  await clock.advance(2000)
  expect(wire.sentAt).toHaveLength(2)
  expect(witness.ended).toMatchObject([{ status: 'completed' }])
})

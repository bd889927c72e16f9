import { describe, expect, test } from 'vitest'
import { ManualClock } from '../testing.ts'
import { RunningTime } from './running-time.ts'

describe('the time of a body', () => {
  test('stands still while it waits, and waits may overlap', async () => {
    const clock = new ManualClock(0)
    const time = new RunningTime(clock)
    let overAt: number | undefined
    time.limit(100, () => {
      overAt = clock.now()
    })
    await clock.advance(60)
    const [first, second] = [pausing(time), pausing(time)]
    await clock.advance(1_000)
    await first()
    await clock.advance(1_000)
    await second()
    await clock.advance(39)
    expect(overAt).toBeUndefined()
    await clock.advance(1)
    expect(overAt).toBe(2_100)
  })

  test('is over for a body whose limit was taken back', async () => {
    const clock = new ManualClock(0)
    const time = new RunningTime(clock)
    const stop = time.limit(100, () => expect.unreachable())
    stop()
    await time.pause(async () => {})
    await clock.advance(1_000)
    expect(clock.sleepers).toBe(0)
  })

  test('starts with the limit, also when the body waits already', async () => {
    const clock = new ManualClock(0)
    const time = new RunningTime(clock)
    const go = pausing(time)
    let isOver = false
    time.limit(100, () => {
      isOver = true
    })
    await clock.advance(1_000)
    await go()
    await clock.advance(99)
    expect(isOver).toBe(false)
    await clock.advance(1)
    expect(isOver).toBe(true)
  })
})

/** Begins a wait; the returned function ends it. */
function pausing(time: RunningTime): () => Promise<void> {
  let end: (() => void) | undefined
  const paused = time.pause(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  return async () => {
    end?.()
    await paused
  }
}

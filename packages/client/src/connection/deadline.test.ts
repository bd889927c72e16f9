import { describe, expect, test, vi } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { readLimit, withDeadline, type GivenUp, type WaitLimits, type WaitPulse } from './deadline.ts'

class GaveUp extends Error {
  readonly why: GivenUp

  constructor(why: GivenUp) {
    super(why.kind)
    this.why = why
  }
}

/** A wait for something that the test settles. */
function wait(limits: WaitLimits, busy?: () => boolean) {
  const clock = new ManualClock(0)
  let pulse!: WaitPulse
  let finish!: (value: string) => void
  let fail!: (error: Error) => void
  const work = vi.fn<(given: WaitPulse) => Promise<string>>((given) => {
    pulse = given
    return new Promise((resolve, reject) => {
      finish = resolve
      fail = reject
    })
  })
  const done = withDeadline(limits, clock, (why) => new GaveUp(why), work, busy)
  const settled = done.catch((error: unknown) => error)
  return {
    clock,
    done,
    settled,
    work,
    pulse: () => pulse,
    finish: (v: string) => finish(v),
    fail: (e: Error) => fail(e),
  }
}

describe('a wait with a deadline', () => {
  test('gives what is waited for, and tells the work that the wait is over', async () => {
    const { finish, done, pulse, clock } = wait({ timeoutMs: 100, idleTimeoutMs: 100 })
    expect(pulse().signal.aborted).toBe(false)
    finish('here')
    expect(await done).toBe('here')
    expect(pulse().signal.aborted).toBe(true)
    await clock.advance(0)
    expect(clock.sleepers).toBe(0)
  })

  test('rejects with what the work rejects with', async () => {
    const { fail, settled, pulse } = wait({})
    fail(new Error('broken'))
    expect(await settled).toMatchObject({ message: 'broken' })
    expect(pulse().signal.aborted).toBe(true)
  })

  test('is given up when its time is up, however lively the work', async () => {
    const { clock, settled, pulse } = wait({ timeoutMs: 100, idleTimeoutMs: 60 })
    for (let passed = 0; passed < 100; passed += 25) {
      await clock.advance(25)
      pulse().alive()
    }
    expect(await settled).toMatchObject({ why: { kind: 'total', ms: 100 } })
    expect(clock.sleepers).toBe(0)
  })

  test('is given up after silence, counted from the last word', async () => {
    const { clock, settled, pulse } = wait({ idleTimeoutMs: 60 })
    const over = vi.fn<(end: unknown) => void>()
    void settled.then(over)
    await clock.advance(59)
    pulse().alive()
    await clock.advance(59)
    expect(over).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(await settled).toMatchObject({ why: { kind: 'idle', ms: 60 } })
  })

  test('silence does not count while somebody is asked', async () => {
    let busy = true
    const { clock, settled } = wait({ idleTimeoutMs: 60 }, () => busy)
    const over = vi.fn<(end: unknown) => void>()
    void settled.then(over)
    await clock.advance(600)
    busy = false
    await clock.advance(59)
    expect(over).not.toHaveBeenCalled()
    await clock.advance(60)
    expect(await settled).toMatchObject({ why: { kind: 'idle' } })
  })

  test('ends with its signal, also one that aborted before, when the work is not begun', async () => {
    const abort = new AbortController()
    const { settled } = wait({ signal: abort.signal })
    abort.abort('enough')
    expect(await settled).toMatchObject({ why: { kind: 'aborted', reason: 'enough' } })
    const late = wait({ signal: abort.signal })
    expect(await late.settled).toMatchObject({ why: { kind: 'aborted', reason: 'enough' } })
    expect(late.work).not.toHaveBeenCalled()
  })

  test.each([{}, { timeoutMs: Infinity, idleTimeoutMs: Infinity }])(
    'without limits has no end of its own: %o',
    async (limits) => {
      const { clock, finish, done } = wait(limits)
      await clock.advance(1e12)
      expect(clock.sleepers).toBe(0)
      finish('at last')
      expect(await done).toBe('at last')
    },
  )

  test('of no milliseconds gives up at once', async () => {
    const { clock, settled } = wait({ timeoutMs: 0 })
    await clock.advance(0)
    expect(await settled).toMatchObject({ why: { kind: 'total', ms: 0 } })
  })

  test.each([-1, Number.NaN, '100', null, {}])('with the limit %o is refused, and the limit named', async (ms) => {
    for (const option of ['timeoutMs', 'idleTimeoutMs']) {
      const { settled, work } = wait(
        option === 'timeoutMs' ? { timeoutMs: ms as number } : { idleTimeoutMs: ms as number },
      )
      expect(await settled).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(option) })
      expect(work).not.toHaveBeenCalled()
      expect(() => readLimit(option, ms as number)).toThrow('milliseconds, zero or more')
    }
  })
})

describe.each([
  ['forward', 8 * 3_600_000],
  ['back', -8 * 3_600_000],
])('a clock that is set %s by eight hours', (_, byMs) => {
  test.each([
    ['total', { timeoutMs: 1000 }],
    ['idle', { idleTimeoutMs: 1000 }],
  ] as const)('changes nothing about a wait with a limit (%s)', async (kind, limits) => {
    const { clock, settled, pulse } = wait(limits)
    await clock.advance(500)
    clock.set(clock.now() + byMs)
    let isOver = false
    void settled.then(() => {
      isOver = true
    })
    await clock.advance(499)
    expect(isOver).toBe(false)
    expect(pulse().signal.aborted).toBe(false)
    await clock.advance(1)
    expect(await settled).toMatchObject({ why: { kind, ms: 1000 } })
  })
})

test('a wait that slept through its limit, with its machine, listens once more before it is given up', async () => {
  let nowMs = 0
  const due: { readonly ms: number; readonly run: () => void }[] = []
  const clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: () => new Promise<void>(() => {}),
    after: (ms: number, run: () => void) => {
      due.push({ ms, run })
      return () => {}
    },
  }
  const given = withDeadline(
    { idleTimeoutMs: 1000 },
    clock,
    (why) => new GaveUp(why),
    () => new Promise(() => {}),
  )
  const ended = given.catch((error: unknown) => error)
  nowMs = 28_800_000
  due[0]?.run()
  expect(due[1]?.ms).toBe(1000)
  nowMs += 1000
  due[1]?.run()
  expect(await ended).toMatchObject({ why: { kind: 'idle', ms: 1000 } })
})

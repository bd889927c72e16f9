import { describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../testing.ts'
import { persistently } from './persistently.ts'

describe('writing persistently', () => {
  test('gives what the first write gives that succeeds', async () => {
    const clock = new ManualClock()
    let tries = 0
    const writing = persistently(
      async () => {
        if ((tries += 1) < 5) throw new Error('no disk')
        return tries
      },
      { clock, forMs: 1_000 },
    )
    await clock.advance(20 + 40 + 80 + 160)
    expect(await writing).toBe(5)
  })

  test('gives up after its time, as the last write did', async () => {
    const clock = new ManualClock()
    const start = clock.now()
    let tries = 0
    const fail = async () => {
      tries += 1
      throw new Error(`no disk at ${clock.now() - start}`)
    }
    const writing = persistently(fail, { clock, forMs: 10_000 }).catch((error: unknown) => error)
    await clock.advance(10_000)
    expect(await writing).toMatchObject({ message: expect.stringMatching(/^no disk at 9/) })
    expect(tries).toBeLessThan(20)
    expect(clock.sleepers).toBe(0)
  })

  test('stops when its signal aborts', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const reason = new Error('enough')
    const write = vi.fn<() => Promise<void>>().mockRejectedValue(new Error('no disk'))
    const writing = persistently(write, { clock, forMs: 10_000, signal: stop.signal })
    await clock.untilSleeping()
    stop.abort(reason)
    await expect(writing).rejects.toBe(reason)
    expect(write).toHaveBeenCalledOnce()
  })
})

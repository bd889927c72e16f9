import { describe, expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { gate } from '../../../../tests/support/answering.ts'
import { ResponseCache, ttlMsOf, type CacheMode } from './response-cache.ts'

/** A cache over something that answers with how often it was asked. */
function counting(ttlMs = 1000) {
  const clock = new ManualClock()
  const cache = new ResponseCache(clock)
  let asked = 0
  const ask = (mode: CacheMode = 'use', key = 'tools/list'): Promise<{ asked: number }> =>
    cache.through(
      key,
      mode,
      () => Promise.resolve({ asked: (asked += 1) }),
      () => ttlMs,
    )
  return { clock, cache, ask }
}

const numbers = async (...answers: Promise<{ asked: number }>[]): Promise<number[]> =>
  (await Promise.all(answers)).map(({ asked }) => asked)

describe('an answer', () => {
  test('is used again for as long as the server lets it, and not a moment longer', async () => {
    const { clock, ask } = counting(1000)
    expect(await numbers(ask())).toEqual([1])
    await clock.advance(999)
    expect(await numbers(ask())).toEqual([1])
    await clock.advance(1)
    expect(await numbers(ask())).toEqual([2])
  })

  test.each([0, -1, Number.NaN])('with a time of %s is not kept', async (ttlMs) => {
    const { ask } = counting(ttlMs)
    expect(await numbers(ask())).toEqual([1])
    expect(await numbers(ask())).toEqual([2])
  })

  test('is kept for a day at most, whatever the server says', async () => {
    const { clock, ask } = counting(Number.MAX_VALUE)
    await ask()
    await clock.advance(86_399_999)
    expect(await numbers(ask())).toEqual([1])
    await clock.advance(1)
    expect(await numbers(ask())).toEqual([2])
  })

  test('that is refreshed is asked for, and kept anew', async () => {
    const { ask } = counting()
    await ask()
    expect(await numbers(ask('refresh'))).toEqual([2])
    expect(await numbers(ask())).toEqual([2])
  })

  test('that bypasses is asked for, and leaves what is kept alone', async () => {
    const { ask } = counting()
    await ask()
    expect(await numbers(ask('bypass'))).toEqual([2])
    expect(await numbers(ask())).toEqual([1])
  })

  test('that bypasses is not kept', async () => {
    const { ask } = counting()
    await ask('bypass')
    expect(await numbers(ask())).toEqual([2])
  })

  test('that was evicted is asked for anew, and others are not', async () => {
    const { cache, ask } = counting()
    await ask('use', 'tools/list')
    await ask('use', 'prompts/list')
    cache.evict('tools/list')
    expect(await numbers(ask('use', 'prompts/list'))).toEqual([2])
    expect(await numbers(ask('use', 'tools/list'))).toEqual([3])
    cache.evict()
    expect(await numbers(ask('use', 'prompts/list'))).toEqual([4])
  })

  test('that was on its way while it was evicted is given, and not kept', async () => {
    const cache = new ResponseCache(new ManualClock())
    const answer = gate<string>()
    const old = cache.through(
      'k',
      'use',
      () => answer.opened,
      () => 1000,
    )
    cache.evict('k')
    answer.open('old')
    expect(await old).toBe('old')
    expect(
      await cache.through(
        'k',
        'use',
        () => Promise.resolve('new'),
        () => 1000,
      ),
    ).toBe('new')
  })

  test('that fails is nobody’s later', async () => {
    const cache = new ResponseCache(new ManualClock())
    const failing = cache.through(
      'k',
      'use',
      () => Promise.reject(new Error('down')),
      () => 1000,
    )
    await expect(failing).rejects.toThrow('down')
    expect(
      await cache.through(
        'k',
        'use',
        () => Promise.resolve('up'),
        () => 1000,
      ),
    ).toBe('up')
  })

  test('is given as a copy: what its receivers do to it is their own affair', async () => {
    const cache = new ResponseCache(new ManualClock())
    const ask = () =>
      cache.through(
        'k',
        'use',
        () => Promise.resolve({ tools: ['a'] }),
        () => 1000,
      )
    const [first, second] = [await ask(), await ask()]
    first.tools.push('mine')
    second.tools.push('mine, too')
    expect(await ask()).toEqual({ tools: ['a'] })
  })

  test('is one of five hundred at most, of which the oldest goes', async () => {
    const { ask } = counting()
    for (let at = 0; at < 501; at += 1) await ask('use', `resources/read memo:${at}`)
    expect(await numbers(ask('use', 'resources/read memo:500'))).toEqual([501])
    expect(await numbers(ask('use', 'resources/read memo:1'))).toEqual([2])
    expect(await numbers(ask('use', 'resources/read memo:0'))).toEqual([502])
  })

  describe('at length', () => {
    /** A cache of answers that are as many millions of characters long as is asked for, and what was asked for. */
    function ofMillions() {
      const cache = new ResponseCache(new ManualClock())
      const asked: number[] = []
      const ask = (millions: number): Promise<string> =>
        cache.through(
          String(millions),
          'use',
          () => {
            asked.push(millions)
            return Promise.resolve('x'.repeat(millions * 1_000_000))
          },
          () => 1000,
        )
      return { ask, asked }
    }

    test('is given, and not kept, where it alone is more than may be kept; others stay', async () => {
      const { ask, asked } = ofMillions()
      await ask(1)
      for (let round = 0; round < 2; round += 1) expect((await ask(16)).length).toBe(16_000_000)
      await ask(1)
      expect(asked).toEqual([1, 16, 16])
    })

    test('makes the oldest go until all together are no more than may be kept', async () => {
      const { ask, asked } = ofMillions()
      for (const millions of [6, 5, 3, 9]) await ask(millions)
      for (const millions of [3, 9]) await ask(millions)
      expect(asked).toEqual([6, 5, 3, 9])
      await ask(5)
      expect(asked).toEqual([6, 5, 3, 9, 5])
    })
  })
})

test.each([
  [{ ttlMs: 5 }, 5],
  [{ ttlMs: 0 }, 0],
  [{ ttlMs: -5 }, 0],
  [{ ttlMs: '5' }, 0],
  [{ ttlMs: null }, 0],
  [{}, 0],
])('the time that %j names is %i', (result, ms) => {
  expect(ttlMsOf(result)).toBe(ms)
})

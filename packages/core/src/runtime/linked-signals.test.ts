import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { linkSignals, orAbort } from './linked-signals.ts'

describe('linked signals', () => {
  test('abort with the first of the others, and its reason', () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const { signal } = linkSignals([one.signal, other.signal])
    expect(signal.aborted).toBe(false)
    const reason = new Error('enough')
    other.abort(reason)
    one.abort(new Error('later'))
    expect(signal.reason).toBe(reason)
  })

  test('are aborted at once where one of the others is', () => {
    const reason = new Error('before')
    expect(linkSignals([new AbortController().signal, AbortSignal.abort(reason)]).signal.reason).toBe(reason)
  })

  test('let go of the others', () => {
    const long = new AbortController()
    for (let count = 0; count < 100; count += 1) linkSignals([long.signal]).unlink()
    expect(getEventListeners(long.signal, 'abort')).toEqual([])
  })

  test('abort by themselves, and leave the others alone', () => {
    const other = new AbortController()
    const linked = linkSignals([other.signal])
    linked.abort(new Error('mine'))
    linked.unlink()
    expect([linked.signal.aborted, other.signal.aborted]).toEqual([true, false])
  })
})

describe('a promise or an abort', () => {
  test('is the promise when that comes first, and the listener is gone', async () => {
    const stop = new AbortController()
    expect(await orAbort(Promise.resolve(1), stop.signal)).toBe(1)
    await expect(orAbort(Promise.reject(new Error('no')), stop.signal)).rejects.toThrow('no')
    await Promise.resolve()
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  test("is the reason of the signal when that comes first, and what the promise does later is nobody's affair", async () => {
    const stop = new AbortController()
    let fail: ((why: Error) => void) | undefined
    const waiting = orAbort(
      new Promise((_resolve, reject) => {
        fail = reject
      }),
      stop.signal,
    )
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    fail?.(new Error('late'))
    await expect(orAbort(new Promise(() => {}), stop.signal)).rejects.toBe(reason)
  })
})

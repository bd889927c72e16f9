import { describe, expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { RequestError, RpcError } from '../errors/request-errors.ts'
import { untilAnswered } from './retry.ts'

const network = new RequestError('tasks/get', { kind: 'network' })
const malformed = new RequestError('tasks/get', { kind: 'malformed' })
const internal = new RpcError('tasks/get', { code: -32_603, message: 'oops' })
const refused = new RpcError('tasks/get', { code: -32_602, message: 'unknown' })

/** Sends until answered, where each try is answered by the script: with an error, or at its end with `done`. */
function send(script: readonly Error[], patienceMs?: number) {
  const clock = new ManualClock(0)
  const abort = new AbortController()
  const triedAt: number[] = []
  const outcome = untilAnswered(
    () => {
      triedAt.push(clock.now())
      const error = script[triedAt.length - 1]
      return error === undefined ? Promise.resolve('done') : Promise.reject(error)
    },
    { clock, signal: abort.signal, patienceMs },
  ).catch((error: unknown) => error)
  return { clock, abort, triedAt, outcome }
}

describe('a request that may be repeated', () => {
  test('is sent once when it is answered', async () => {
    const { outcome, triedAt } = send([])
    expect(await outcome).toBe('done')
    expect(triedAt).toEqual([0])
  })

  test('is sent again with growing pauses, for as long as what hinders it may pass', async () => {
    const { clock, outcome, triedAt } = send(Array.from({ length: 20 }, () => network))
    await clock.advance(3_600_000)
    expect(await outcome).toBe('done')
    const pauses = triedAt.slice(1).map((ms, index) => ms - (triedAt[index] ?? Number.NaN))
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(Math.min(500 * 2 ** index, 30_000))
      expect(pause).toBeLessThanOrEqual(33_000)
    }
  })

  test('keeps to the time that the server named', async () => {
    const busy = new RequestError('tasks/get', { kind: 'http', status: 429, retryAfterMs: 7000 })
    const { clock, outcome, triedAt } = send([busy])
    await clock.advance(10_000)
    expect(await outcome).toBe('done')
    expect(triedAt).toEqual([0, 7000])
  })

  test.each([refused, new Error('a bug'), new RequestError('x', { kind: 'closed' })])(
    'is given up at once for a reason that will not pass: %s',
    async (reason) => {
      const { outcome, triedAt } = send([reason])
      expect(await outcome).toBe(reason)
      expect(triedAt).toHaveLength(1)
    },
  )

  test.each([malformed, internal])('is given up after five suspicious failures more: %s', async (reason) => {
    const { clock, outcome, triedAt } = send(Array.from({ length: 20 }, () => reason))
    await clock.advance(3_600_000)
    expect(await outcome).toBe(reason)
    expect(triedAt).toHaveLength(6)
  })

  test('is given up when patience is over, with the last failure', async () => {
    const { clock, outcome, triedAt } = send(
      Array.from({ length: 20 }, () => network),
      5000,
    )
    await clock.advance(60_000)
    expect(await outcome).toBe(network)
    expect(Math.max(...triedAt)).toBeLessThan(5000)
    expect(triedAt.length).toBeGreaterThan(2)
    expect(clock.sleepers).toBe(0)
  })

  test('is given up in the pause when its signal aborts', async () => {
    const { clock, abort, outcome, triedAt } = send([network, network])
    await clock.untilSleeping()
    abort.abort(new Error('enough'))
    expect(await outcome).toMatchObject({ message: 'enough' })
    expect([triedAt.length, clock.sleepers]).toEqual([1, 0])
  })
})

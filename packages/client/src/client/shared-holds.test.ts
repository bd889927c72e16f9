import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SharedHolds } from './shared-holds.ts'

/** Something that is opened and closed when a test says so, and counts how often it was. */
class Door {
  opens = 0
  closes = 0
  /** How many are open at the same time, at most. */
  most = 0
  readonly waiting: {
    readonly finish: () => void
    readonly fail: (why: Error) => void
    readonly kind: 'open' | 'close'
  }[] = []
  readonly #heedsAbort: boolean
  readonly #over = new Set<number>()
  readonly holds = new SharedHolds<number>({
    open: (signal) => this.#open(signal),
    close: () => this.#close(),
    isOver: (held) => this.#over.has(held),
  })

  constructor({ heedsAbort = true } = {}) {
    this.#heedsAbort = heedsAbort
  }

  /** Lets the first that is under way come to its end, or fail where it is an opening. */
  next(how: 'finish' | 'fail' = 'finish'): void {
    const next = this.waiting.shift()
    if (next?.kind === 'open' && how === 'fail') next.fail(new Error('it does not open'))
    else next?.finish()
  }

  /** It ends by itself. */
  breaks(): void {
    const { held } = this.holds
    if (held !== undefined) this.#over.add(held)
  }

  #open(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        this.opens += 1
        this.most = Math.max(this.most, this.opens - this.closes)
        resolve(this.opens)
      }
      const entry = { kind: 'open', finish, fail: reject } as const
      this.waiting.push(entry)
      const leave = (): void => {
        const at = this.waiting.indexOf(entry)
        if (at >= 0) this.waiting.splice(at, 1)
        reject(signal.reason as Error)
      }
      if (this.#heedsAbort) signal.addEventListener('abort', leave)
    })
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        this.closes += 1
        resolve()
      }
      this.waiting.push({ kind: 'close', finish, fail: finish })
    })
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** What became of a promise, as far as it has come. */
function watch(promise: Promise<unknown>): { state: 'pending' | 'done' | Error } {
  const seen: { state: 'pending' | 'done' | Error } = { state: 'pending' }
  promise.then(
    () => (seen.state = 'done'),
    (error: Error) => (seen.state = error),
  )
  return seen
}

describe('what several hold', () => {
  test('is opened once for all who want it at the same time, and closed by the last of them', async () => {
    const door = new Door()
    const wanted = Promise.all([door.holds.acquire(), door.holds.acquire()])
    door.next()
    expect(await wanted).toEqual([1, 1])
    await door.holds.release({ force: false })
    expect([door.holds.held, door.closes]).toEqual([1, 0])
    const closing = door.holds.release({ force: false })
    expect(door.holds.held).toBeUndefined()
    door.next()
    await closing
    expect([door.opens, door.closes, door.holds.isClosed]).toEqual([1, 1, true])
  })

  test('is opened anew for who wants it while it is closed, and not before it is closed', async () => {
    const door = new Door()
    const first = door.holds.acquire()
    door.next()
    await first
    const closing = door.holds.release({ force: false })
    const again = door.holds.acquire()
    await settle()
    expect(door.waiting.map(({ kind }) => kind)).toEqual(['close'])
    door.next()
    await closing
    await settle()
    door.next()
    expect(await again).toBe(2)
  })

  test('that cannot be opened is everybody’s failure, who hold nothing then', async () => {
    const door = new Door()
    const [one, other] = [watch(door.holds.acquire()), watch(door.holds.acquire())]
    door.next('fail')
    await settle()
    expect([one.state, other.state]).toEqual([new Error('it does not open'), new Error('it does not open')])
    const later = Promise.all([door.holds.acquire(), door.holds.acquire()])
    door.next()
    await later
    await door.holds.release({ force: false })
    expect(door.holds.held).toBe(1)
  })

  test('is closed while it is opened, and the holds of those who waited are gone', async () => {
    const door = new Door()
    const waiter = watch(door.holds.acquire())
    await door.holds.release({ force: false })
    await settle()
    expect(waiter.state).toEqual(new Error('the client was closed'))
    const two = Promise.all([door.holds.acquire(), door.holds.acquire()])
    door.next()
    await two
    await door.holds.release({ force: false })
    expect(door.holds.held, 'one of two is left').toBe(1)
  })

  test('a waiter who gives up leaves the others their opening', async () => {
    const door = new Door()
    const abort = new AbortController()
    const leaving = watch(door.holds.acquire(abort.signal))
    const staying = door.holds.acquire()
    abort.abort(new Error('enough'))
    await settle()
    expect(leaving.state).toEqual(new Error('enough'))
    door.next()
    expect(await staying).toBe(1)
  })

  test('when the last waiter gives up, the opening is called off, and the next one opens anew', async () => {
    const door = new Door()
    const abort = new AbortController()
    const leaving = watch(door.holds.acquire(abort.signal))
    abort.abort(new Error('enough'))
    const next = door.holds.acquire()
    await settle()
    expect(leaving.state).toEqual(new Error('enough'))
    door.next()
    expect(await next).toBe(1)
    expect(door.holds.isClosed).toBe(false)
  })

  test('an opening that succeeds though it was called off is closed, and given to nobody', async () => {
    const door = new Door({ heedsAbort: false })
    const abort = new AbortController()
    const leaving = watch(door.holds.acquire(abort.signal))
    abort.abort(new Error('enough'))
    await settle()
    const next = door.holds.acquire()
    door.next()
    await settle()
    expect([leaving.state, door.opens, door.waiting[0]?.kind]).toEqual([new Error('enough'), 1, 'close'])
    door.next()
    await settle()
    door.next()
    expect(await next).toBe(2)
  })

  test('who waits for the closing and gives up opens nothing', async () => {
    const door = new Door()
    const first = door.holds.acquire()
    door.next()
    await first
    const closing = door.holds.release({ force: false })
    const abort = new AbortController()
    const waiter = watch(door.holds.acquire(abort.signal))
    abort.abort(new Error('enough'))
    await settle()
    door.next()
    await closing
    await settle()
    expect([waiter.state, door.waiting]).toEqual([new Error('enough'), []])
    expect(door.holds.isClosed).toBe(true)
  })

  test('a signal that aborted before takes no hold', async () => {
    const door = new Door()
    await expect(door.holds.acquire(AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
    expect(door.waiting).toEqual([])
  })

  test('what ended by itself is closed and opened anew for the next, and the one before keeps its hold', async () => {
    const door = new Door()
    const first = door.holds.acquire()
    door.next()
    await first
    door.breaks()
    const second = door.holds.acquire()
    door.next()
    await settle()
    door.next()
    expect(await second).toBe(2)
    await door.holds.release({ force: false })
    expect(door.holds.held).toBe(2)
  })

  test('force ends it for all, and what they release later changes nothing for who came after', async () => {
    const door = new Door()
    const both = Promise.all([door.holds.acquire(), door.holds.acquire()])
    door.next()
    await both
    const forced = door.holds.release({ force: true })
    door.next()
    await forced
    expect(door.holds.held).toBeUndefined()
    const later = door.holds.acquire()
    door.next()
    expect(await later).toBe(2)
  })

  test('whatever happens in whichever order: as many closings as openings, one open at a time, and nobody hangs', async () => {
    const steps = fc.oneof(
      { weight: 6, arbitrary: fc.constant('acquire' as const) },
      { weight: 5, arbitrary: fc.constant('release' as const) },
      { weight: 4, arbitrary: fc.constant('abort' as const) },
      { weight: 1, arbitrary: fc.constant('force' as const) },
      { weight: 6, arbitrary: fc.constant('finish' as const) },
      { weight: 2, arbitrary: fc.constant('fail' as const) },
      { weight: 1, arbitrary: fc.constant('break' as const) },
      { weight: 6, arbitrary: fc.constant('turn' as const) },
      { weight: 3, arbitrary: fc.constant('microtask' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(steps, { maxLength: 60 }), async (heedsAbort, story) => {
        const door = new Door({ heedsAbort })
        const pending: ReturnType<typeof watch>[] = []
        const aborts: AbortController[] = []
        for (const step of story) {
          switch (step) {
            case 'acquire': {
              const abort = new AbortController()
              aborts.push(abort)
              pending.push(watch(door.holds.acquire(abort.signal)))
              break
            }
            case 'release':
            case 'force':
              pending.push(watch(door.holds.release({ force: step === 'force' })))
              break
            case 'abort':
              aborts.shift()?.abort(new Error('enough'))
              break
            case 'finish':
            case 'fail':
              door.next(step)
              break
            case 'break':
              door.breaks()
              break
            case 'turn':
              await settle()
              break
            case 'microtask':
              await Promise.resolve()
          }
        }
        pending.push(watch(door.holds.release({ force: true })))
        for (let turn = 0; turn < 10; turn += 1) {
          while (door.waiting.length > 0) door.next()
          await settle()
        }
        expect(pending.filter(({ state }) => state === 'pending')).toEqual([])
        expect(door.opens).toBe(door.closes)
        expect(door.most).toBeLessThanOrEqual(1)
        expect(door.holds.held).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })

  test('balanced holders keep it open for as long as one of them holds it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (story) => {
        const door = new Door()
        let held = 0
        for (const takes of story) {
          if (takes) {
            const taken = door.holds.acquire()
            while (door.waiting.length > 0) door.next()
            await taken
            held += 1
          } else if (held > 0) {
            held -= 1
            const released = door.holds.release({ force: false })
            while (door.waiting.length > 0) door.next()
            await released
          }
          expect(door.holds.held !== undefined).toBe(held > 0)
        }
      }),
    )
  })
})

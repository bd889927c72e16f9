import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '@longcall/core/testing'
import { streamEnded } from './sdk-client.ts'
import type { RawReply, RawRequest } from './sdk-hooks.ts'
import { Subscription } from './subscription.ts'

/** A `subscriptions/listen` that the client has sent. */
interface Listen {
  readonly at: number
  readonly ids: readonly string[]
  readonly filter: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
  acknowledge(taskIds?: readonly string[]): void
  /** Acknowledges all that it asks for. */
  honor(): void
  end(error?: Error): void
  /** Answers it with a JSON-RPC error. */
  refuse(code: number): void
}

function setUp(onListen: (listen: Listen, nth: number) => void): {
  clock: ManualClock
  subscription: Subscription
  listens: Listen[]
} {
  const clock = new ManualClock()
  const listens: Listen[] = []
  const subscription = new Subscription({
    clock,
    dispatch: (request: RawRequest, signal, sent) =>
      new Promise<RawReply>((resolve, reject) => {
        const id = `longcall:${listens.length + 1}`
        const filter = request.params?.['notifications'] as { readonly taskIds: readonly string[] }
        const listen: Listen = {
          at: clock.now(),
          ids: filter.taskIds,
          filter,
          signal,
          acknowledge: (taskIds = filter.taskIds) => subscription.acknowledge(id, { taskIds }),
          honor: () => subscription.acknowledge(id, filter),
          end: (error = streamEnded) => reject(error),
          refuse: (code) => resolve({ kind: 'error', error: { code, message: 'no such luck' } }),
        }
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        sent(id)
        listens.push(listen)
        onListen(listen, listens.length)
      }),
  })
  close = () => subscription.close()
  return { clock, subscription, listens }
}

let close = (): void => {}
afterEach(() => close())

function pauses(listens: readonly Listen[]): number[] {
  return listens.slice(1).map(({ at }, index) => at - listens.at(index)!.at)
}

function refusal(status: number, retryAfterMs?: number): Error {
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, 'busy', {
    status,
    statusText: 'busy',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

describe('a subscription to tasks', () => {
  test('is one stream for all ids that come in one go, and closed when the last one leaves', async () => {
    const { clock, subscription, listens } = setUp((listen) => listen.acknowledge())
    const heard: string[] = []
    const leave = ['a', 'b', 'c'].map((id) => subscription.add({ kind: 'task', id }, () => void heard.push(id)))
    await clock.advance(1000)
    expect(listens.map(({ ids }) => ids)).toEqual([['a', 'b', 'c']])
    expect(heard).toEqual(['a', 'b', 'c'])
    for (const each of leave) each()
    await clock.advance(1000)
    expect(listens.at(0)!.signal.aborted).toBe(true)
    expect(clock.sleepers).toBe(0)
  })

  test('opens the new stream before it leaves the old one, and tells only those who are new', async () => {
    const { clock, subscription, listens } = setUp((listen, nth) => {
      if (nth === 2) expect(listens.at(0)!.signal.aborted).toBe(false)
      listen.acknowledge()
    })
    const heard: string[] = []
    subscription.add({ kind: 'task', id: 'a' }, () => void heard.push('a'))
    await clock.advance(1000)
    subscription.add({ kind: 'task', id: 'b' }, () => void heard.push('b'))
    await clock.advance(1000)
    expect(listens.map(({ ids }) => ids)).toEqual([['a'], ['a', 'b']])
    expect(listens.at(0)!.signal.aborted).toBe(true)
    expect(heard).toEqual(['a', 'b'])
  })

  test('that ends is opened again, and what may have been missed is told', async () => {
    const { clock, subscription, listens } = setUp((listen) => listen.acknowledge())
    let heard = 0
    subscription.add({ kind: 'task', id: 'a' }, () => void (heard += 1))
    await clock.advance(120_000)
    listens.at(0)!.end()
    await clock.advance(30_000)
    expect(listens).toHaveLength(2)
    expect(heard).toBe(2)
  })

  test.each([
    ['cannot be opened', (listen: Listen) => listen.end(refusal(503))],
    [
      'ends as soon as it is open',
      (listen: Listen) => {
        listen.acknowledge()
        listen.end()
      },
    ],
  ])('that %s is tried again with growing pauses', async (_what, hurt) => {
    const { clock, subscription, listens } = setUp(hurt)
    subscription.add({ kind: 'task', id: 'a' }, () => {})
    await clock.advance(600_000)
    expect(pauses(listens).length).toBeGreaterThan(5)
    for (const [index, pause] of pauses(listens).entries())
      expect(pause).toBeGreaterThanOrEqual(Math.min(1000 * 2 ** index, 30_000))
  })

  test('keeps the stream that it has, and waits, while a wider one cannot be opened', async () => {
    const { clock, subscription, listens } = setUp((listen, nth) =>
      nth === 1 || nth > 6 ? listen.acknowledge() : listen.end(refusal(503)),
    )
    subscription.add({ kind: 'task', id: 'a' }, () => {})
    await clock.advance(1000)
    subscription.add({ kind: 'task', id: 'b' }, () => {})
    await clock.advance(16_000)
    // At once, and after 1, 2, 4 and 8 seconds.
    expect(listens).toHaveLength(6)
    expect(listens.at(0)!.signal.aborted).toBe(false)
    await clock.advance(16_000)
    expect(listens).toHaveLength(7)
    expect(listens.at(0)!.signal.aborted).toBe(true)
  })

  test('keeps to the time that the server asked for', async () => {
    const { clock, subscription, listens } = setUp((listen, nth) =>
      nth === 1 ? listen.end(refusal(429, 45_000)) : listen.acknowledge(),
    )
    subscription.add({ kind: 'task', id: 'a' }, () => {})
    await clock.advance(60_000)
    expect(pauses(listens)).toHaveLength(1)
    expect(pauses(listens)[0]).toBeGreaterThanOrEqual(45_000)
  })

  test('forgets old trouble once a stream has lasted, whoever ended it', async () => {
    const { clock, subscription, listens } = setUp((listen, nth) =>
      nth <= 4 ? listen.end(refusal(503)) : listen.acknowledge(),
    )
    const leave = subscription.add({ kind: 'task', id: 'a' }, () => {})
    await clock.advance(3_600_000)
    expect(listens).toHaveLength(5)
    leave()
    await clock.advance(1000)
    subscription.add({ kind: 'task', id: 'b' }, () => {})
    await clock.advance(1000)
    expect(listens).toHaveLength(6)
  })

  test('is given up for good where the server does not know it', async () => {
    const { clock, subscription, listens } = setUp((listen) => listen.end(refusal(404)))
    subscription.add({ kind: 'task', id: 'a' }, () => {})
    await clock.advance(600_000)
    subscription.add({ kind: 'task', id: 'b' }, () => {})
    await clock.advance(600_000)
    expect(listens).toHaveLength(1)
  })

  test('goes on for other tasks when the server does not know one', async () => {
    const { clock, subscription, listens } = setUp((listen) =>
      listen.acknowledge(listen.ids.filter((id) => id !== 'x')),
    )
    subscription.add({ kind: 'task', id: 'x' }, () => {})
    await clock.advance(1000)
    subscription.add({ kind: 'task', id: 'a' }, () => {})
    await clock.advance(1000)
    expect(listens.map(({ ids }) => ids)).toEqual([['x'], ['x', 'a']])
  })
})

describe('a subscription that is answered with an error', () => {
  const one = { kind: 'resource', uri: 'memo:one' } as const
  const two = { kind: 'resource', uri: 'memo:two' } as const

  test.each([-32_603, -32_000])(
    'of the server (%i) is tried again with growing pauses, and nobody is told',
    async (code) => {
      const { clock, subscription, listens } = setUp((listen, nth) => (nth <= 4 ? listen.refuse(code) : listen.honor()))
      const said: string[] = []
      subscription.add(
        one,
        () => void said.push('heard'),
        () => void said.push('refused'),
      )
      await clock.advance(600_000)
      expect(pauses(listens)).toHaveLength(4)
      for (const [index, pause] of pauses(listens).entries()) expect(pause).toBeGreaterThanOrEqual(1000 * 2 ** index)
      expect(said).toEqual(['heard'])
    },
  )

  test('of a method that is not known is given up for all its kinds, until another line is open', async () => {
    let isKnown = false
    const { clock, subscription, listens } = setUp((listen) => (isKnown ? listen.honor() : listen.refuse(-32_601)))
    const said: unknown[] = []
    const listenTo = (topic: Parameters<typeof subscription.add>[0]): void => {
      subscription.add(
        topic,
        () => void said.push([topic.kind, 'heard']),
        (error) => void said.push([topic.kind, error]),
      )
    }
    listenTo(one)
    listenTo({ kind: 'tools' })
    await clock.advance(600_000)
    expect(said).toEqual([
      ['resource', undefined],
      ['tools', undefined],
    ])
    listenTo(two)
    await clock.advance(600_000)
    expect(said.slice(2)).toEqual([['resource', undefined]])
    expect(listens).toHaveLength(1)
    isKnown = true
    subscription.reset()
    await clock.advance(600_000)
    expect(listens.slice(1).map(({ filter }) => filter)).toEqual([
      { resourceSubscriptions: ['memo:one', 'memo:two'], toolsListChanged: true },
    ])
    expect(said.slice(3)).toEqual([
      ['resource', 'heard'],
      ['tools', 'heard'],
      ['resource', 'heard'],
    ])
  })

  test('of any other kind is about the topics that were new: they are told it, and the stream that is open stays', async () => {
    const isBad = ({ filter }: Listen): boolean => (filter['resourceSubscriptions'] as string[]).includes('memo:bad')
    const { clock, subscription, listens } = setUp((listen) =>
      isBad(listen) ? listen.refuse(-32_602) : listen.honor(),
    )
    const said: unknown[] = []
    const listenTo = (uri: string): void => {
      subscription.add(
        { kind: 'resource', uri },
        () => void said.push([uri, 'heard']),
        (error) => void said.push([uri, error?.rpcCode]),
      )
    }
    listenTo('memo:one')
    await clock.advance(1000)
    listenTo('memo:bad')
    await clock.advance(600_000)
    expect(said).toEqual([
      ['memo:one', 'heard'],
      ['memo:bad', -32_602],
    ])
    expect(listens).toHaveLength(2)
    expect(listens.at(0)!.signal.aborted).toBe(false)
    listenTo('memo:two')
    await clock.advance(600_000)
    expect(listens.slice(2).map(({ filter }) => filter)).toEqual([{ resourceSubscriptions: ['memo:one', 'memo:two'] }])
    expect(said.slice(2)).toEqual([['memo:two', 'heard']])
    expect(listens.at(0)!.signal.aborted).toBe(true)
  })
})

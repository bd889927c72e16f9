import { expect, test } from 'vitest'
import { HintHub } from './hint-hub.ts'

test('whoever stopped watching during a hint is not told by it', async () => {
  const hub = new HintHub()
  let stopSecond: (() => void) | undefined
  const told: string[] = []
  hub.watch('t1', () => {
    told.push('first')
    stopSecond?.()
  })
  stopSecond = hub.watch('t1', () => void told.push('second'))
  hub.send('t1')
  await Promise.resolve()
  expect(told).toEqual(['first'])
})

test('a hint comes after the call that sent it, and to watchers of its task only', async () => {
  const hub = new HintHub()
  const told: string[] = []
  hub.watch('t1', () => void told.push('t1'))
  hub.watch('t2', () => void told.push('t2'))
  hub.send('t1')
  expect(told).toEqual([])
  await Promise.resolve()
  expect(told).toEqual(['t1'])
})

test('nobody is told any more after everybody was forgotten', async () => {
  const hub = new HintHub()
  const told: string[] = []
  const stop = hub.watch('t1', () => void told.push('t1'))
  hub.clear()
  hub.send('t1')
  stop()
  await Promise.resolve()
  expect(told).toEqual([])
})

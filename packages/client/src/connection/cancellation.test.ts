import { expect, test } from 'vitest'
import { Cancellation } from './cancellation.ts'

test('whoever listens is told once, in the order in which they came, and sees why', () => {
  const cancellation = new Cancellation()
  const told: unknown[] = []
  cancellation.addEventListener('abort', () => told.push(['first', cancellation.aborted, cancellation.reason]))
  cancellation.addEventListener('abort', () => told.push(['second', cancellation.aborted, cancellation.reason]))
  expect(cancellation.aborted).toBe(false)
  cancellation.abort('too late')
  cancellation.abort('later still')
  expect(told).toEqual([
    ['first', true, 'too late'],
    ['second', true, 'too late'],
  ])
})

test('whoever stopped listening is not told, nor is who came when it was over', () => {
  const cancellation = new Cancellation()
  const told: string[] = []
  const left = (): void => void told.push('left')
  cancellation.addEventListener('abort', left)
  cancellation.removeEventListener('abort', left)
  cancellation.abort('over')
  cancellation.addEventListener('abort', () => told.push('late'))
  cancellation.abort('again')
  expect(told).toEqual([])
})

test('a listener may leave, or let another leave, while it is told', () => {
  const cancellation = new Cancellation()
  const told: string[] = []
  const first = (): void => {
    told.push('first')
    cancellation.removeEventListener('abort', first)
  }
  cancellation.addEventListener('abort', first)
  cancellation.addEventListener('abort', () => told.push('second'))
  cancellation.abort('over')
  expect(told).toEqual(['first', 'second'])
})

test('its signal of the platform aborts with it, for the same reason, whichever came first', () => {
  const [before, after] = [new Cancellation(), new Cancellation()]
  const signal = before.signal
  expect(signal.aborted).toBe(false)
  const reason = new Error('enough')
  before.abort(reason)
  after.abort(reason)
  expect(signal.reason).toBe(reason)
  expect(after.signal.reason).toBe(reason)
  expect(before.signal).toBe(signal)
})

import { ManualClock } from '@longcall/core/testing'
import { expect, test } from 'vitest'
import { ByteBudget } from './byte-budget.ts'

const mib = 1024 * 1024
const tooMuch = expect.objectContaining({ rpcError: expect.objectContaining({ code: -32_603 }) })

test('a share is free again when its time is over', async () => {
  const clock = new ManualClock()
  const budget = new ByteBudget(clock, 1000)
  budget.take(40 * mib)
  await clock.advance(500)
  budget.take(20 * mib)
  expect(() => budget.take(20 * mib)).toThrow(tooMuch)
  await clock.advance(500)
  budget.take(20 * mib)
  expect(() => budget.take(40 * mib)).toThrow(tooMuch)
})

test('a share that is given back is free at once, and once only', () => {
  const budget = new ByteBudget(new ManualClock(), 1000)
  const giveBack = budget.take(60 * mib)
  budget.take(2 * mib)
  giveBack()
  giveBack()
  budget.take(60 * mib)
  expect(() => budget.take(4 * mib)).toThrow(tooMuch)
})

test('tasks that say next to nothing are bounded, too', () => {
  const budget = new ByteBudget(new ManualClock(), 1000)
  let taken = 0
  const takeAll = (): never => {
    for (; ; taken += 1) budget.take(0)
  }
  expect(takeAll).toThrow(tooMuch)
  expect(taken).toBe(32_768)
})

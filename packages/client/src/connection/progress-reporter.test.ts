import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskSnapshot } from '@longcall/core'
import type { CallProgress } from '../handlers/message-handlers.ts'
import { ProgressReporter } from './progress-reporter.ts'

const at = '2026-01-01T00:00:00.000Z'

function said(statusMessage?: string): TaskSnapshot {
  const task = { id: 't1', status: 'working', createdAt: at, lastUpdatedAt: at, ttlMs: null } as const
  return { ...task, ...(statusMessage !== undefined && { statusMessage }) }
}

function setUp() {
  const seen: CallProgress[] = []
  const reported: unknown[] = []
  const reporter = new ProgressReporter(
    (progress) => void seen.push(progress),
    (error) => reported.push(error),
  )
  return { seen, reported, reporter }
}

describe('the progress of a call', () => {
  test('never decreases', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double({ noNaN: true }), fc.string())), (reports) => {
        const { seen, reporter } = setUp()
        for (const report of reports) {
          if (typeof report === 'string') reporter.status(said(report))
          else reporter.progress({ progress: report })
        }
        const steps = seen.map(({ progress }) => progress)
        expect(steps).toEqual(steps.toSorted((a, b) => a - b))
      }),
    )
  })

  test('and the status messages of its task come in one stream', () => {
    const { seen, reporter } = setUp()
    reporter.progress({ progress: 1, total: 4, message: 'one' })
    reporter.status(said('thinking'))
    reporter.progress({ progress: 2, total: 4 })
    expect(seen).toEqual([
      { progress: 1, total: 4, message: 'one' },
      { progress: 1, total: 4, message: 'thinking' },
      { progress: 2, total: 4 },
    ])
  })

  test('is not told twice of one message, nor of none', () => {
    const { seen, reporter } = setUp()
    reporter.status(said())
    reporter.status(said('half'))
    reporter.status(said('half'))
    reporter.status(said())
    expect(seen).toEqual([{ progress: 0, message: 'half' }])
  })

  test('leaves out what is no number or text', () => {
    const { seen, reporter } = setUp()
    reporter.progress({ progress: 1, total: 'many', message: 7 } as never)
    expect(seen).toEqual([{ progress: 1 }])
  })

  const fault = new Error('in the callback')
  const callbacks: Record<string, unknown> = {
    throws: () => {
      throw fault
    },
    rejects: async () => {
      throw fault
    },
  }
  test.each(Object.keys(callbacks))('is not harmed by a callback that %s, which is reported', async (how) => {
    const reported: unknown[] = []
    const reporter = new ProgressReporter(callbacks[how] as () => void, (each) => reported.push(each))
    reporter.progress({ progress: 1 })
    reporter.status(said('half'))
    await expect.poll(() => reported).toEqual([fault, fault])
  })

  test('goes nowhere without a callback', () => {
    const reported: unknown[] = []
    const reporter = new ProgressReporter(undefined, (error) => reported.push(error))
    reporter.progress({ progress: 1 })
    expect(reported).toEqual([])
  })
})

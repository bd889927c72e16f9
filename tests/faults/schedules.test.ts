import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, type Generation } from '@longcall/client'
import { rules } from '../support/fault-arbitraries.ts'
import { generations, openLab, startServer, type HttpRule, type Lab, type ServerProcess } from '../support/fault-lab.ts'
import {
  Audience,
  errands,
  expectTheTruth,
  run,
  schedule,
  type Errand,
  type Outcome,
} from '../support/fault-schedules.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

interface Schedule {
  readonly errands: readonly Errand[]
  readonly rules: readonly HttpRule[]
  /** When every connection is cut, each so many milliseconds after the one before. */
  readonly cuts: readonly number[]
}

function schedules(generation: Generation): fc.Arbitrary<Schedule> {
  return fc.record({
    errands,
    rules: fc.array(rules(generation), { maxLength: 5 }),
    cuts: fc.array(fc.integer({ min: 20, max: 500 }), { maxLength: 2 }),
  })
}

async function walk(generation: Generation, plan: Schedule, witness: Client): Promise<void> {
  const lab = await openLab(server.url, generation)
  try {
    const audience = new Audience()
    const client = await lab.connect({ ...audience.handlers, requestTimeoutMs: 1000 })
    await client.listTools()
    lab.proxy.setRules([...plan.rules])
    const startedAt = Date.now()
    const [outcomes] = await Promise.all([run(client, plan.errands, 120_000), cut(lab, plan.cuts)])
    const elapsedMs = Date.now() - startedAt
    // The dual server knows its tasks in every session.
    await expectTheTruth(outcomes, audience, {
      status: async (taskId) => (await witness.tasks.get(taskId)).status,
      result: (taskId) => witness.tasks.result(taskId),
    })
    expectNoMoreThanNeeded(lab, outcomes, elapsedMs, plan)
  } finally {
    await lab.close()
  }
}

async function cut({ proxy }: Lab, cuts: readonly number[]): Promise<void> {
  for (const ms of cuts) {
    await sleep(ms)
    proxy.dropConnections()
  }
}

/** Requests may only be repeated because something happened to one, or because time passed. */
function expectNoMoreThanNeeded(
  { proxy }: Lab,
  outcomes: readonly Outcome[],
  elapsedMs: number,
  { cuts, errands: { length: errandCount } }: Schedule,
): void {
  const troubles = proxy.log.filter(({ fault }) => fault !== undefined).length + cuts.length
  const sent = (method: string, taskId: string): number =>
    proxy.log.filter(
      ({ direction, method: of, message }) =>
        direction === 'request' && of === method && message?.params?.taskId === taskId,
    ).length
  for (const { task, errand } of outcomes) {
    if (task === undefined) continue
    const name = `${errand.tool} ${task.id}`
    // No closer than a tenth of a second, whatever happens; a cancel looks once more by itself, and anew after trouble.
    const looks = errand.tool === 'hang' ? 1 + troubles : 0
    expect(sent('tasks/get', task.id), `polls of ${name}`).toBeLessThanOrEqual(elapsedMs / 100 + 2 + looks)
    expect(sent('tasks/cancel', task.id)).toBeLessThanOrEqual(1 + troubles)
    // One that is held while the task asks, one after the end, and one more for each that was lost.
    expect(sent('tasks/result', task.id), `results of ${name}`).toBeLessThanOrEqual(2 + troubles)
    // Two questions at most, and a reminder every five seconds.
    expect(sent('tasks/update', task.id)).toBeLessThanOrEqual(2 * (1 + troubles) + elapsedMs / 5000)
  }
  // One for each set of ids, and one for each that was lost.
  const listens = proxy.log.filter(
    ({ method, direction }) => method === 'subscriptions/listen' && direction === 'request',
  )
  expect(listens.length, 'subscriptions').toBeLessThanOrEqual(1 + errandCount + troubles)
}

describe.each(generations)('whatever goes wrong between a client and a %s server', (generation) => {
  let witness: Client
  beforeAll(async () => {
    witness = await Client.connect(server.url, { era: generation === '2025-11-25' ? 'legacy' : generation })
  })
  afterAll(() => witness.close())

  test(
    'each task ends as it did there, no question is put twice, and nothing is asked more often than needed',
    { timeout: 7_200_000 },
    async () => {
      expect(witness.isConnected).toBe(true)
      await fc.assert(
        fc.asyncProperty(schedules(generation), (plan) => walk(generation, plan, witness)),
        schedule(20),
      )
    },
  )
})

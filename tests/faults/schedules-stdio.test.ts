import type { SdkClient } from '../../packages/client/src/connection/sdk-client.ts'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { Client, type Generation } from '@longcall/client'
import { generations } from '../support/fault-lab.ts'
import { Audience, errands, expectTheTruth, run, schedule, type Errand } from '../support/fault-schedules.ts'
import { hurtPipe, pipeOptions, type PipeRule } from '../support/fault-stdio.ts'

interface Schedule {
  readonly errands: readonly Errand[]
  readonly rules: readonly PipeRule[]
}

/** What may be lost: requests that are repeated, their answers, and pushes. A pipe loses nothing of its own. */
const loseable: Readonly<Record<Generation, readonly string[]>> = {
  '2025-11-25': ['tasks/get', 'tasks/cancel', 'notifications/tasks/status'],
  '2026-07-28': ['tasks/get', 'tasks/cancel', 'tasks/update', 'notifications/tasks'],
}
const sentOnce: Readonly<Record<Generation, readonly string[]>> = {
  '2025-11-25': ['tools/call', 'tasks/result', 'elicitation/create', 'sampling/createMessage', 'response'],
  '2026-07-28': ['tools/call', 'subscriptions/listen', 'notifications/subscriptions/acknowledged'],
}
const losses: readonly PipeRule['fault'][] = ['drop', 'truncate']
const noises: readonly PipeRule['fault'][] = ['delay', 'duplicate', 'reorder', 'garbage']

function rules(generation: Generation): fc.Arbitrary<PipeRule> {
  const rule = (
    methods: readonly string[],
    faults: readonly PipeRule['fault'][],
    last: number,
  ): fc.Arbitrary<PipeRule> =>
    fc
      .tuple(
        fc.constantFrom(...methods),
        fc.constantFrom('request' as const, 'response' as const),
        fc.integer({ min: 1, max: last }),
        fc.constantFrom(...faults),
        fc.integer({ min: 1, max: 200 }),
      )
      .map(([method, direction, nth, fault, ms]) => ({ match: { method, direction, nth }, fault, ms }))
  return fc.oneof(
    rule(loseable[generation], [...losses, ...noises], 6),
    // A copy of a call would be another task, and of a question another answer: these are only late, or among noise.
    rule(sentOnce[generation], ['delay', 'reorder', 'garbage'], 4),
  )
}

/** Asks the server past all that the client knows, as often as trouble that is left makes it. */
async function ask(client: Client, taskId: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      const reply = await (client.sdk as SdkClient).dispatch(
        { method: 'tasks/get', params: { taskId } },
        AbortSignal.timeout(1000),
      )
      return reply.kind === 'result' ? String((reply.result as { status?: unknown }).status) : reply.error.message
    } catch (error) {
      if (tries > 10) throw error
    }
  }
}

async function walk(generation: Generation, { errands: list, rules: trouble }: Schedule): Promise<void> {
  const audience = new Audience()
  const client = await Client.connect(hurtPipe(trouble), { ...pipeOptions(generation), ...audience.handlers })
  try {
    await expectTheTruth(await run(client, list, 120_000), audience, { status: (taskId) => ask(client, taskId) })
  } finally {
    await client.close()
  }
}

describe.each(generations)('whatever happens to the lines of a pipe (%s)', (generation) => {
  test('each task ends as it did on the server, and no question is put twice', { timeout: 7_200_000 }, async () => {
    const schedules = fc.tuple(errands, fc.array(rules(generation), { maxLength: 5 }))
    await fc.assert(
      fc.asyncProperty(schedules, ([list, trouble]) => walk(generation, { errands: list, rules: trouble })),
      schedule(4),
    )
  })
})

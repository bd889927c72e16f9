import { expect, test } from 'vitest'
import { everyDeath } from './deaths.ts'
import { expectNoHarm } from './expect-no-harm.ts'
import { randomFrom } from './random.ts'

const seed = Number(process.env['LONGCALL_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test(
  'killed at any named point, a server loses no task, changes no outcome, repeats no stored step and asks nobody twice',
  { timeout: 300_000 },
  async () => {
    const report = await expectNoHarm({
      seed,
      deaths: everyDeath(randomFrom(seed)),
      servers: 1,
      inFlight: 100,
      leaseMs: 1_000,
      concurrency: 64,
      patience: 1_000,
      retries: 3,
    })
    expect(report.missed, 'points that no process came to').toEqual([])
  },
)

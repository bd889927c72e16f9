/** The long form: processes that die at random, as many as `LONGCALL_KILLS` says. `npm run chaos` kills a thousand. */
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { randomDeaths } from './deaths.ts'
import { expectNoHarm } from './expect-no-harm.ts'
import { randomFrom } from './random.ts'

const wanted = Number(process.env['LONGCALL_KILLS'] ?? 0)
const firstSeed = Number(process.env['LONGCALL_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** How many die on one file. */
const onOneFile = 25
const seeds = Array.from({ length: Math.ceil(wanted / onOneFile) }, (_, index) => firstSeed + index)

describe.runIf(wanted > 0)(`${wanted} processes that are killed`, () => {
  let kills = 0

  test.each(seeds)('seed %i', { timeout: 600_000 }, async (seed) => {
    const random = randomFrom(seed)
    const servers = random.pick([1, 1, 2])
    const report = await expectNoHarm({
      seed,
      deaths: randomDeaths(onOneFile, random),
      servers,
      inFlight: 100,
      // Where another process may take a task, one that is busy for a moment must not lose it.
      leaseMs: servers === 1 ? 1_000 : 6_000,
      concurrency: random.pick([8, 64]),
      encryptionKey: random.chance(0.3) ? randomBytes(32).toString('hex') : undefined,
      patience: 600,
      retries: 0,
    })
    kills += report.kills
  })

  test('as many as were wanted', () => {
    console.log(`${kills} processes were killed.`)
    expect(kills).toBeGreaterThanOrEqual(wanted)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, test } from 'vitest'
import { anyCall } from './calls.ts'
import { Crew, type Death } from './crew.ts'
import { Story, type Step } from './story.ts'

const crew = new Crew(3)
afterAll(() => crew.dismiss())

// So that what fails is printed as it is written.
const plain = { noNullPrototype: true }
const who = fc.nat(2)
const time = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 25, 50, 50, 100, 400) }),
  fc.record({ kind: fc.constant('turn back' as const), ms: fc.constantFrom(1, 25, 50) }),
)
const changeOfCrew = fc.record({ kind: fc.constantFrom('kill' as const, 'reopen' as const), who })
const death: fc.Arbitrary<Death> = fc.oneof(
  fc.constant('unheard' as const),
  fc.record({ afterMs: fc.nat(20).map((tenths) => tenths / 10) }, plain),
)

/** Calls of `tasks` tasks, so many at once, amid passing time and dying processes. */
function steps(tasks: number, atOnce: { readonly min: number; readonly max: number }): fc.Arbitrary<readonly Step[]> {
  const draw = fc.tuple(who, anyCall(tasks)).map(([by, drawn]) => ({ who: by, ...drawn }))
  const mixed = fc.array(draw, { minLength: atOnce.min, maxLength: atOnce.max })
  // Who does the same at once is most likely to be in each other's way.
  const alike = mixed.map((draws) => draws.map((each) => ({ ...each, method: draws[0]!.method })))
  const calls = fc.oneof({ weight: 2, arbitrary: mixed }, { weight: 1, arbitrary: alike })
  const kind = fc.constant('calls' as const)
  return fc.array(
    fc.oneof(
      { weight: 60, arbitrary: fc.record({ kind, calls }, plain) },
      { weight: 2, arbitrary: fc.record({ kind, calls, death }, plain) },
      { weight: 18, arbitrary: time },
      { weight: 1, arbitrary: changeOfCrew },
    ),
    { minLength: 30, maxLength: 60, size: 'max' },
  )
}

const key = new Uint8Array(32).fill(7)

/** Stories of so many tasks, and of so many calls at once. */
function stories(
  tasks: number,
  atOnce: { readonly min: number; readonly max: number },
): fc.IAsyncPropertyWithHooks<unknown> {
  return fc.asyncProperty(steps(tasks, atOnce), fc.boolean(), async (all, isEncrypted) => {
    const folder = await mkdtemp(join(tmpdir(), 'longcall-interleavings-'))
    const file = join(folder, 'tasks.db')
    try {
      await Story.tell(crew, { file, tasks, ...(isEncrypted && { encryptionKey: key }) }, all)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

/**
 * How many stories, and from where: `INTERLEAVING_RUNS=10` tells ten times as many; `INTERLEAVING_SEED` and `INTERLEAVING_PATH`
 * are those of a report.
 */
function runs(usual: number): fc.Parameters<unknown> {
  const { INTERLEAVING_RUNS: factor = 1, INTERLEAVING_SEED: seed, INTERLEAVING_PATH: path } = process.env
  return {
    numRuns: usual * Number(factor),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
    // When a process dies is a matter of moments, so a smaller story that goes well proves nothing.
    endOnFailure: true,
  }
}

test(
  'whatever processes do in turn, and whenever one dies, the file is as if one had done it',
  { timeout: 7_200_000 },
  async () => {
    await fc.assert(stories(4, { min: 1, max: 1 }), runs(20))
  },
)

test(
  'whatever processes do at once, and whenever one dies, it is as if it had been done in some order',
  { timeout: 7_200_000 },
  async () => {
    await fc.assert(stories(2, { min: 2, max: 4 }), runs(15))
  },
)

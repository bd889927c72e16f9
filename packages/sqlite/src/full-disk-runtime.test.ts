import { describe, expect, test } from 'vitest'
import { answers, drivers, FileLab, large, put, rejection } from '../../../tests/support/file-lab.ts'
import { LimitedDisk } from '../../../tests/support/limited-disk.ts'
import { capabilities, leaseMs, Moment, rerun, RuntimeBench, said } from '../../../tests/support/runtime-bench.ts'

/** More than fits where nothing more fits. */
const big = said('x'.repeat(300_000))

describe.each(drivers)('a runtime on a full disk, %s', (_name, driver) => {
  async function benchOn(lab: FileLab, concurrency = 4): Promise<RuntimeBench> {
    const bench = new RuntimeBench({ clock: lab.clock, ...lab.open({ concurrency }) })
    await bench.runtime.open()
    return bench
  }

  /** Lets time pass as it does: a body has its turns, and so has the sweep. */
  async function pass(bench: RuntimeBench, ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) await bench.clock.advance(1_000)
  }

  test.each([
    ['once', { onCrash: 'fail', maxAttempts: 1 } as const],
    ['again', rerun],
  ])('keeps the result of a body that may run %s until there is room, and stores it then', async (_what, policy) => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const bench = await benchOn(lab)
    const [begun, over] = [new Moment(), new Moment()]
    let runs = 0
    bench.define(async () => {
      runs += 1
      begun.now()
      await over.come
      return big
    }, policy)
    const { id } = await bench.start()
    await begun.come
    disk.fillUp()
    over.now()
    await pass(bench, 10 * leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', attempt: 1 })
    const troubles = bench.events.filter((event) => event.kind === 'trouble')
    expect(troubles).toMatchObject([{ error: { code: 'store_full' } }])
    disk.free()
    await pass(bench, 2_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', attempt: 1, outcome: big })
    expect(runs).toBe(1)
    await bench.runtime.close()
  })

  test('refuses new tasks with an error that says why, and serves the old ones', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const bench = await benchOn(lab)
    bench.define(async () => said('done'))
    const { id } = await bench.start()
    await bench.ended(id)
    disk.fillUp()
    expect(await rejection(bench.start({ arguments: { padding: 'x'.repeat(300_000) } }))).toMatchObject({
      code: 'store_full',
    })
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', outcome: said('done') })
    disk.free()
    const later = await bench.start({ arguments: { padding: 'x'.repeat(300_000) } })
    expect(await bench.ended(later.id)).toMatchObject({ status: 'completed' })
    await bench.runtime.close()
  })

  test('keeps a step and a question of a body until there is room', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const bench = await benchOn(lab)
    let steps = 0
    bench.define(async (context) => {
      await context.step('plan', () => {
        steps += 1
        disk.fillUp()
        return 'x'.repeat(300_000)
      })
      disk.fillUp()
      const params = { message: 'y'.repeat(100_000), requestedSchema: { type: 'object', properties: {} } } as const
      const answer = await context.ask({ method: 'elicitation/create', params })
      return { kind: 'result', result: answer }
    })
    const { id } = await bench.start({ request: { capabilities } })
    await pass(bench, 5_000)
    expect([...(await bench.store.steps(id)).keys()]).toEqual([])
    disk.free()
    await pass(bench, 2_000)
    expect([...(await bench.store.steps(id)).keys()]).toHaveLength(1)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', questions: [] })
    disk.free()
    await pass(bench, 2_000)
    const { questions } = await bench.until(id, 'input_required')
    expect(questions).toHaveLength(1)
    for (const { key } of questions) await bench.runtime.answer(id, answers(key, 'yes'))
    expect(await bench.ended(id)).toMatchObject({ status: 'completed', outcome: said('yes') })
    expect(steps).toBe(1)
    await bench.runtime.close()
  })

  test('runs a task all the same that found no place in the line', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const bench = await benchOn(lab, 1)
    const [begun, over] = [new Moment(), new Moment()]
    bench.define(async ({ request }) => {
      if (request.arguments['hold'] === true) {
        begun.now()
        await over.come
      }
      return said('done')
    })
    const held = await bench.start({ arguments: { hold: true } })
    await begun.come
    // As many as still fit: of some there is the task, and no place in the line.
    disk.fillUp({ sparePages: 3 })
    const started: string[] = []
    for (let round = 0; round < 60; round += 1) {
      const result = await bench.start({ owner: `owner ${round}`, arguments: {} }).catch(() => undefined)
      if (result !== undefined) started.push(result.id)
    }
    expect(started.length).toBeGreaterThan(2)
    disk.free()
    over.now()
    await pass(bench, 3 * leaseMs)
    for (const id of [held.id, ...started]) {
      expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', attempt: 1, outcome: said('done') })
    }
    await bench.runtime.close()
  })

  test('goes on recovering what others left as far as it fits', async () => {
    const disk = new LimitedDisk(driver)
    const lab = await FileLab.in(disk)
    const bench = await benchOn(lab)
    bench.define(async () => said('again'), rerun)
    const id = await bench.crashed(rerun, { attempts: 1 })
    disk.fillUp()
    await rejection(put(bench.store, large(300_000)))
    await pass(bench, leaseMs)
    disk.free()
    await pass(bench, 2 * leaseMs)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'completed', attempt: 2 })
    await bench.runtime.close()
  })
})

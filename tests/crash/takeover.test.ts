import { expect, test } from 'vitest'
import { play } from './scene.ts'

test('what a killed process ran, another that lives ends before the lease of the dead one runs out', async () => {
  const leaseMs = 12_000
  let tookMs = Infinity
  const report = await play({ seed: 1, leaseMs, concurrency: 64 }, async ({ fleet, recorder, kill }) => {
    const [dies, lives] = [fleet.start(), fleet.start()]
    await Promise.all([dies.url, lives.url])
    recorder.begin(40)
    await expect.poll(() => recorder.tasks.length, { timeout: 20_000 }).toBeGreaterThan(80)
    await kill(dies)
    const killedAtMs = performance.now()
    await recorder.drain()
    tookMs = performance.now() - killedAtMs
    await kill(lives)
  })
  expect(report.violations, `what was wrong, kept in ${report.folder}`).toEqual([])
  expect(tookMs).toBeLessThan(leaseMs)
})

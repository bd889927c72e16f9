import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlite } from '@longcall/sqlite'
import { expect, onTestFinished, test } from 'vitest'
import type { Word } from './writer-process.mjs'

const script = fileURLToPath(new URL('writer-process.mjs', import.meta.url))
const writers = 3
const writes = Number(process.env['FAIRNESS_WRITES'] ?? 9_600)

test('processes that write to one file at the same time all get on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longcall-fairness-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'tasks.db')
  const processes = Array.from({ length: writers }, () => start(file))
  await Promise.all(processes.map(({ ready }) => ready))
  const beganMs = performance.now()
  for (const each of processes) each.begin()

  const finished = processes.map(async ({ exited }) => {
    expect(await exited).toEqual([0, null])
    return performance.now() - beganMs
  })
  await Promise.race(finished)
  const whenFirstWasDone = processes.map(({ soFar }) => soFar.writes)
  const tookMs = await Promise.all(finished)

  const rates = tookMs.map((ms) => Math.round((writes / ms) * 1_000))
  const worstMs = processes.map(({ soFar }) => Math.round(soFar.worstMs))
  console.log(
    `writes when the first was done: ${whenFirstWasDone.join(', ')}; per second: ${rates.join(', ')}; ` +
      `longest wait in ms: ${worstMs.join(', ')}`,
  )
  expect(processes.map(({ soFar }) => soFar.writes)).toEqual(processes.map(() => writes))
  expect(Math.min(...whenFirstWasDone)).toBeGreaterThan(writes / 10)
  const { store } = sqlite(file)
  onTestFinished(() => store.close())
  expect(await store.count({})).toMatchObject({ completed: (writers * writes) / 2, working: 0 })
})

function start(file: string): {
  readonly ready: Promise<unknown>
  readonly exited: Promise<unknown>
  readonly soFar: { writes: number; worstMs: number }
  begin(): void
} {
  const child = fork(script, [file, String(writes), '64'], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const soFar = { writes: 0, worstMs: 0 }
  child.on('message', (word: Word) => {
    if (word.kind === 'wrote') Object.assign(soFar, word)
  })
  return { ready: once(child, 'message'), exited: once(child, 'exit'), soFar, begin: () => child.send('begin') }
}

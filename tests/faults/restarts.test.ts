/** A client with a journal that is killed at any time, again and again, while its messages are hurt. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rules } from '../support/fault-arbitraries.ts'
import { generations, openLab, startServer, type HttpRule, type ServerProcess } from '../support/fault-lab.ts'
import { schedule } from '../support/fault-schedules.ts'

const script = fileURLToPath(new URL('../crash/client/journaling-client.mjs', import.meta.url))

let server: ServerProcess
beforeAll(async () => {
  server = await startServer('dual')
})
afterAll(() => server.stop())

/** What is hurt while a process lives, and how long it does. */
interface Life {
  readonly rules: readonly HttpRule[]
  readonly killAfterMs: number
}

/** Runs a process to its end, or until it is killed. */
function live(order: object): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, JSON.stringify(order)], { timeout: 60_000 }, (error, _stdout, stderr) => {
      if (error === null) resolve('done')
      else resolve(error.signal === 'SIGKILL' && !error.killed ? 'killed' : stderr)
    })
  })
}

describe.each(generations)('on the %s wire', (generation) => {
  const lives: fc.Arbitrary<readonly Life[]> = fc.array(
    fc.record({
      rules: fc.array(
        rules(generation).filter(({ match, fault }) => !(match.method === 'tools/call' && fault === 'duplicate')),
        { maxLength: 4 },
      ),
      killAfterMs: fc.integer({ min: 0, max: 900 }),
    }),
    { minLength: 1, maxLength: 3 },
  )

  test('a call is never sent twice, and a task has one outcome, with one answer to each question', async () => {
    const isSound = fc.asyncProperty(lives, (plan) => expectOneLife(generation, plan))
    await fc.assert(isSound, schedule(6))
  }, 600_000)
})

async function expectOneLife(generation: (typeof generations)[number], plan: readonly Life[]): Promise<void> {
  const lab = await openLab(server.url, generation)
  const folder = mkdtempSync(join(tmpdir(), 'longcall-lives-'))
  const diary = join(folder, 'diary')
  writeFileSync(diary, '')
  const era = generation === '2025-11-25' ? 'legacy' : generation
  const order = { url: lab.proxy.url, era, kind: 'file', journal: join(folder, 'journal'), diary }
  const before = (await server.log()).length
  try {
    for (const [nth, { rules: hurt, killAfterMs }] of plan.entries()) {
      lab.proxy.setRules([...hurt])
      await live({ ...order, mode: nth === 0 ? 'begin' : 'resume', killAfterMs })
    }
    lab.proxy.setRules([])
    expect(await live({ ...order, mode: 'resume' })).toBe('done')
    const saw = (kind: string): string[] =>
      readFileSync(diary, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(kind))
    const events = (await server.log()).slice(before)
    expect(events.filter(({ method }) => method === 'tools/call').length).toBeLessThanOrEqual(1)
    const taken: Record<string, string[]> = {}
    for (const { answers = {}, ignored = [] } of events) {
      for (const [key, answer] of Object.entries(answers))
        if (!ignored.includes(key)) (taken[key] ??= []).push((answer as { content: { name: string } }).content.name)
    }
    for (const answers of Object.values(taken)) expect(answers).toHaveLength(1)
    const results = new Set(saw('result'))
    const asked = saw('asked').length
    // Shown once, and once more after each death that came before the answer was kept.
    expect(asked).toBeLessThanOrEqual(2 + plan.length)
    expect(saw('failed')).toEqual([])
    const first = taken['round-1']?.[0]
    // A life that ended before the call was put down has no outcome; one that ended before its acknowledgement says so.
    if (first === undefined) expect([...results]).toEqual([])
    else expect([...results]).toEqual([`result ${first}/${taken['round-2']![0]}`])
    if (saw('fate_unknown').length > 0) expect([asked, results.size]).toEqual([0, 0])
  } finally {
    await lab.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileJournal, type Journal } from '@longcall/client'
import { sqliteJournal } from '@longcall/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'

const kinds: readonly (readonly [kind: string, open: (path: string) => Journal])[] = [
  ['file', fileJournal],
  ['sqlite', (path) => sqliteJournal(path)],
]

const key = { scope: 'counting', id: 'counts' }

/** A process that counts; `counted` is how far the journal said that it keeps. */
interface Counter {
  readonly name: string
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  counted: number
}

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'longcall-counting-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'journal')
}

function start(kind: string, path: string, name: string, times: number): Counter {
  const script = fileURLToPath(new URL('../peers/journal-process.mjs', import.meta.url))
  const child = fork(script, [kind, path, name, String(times)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const counter: Counter = { name, child, counted: 0, ended: once(child, 'exit') }
  child.on('message', (n) => (counter.counted = Number(n)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await counter.ended
  })
  return counter
}

/** Until a process has counted so far. */
async function until(counter: Counter, counted: number): Promise<void> {
  while (counter.counted < counted) await Promise.race([once(counter.child, 'message'), counter.ended])
}

describe.each(kinds)('processes that share a journal: %s', (kind, open) => {
  test('lose no change of each other', async () => {
    const path = await place()
    const counters = ['a', 'b', 'c'].map((name) => start(kind, path, name, 60))
    await Promise.all(counters.map(({ ended }) => ended))
    const journal = open(path)
    expect(await journal.get(key)).toEqual({ a: 60, b: 60, c: 60 })
    await journal.close()
  })

  test('that are killed lose nothing that the journal said it keeps, and are in nobody’s way', async () => {
    const path = await place()
    const lasting = start(kind, path, 'lasting', 150)
    const killed: Counter[] = []
    for (let n = 0; n < 8; n += 1) {
      const counter = start(kind, path, `killed-${n}`, 1_000_000)
      await until(counter, 3 + n)
      counter.child.kill('SIGKILL')
      await counter.ended
      killed.push(counter)
    }
    await lasting.ended
    const journal = open(path)
    const counts = await journal.edit(key, (content) => ({ ...content, last: 1 }))
    expect(counts).toMatchObject({ lasting: 150, last: 1 })
    for (const { name, counted } of killed) {
      expect(counts?.[name]).toBeGreaterThanOrEqual(counted)
      expect(counts?.[name]).toBeLessThanOrEqual(counted + 1)
    }
    await journal.close()
  })
})

const before = { none: 0, begun: 1, changed: 2, removed: 0 } as const
const after = { none: 1, begun: 2, changed: 0, removed: 0 } as const

/** One life that is killed before its n-th step, and what it left. Whether it was killed: it may have had fewer. */
async function dieAt(nth: number): Promise<boolean> {
  const script = fileURLToPath(new URL('../peers/journal-steps.mjs', import.meta.url))
  const path = await place()
  const child = fork(script, [path, String(nth)], { execArgv: [] })
  let said: keyof typeof before = 'none'
  child.on('message', (message) => (said = message as typeof said))
  // Its last words may come after its end.
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')])
  const journal = fileJournal(path)
  const one = { scope: 'steps', id: 'one' }
  const found = Number((await journal.get(one))?.['n'] ?? 0)
  expect([before[said], after[said]]).toContain(found)
  expect(await journal.list('steps')).toHaveLength(found === 0 ? 0 : 1)
  // It is in nobody's way.
  const id = found === 0 ? 'two' : 'one'
  expect(await journal.edit({ ...one, id }, (content) => ({ ...content, m: 1 }))).toMatchObject({ m: 1 })
  await journal.close()
  return signal === 'SIGKILL'
}

test(
  'a process that is killed between any two of its steps on the file system leaves what it had, or what it was about to have',
  { timeout: 120_000 },
  async () => {
    let lives = 0
    for (let areKilled = true; areKilled; lives += 4) {
      const killed = await Promise.all([1, 2, 3, 4].map((n) => dieAt(lives + n)))
      areKilled = killed.every(Boolean)
    }
    expect(lives).toBeGreaterThan(20)
  },
)

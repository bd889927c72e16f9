import { spawnSync } from 'node:child_process'
import { memoryJournal, type Journal, type TaskQuestion } from '@longcall/core'
import { processName } from '@longcall/core/backend'
import { ManualClock } from '@longcall/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { QuestionIdentity } from '../tasks/task-keeper.ts'
import type { RunningReference } from '../tasks/task-reference.ts'
import { ClientJournal } from './client-journal.ts'

const operation = { method: 'tools/call', name: 'render' } as const
const reference: RunningReference = {
  longcall: 1,
  kind: 'task',
  taskId: 't1',
  endpoint: 'https://one.example',
  operation,
  generation: '2025-11-25',
}
const byKey: QuestionIdentity = { kind: 'key' }
const never = new AbortController().signal

function question(key: string, message = 'Go on?'): TaskQuestion {
  return { key, method: 'elicitation/create', params: { message, _meta: { at: Math.random() } } }
}

/** A client on a journal, with a clock of its own. */
function client(journal: Journal, clock = new ManualClock()) {
  const errors: unknown[] = []
  const calls = new ClientJournal({ journal, scope: 'ours', clock, report: (error) => errors.push(error) })
  onTestFinished(() => calls.close())
  return { calls, clock, errors }
}

async function started(journal: Journal) {
  const first = client(journal)
  const note = await first.calls.intend(operation)
  await note.started(reference)
  return { ...first, keeper: note.keeper }
}

/** Several turns, in which all goes on that needs no time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

describe('a client that was not heard of for twelve seconds', () => {
  test('is dead: what it shows is shown by another, whose answer counts when it is the first', async () => {
    const journal = memoryJournal()
    const asleep = await started(journal)
    expect(await asleep.keeper.claim(question('a'), byKey, never)).toEqual({ kind: 'ask' })
    const other = client(journal)
    const keeper = other.calls.keeperOf('t1')
    let claimed: unknown
    void keeper.claim(question('a'), byKey, never).then((claim) => (claimed = claim))
    await turns()
    expect(claimed).toBeUndefined()
    await other.clock.advance(11_000)
    await turns()
    expect(claimed).toBeUndefined()
    await other.clock.advance(3000)
    await turns()
    expect(claimed).toEqual({ kind: 'ask' })
    expect(await keeper.answered(question('a'), byKey, { said: 'other' })).toEqual({ said: 'other' })
    expect(await asleep.keeper.answered(question('a'), byKey, { said: 'late' })).toEqual({ said: 'other' })
  })

  test('and wakes up in time has its answer count, and the other is told to stop', async () => {
    const journal = memoryJournal()
    const asleep = await started(journal)
    await asleep.keeper.claim(question('a'), byKey, never)
    const other = client(journal)
    await other.clock.advance(20_000)
    const keeper = other.calls.keeperOf('t1')
    expect(await keeper.claim(question('a'), byKey, never)).toEqual({ kind: 'ask' })
    let found: unknown
    const stop = keeper.onAnswered(question('a'), (answer) => (found = answer))
    await turns()
    expect(await asleep.keeper.answered(question('a'), byKey, { said: 'awake' })).toEqual({ said: 'awake' })
    await turns()
    expect(found).toEqual({ said: 'awake' })
    expect(await keeper.answered(question('a'), byKey, { said: 'other' })).toEqual({ said: 'awake' })
    stop()
  })

  test('is alive for as long as its clock goes on', async () => {
    const journal = memoryJournal()
    const clock = new ManualClock()
    const first = client(journal, clock)
    await (await first.calls.intend(operation)).started(reference)
    const other = client(journal, clock)
    for (let n = 0; n < 10; n += 1) {
      await clock.advance(3900)
      await turns()
    }
    expect(await other.calls.list()).toMatchObject([{ heldBy: 'another client' }])
    expect(await other.calls.takeAll()).toEqual([])
  })
})

describe('a question that the server did not name', () => {
  const unnamed = (arrivedAtMs: number): QuestionIdentity => ({ kind: 'content', arrivedAtMs })

  test('is the same after a restart while the server lacks its answer, whatever key it had, and another afterwards', async () => {
    const journal = memoryJournal()
    const first = await started(journal)
    const { keeper, clock } = first
    expect(await keeper.claim(question('question-1'), unnamed(clock.now()), never)).toEqual({ kind: 'ask' })
    await keeper.answered(question('question-1'), unnamed(clock.now()), { said: 1 })
    await first.calls.close()
    const second = client(journal)
    const later = second.calls.keeperOf('t1')
    const resent = await later.claim(question('question-7'), unnamed(second.clock.now()), never)
    expect(resent).toEqual({ kind: 'answered', answer: { said: 1 } })
    later.delivered('question-7')
    await turns()
    await second.calls.close()
    const third = client(journal)
    await third.clock.advance(1)
    const last = third.calls.keeperOf('t1')
    expect(await last.claim(question('question-1'), unnamed(third.clock.now()), never)).toEqual({ kind: 'ask' })
    expect(await last.claim(question('question-2'), unnamed(third.clock.now()), never)).toEqual({ kind: 'ask' })
  })

  test('that came before another client’s answer to it was delivered is answered by that', async () => {
    const journal = memoryJournal()
    const first = await started(journal)
    const arrivedAtMs = first.clock.now()
    await first.keeper.claim(question('question-1'), unnamed(arrivedAtMs), never)
    await first.keeper.answered(question('question-1'), unnamed(arrivedAtMs), { said: 1 })
    await first.clock.advance(5)
    first.keeper.delivered('question-1')
    await turns()
    const other = client(journal).calls.keeperOf('t1')
    expect(await other.claim(question('question-1'), unnamed(arrivedAtMs), never)).toEqual({
      kind: 'answered',
      answer: { said: 1 },
    })
  })
})

test('a question that a server names as before, and that asks something else, is not answered by what was kept', async () => {
  const journal = memoryJournal()
  const { keeper } = await started(journal)
  await keeper.claim(question('a', 'Delete one?'), byKey, never)
  await keeper.answered(question('a', 'Delete one?'), byKey, { said: 'yes' })
  const again = client(journal).calls.keeperOf('t1')
  expect(await again.claim(question('a', 'Delete all?'), byKey, never)).toEqual({ kind: 'ask' })
  expect(await again.claim(question('a', 'Delete all?'), byKey, never)).toEqual({ kind: 'ask' })
})

test('an entry that nobody can read is reported, left out, and can be forgotten', async () => {
  const journal = memoryJournal()
  const { calls, errors } = client(journal)
  await journal.edit({ scope: 'ours', id: 'x' }, () => ({ longcall: 2 }))
  expect(await calls.list()).toEqual([])
  expect(errors).toMatchObject([{ code: 'journal_damaged' }])
  expect(await calls.forget('x')).toBe(true)
  expect(await journal.list('ours')).toEqual([])
})

test('of what was taken in hand by two at once, one has it', async () => {
  const journal = memoryJournal()
  const first = await started(journal)
  await first.calls.close()
  const [one, other] = [client(journal), client(journal)]
  const taken = await Promise.all([one.calls.takeAll(), other.calls.takeAll()])
  expect(taken.flat()).toHaveLength(1)
})

describe('a journal that is somebody else’s, and fails', () => {
  test('by never answering holds no client up that closes, and onError hears of it', async () => {
    let answer: (() => void) | undefined
    const silent = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { calls, clock, errors } = await started({ ...memoryJournal(), leave: () => silent })
    const closed = calls.close()
    await turns()
    await clock.advance(10_000)
    await closed
    expect(errors).toMatchObject([{ code: 'journal_failed' }])
    answer?.()
  })

  test('to be read costs nobody an answer or an outcome, and onError hears of it', async () => {
    const failure = new Error('not today')
    const { calls, errors } = client({ ...memoryJournal(), list: () => Promise.reject(failure) })
    const keeper = calls.keeperOf('t1')
    expect(await keeper.answered(question('a'), byKey, { action: 'decline' })).toEqual({ action: 'decline' })
    await calls.close()
    expect(errors).toEqual([failure])
  })

  test('to be watched is looked at all the same, and keeps nobody from all else', async () => {
    const inner = memoryJournal()
    const journal = {
      ...inner,
      watch: () => {
        throw new Error('not today')
      },
    }
    const { keeper, clock } = await started(journal)
    await keeper.claim(question('a'), byKey, never)
    let found: object | undefined
    const stop = keeper.onAnswered(question('a'), (answer) => {
      found = answer
    })
    const other = client(inner)
    await other.calls.keeperOf('t1').answered(question('a'), byKey, { action: 'decline' })
    await turns()
    await clock.advance(2000)
    await turns()
    expect(found).toEqual({ action: 'decline' })
    stop()
  })
})

test('the trace of a process that is dead is deleted by whoever looks', async () => {
  const journal = memoryJournal()
  const { pid } = spawnSync(process.execPath, ['--version'])
  const dead = processName().replace(/^\d+/, String(pid))
  await journal.beat({ name: 'dead', process: dead, untilMs: Number.MAX_SAFE_INTEGER })
  await journal.beat({ name: 'elsewhere', process: '1@another machine', untilMs: Number.MAX_SAFE_INTEGER })
  await client(journal).calls.list()
  expect((await journal.holders()).map(({ name }) => name)).toEqual(['elsewhere'])
})

test('what another takes while it is pruned stays', async () => {
  const inner = memoryJournal()
  const left = await started(inner)
  await left.calls.close()
  const other = client(inner)
  // Between the look at the journal and the removing.
  const list: Journal['list'] = async (scope) => {
    const found = await inner.list(scope)
    expect(await other.calls.takeAll()).toHaveLength(1)
    return found
  }
  const { calls, clock } = client({ ...inner, list })
  expect(await calls.prune(clock.now())).toBe(0)
  expect((await other.calls.list()).map(({ heldBy }) => heldBy)).toEqual(['this client'])
})

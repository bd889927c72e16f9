/** The crash tests find nothing only where there is nothing: each kind of harm is noticed. */
import { describe, expect, test } from 'vitest'
import { checkEnding } from './check-ending.ts'
import { checkHistory } from './check-history.ts'
import { TaskLedger, type Ending, type Errand } from './ledger.ts'
import type { Entry, Line, Note } from './server/journal.mjs'

const task = 'the-task'

/** The lines of one process. */
const by = (pid: number, ...notes: readonly Note[]): Line[] => notes.map((note) => ({ pid, ...note }))
const body = (attempt: number, tool = 'patient'): Note => ({ kind: 'body', task, tool, attempt })
const step = (kind: 'ran' | 'saved' | 'kept', token = 'a', place = 0): Note => ({
  kind,
  task,
  value: { step: place, token },
})
const found = (...tokens: readonly string[]): Note => ({
  kind: 'found',
  task,
  steps: tokens.map((token, place) => ({ step: place, token })),
})
const looks: Note = { kind: 'looks', task }
const ended: Note = { kind: 'ended', task, status: 'completed' }
const entry = (event: Entry['event'], detail?: string, attempt = 1): Entry => ({
  atMs: 0,
  attempt,
  event,
  ...(detail !== undefined && { detail }),
})
const history = (...entries: readonly Entry[]): Note => ({ kind: 'history', task, entries })

test('a task whose process dies in the middle, and that goes on in another, is well', () => {
  const lines = [
    ...by(1, { kind: 'created', task }, body(1), step('ran'), step('saved'), step('kept')),
    ...by(1, { kind: 'asked', task, key: 'k', words: 'sure?' }, step('ran', 'b', 1)),
    ...by(2, looks, found('a'), { kind: 'answered', task, keys: ['k'] }, body(2), step('kept')),
    ...by(2, { kind: 'told', task, words: 'sure?', answer: 'yes' }, step('ran', 'c', 1), step('saved', 'c', 1), ended),
    ...by(3, history(entry('claimed'), entry('step', 'work'), entry('asked', 'k'), entry('completed'))),
  ]
  expect(checkHistory(lines)).toEqual([])
})

test.for<readonly [string, readonly Line[], string]>([
  ['a stored step that runs again', by(1, body(1), step('saved'), step('ran')), 'ran again'],
  ['a step that was found stored and runs again', by(1, looks, found('a'), body(1), step('ran')), 'ran again'],
  ['a stored step that is lost', by(1, step('saved'), looks, found()), 'is not there any more'],
  ['a step that gives something else', by(1, body(1), step('saved'), step('kept', 'b')), 'gave a, then b'],
  ['a body that is started again, though it says once', by(1, body(1, 'once'), body(2, 'once')), 'says once'],
  ['an attempt that is counted twice', by(1, body(1), body(1)), 'came after attempt 1'],
  [
    'a question that is stored twice',
    by(1, { kind: 'asked', task, key: 'k', words: 'w' }, { kind: 'asked', task, key: 'l', words: 'w' }),
    'stored twice',
  ],
  [
    'a key that is used twice',
    by(1, { kind: 'asked', task, key: 'k', words: 'w' }, { kind: 'asked', task, key: 'k', words: 'x' }),
    'used twice',
  ],
  [
    'a question that is answered twice',
    by(1, { kind: 'answered', task, keys: ['k'] }, { kind: 'answered', task, keys: ['k'] }),
    'answered twice',
  ],
  [
    'an answer that changes',
    by(1, body(1), { kind: 'told', task, words: 'w', answer: 'a' }, { kind: 'told', task, words: 'w', answer: 'b' }),
    'was "a", then "b"',
  ],
  ['a task that ends twice', by(1, ended, ended), 'and then completed'],
  ['a task that has ended and is open', by(1, ended, looks, found()), 'and is open'],
  [
    'a write after the end',
    by(1, history(entry('cancelled'), entry('step', 'work'))),
    'it was cancelled, and then step',
  ],
  ['a step that is stored twice', by(1, history(entry('step', 'work'), entry('step', 'work'))), 'happened twice'],
  ['two processes at once', [...by(1, body(1)), ...by(2, body(2)), ...by(1, step('ran'))], 'while process 2 did'],
])('noticed: %s', ([, lines, what]) => {
  expect(checkHistory(lines)).toEqual([expect.stringContaining(what)])
})

describe('what a client sees', () => {
  const errand = (tool: Errand['tool'] = 'patient'): Errand => ({
    tool,
    plan: { label: 'one', wire: '2026-07-28', steps: [1], questions: {} },
  })
  const ending = (rest: Partial<Ending> = {}): Ending => ({ status: 'completed', updatedAt: 'then', ...rest })
  const result = (answers: object = {}, token = 'a'): object => {
    const text = JSON.stringify({ label: 'one', values: [{ step: 0, token }], answers })
    return { content: [{ type: 'text', text }] }
  }
  const open = (tool?: Errand['tool']): { ledger: TaskLedger; violations: string[] } => {
    const violations: string[] = []
    return { ledger: new TaskLedger(task, errand(tool), Date.now(), violations), violations }
  }

  test.for<readonly [string, (ledger: TaskLedger) => void, string]>([
    ['another outcome', (it) => [ending(), ending({ updatedAt: 'later' })].map((each) => it.sawEnding(each)), 'then'],
    ['a task that has ended and is open', (it) => (it.sawEnding(ending()), it.sawOpen(it.known)), 'is open'],
    ['a task that is gone', (it) => it.sawGone(), 'is gone'],
    [
      'a cancelled task that is open',
      (it) => ((it.isCancelAcknowledged = true), it.sawOpen(it.known)),
      'cancellation was acknowledged',
    ],
    [
      'an answered question that is asked again',
      (it) => (it.sawQuestion('w', 'k'), it.answered('w'), it.sawQuestion('w', 'l')),
      'asked again',
    ],
    ['a key that is used twice', (it) => (it.sawQuestion('w', 'k'), it.sawQuestion('x', 'k')), 'has the key of'],
  ])('noticed: %s', ([, see, what]) => {
    const { ledger, violations } = open()
    see(ledger)
    expect(violations).toEqual([expect.stringContaining(what)])
  })

  test('a question that is shown again before its answer is acknowledged is no harm', () => {
    const { ledger, violations } = open()
    ledger.sawQuestion('w', 'k')
    ledger.sawQuestion('w', 'k')
    expect(violations).toEqual([])
  })

  const lost = ending({
    status: 'failed',
    error: { code: -32_603, message: 'The process that ran this task is gone.' },
  })
  test.for<readonly [string, Errand['tool'], Ending | undefined, readonly Line[], string | undefined]>([
    ['a result of what was stored', 'patient', ending({ result: result() }), by(1, step('saved')), undefined],
    [
      'a result of something else',
      'patient',
      ending({ result: result() }),
      by(1, step('saved', 'b')),
      'its steps gave',
    ],
    ['an answer of nobody', 'patient', ending({ result: result({ w: 'x' }) }), by(1, step('saved')), 'answers'],
    ['no end', 'patient', undefined, [], 'has not ended'],
    ['the loss of a task that may run again', 'patient', lost, [], 'it failed'],
    ['the loss of a task that may run once', 'once', lost, by(1, history(entry('claimed'))), undefined],
    ['a loss without a death', 'once', lost, by(1, history(entry('created', undefined, 0))), 'after 0 deaths'],
    ['a poison that is given up too early', 'poison', lost, by(1, history(entry('claimed'))), 'after 1 deaths'],
    ['a cancellation by nobody', 'patient', ending({ status: 'cancelled' }), [], 'nobody cancelled it'],
  ])('judged: %s', ([, tool, end, lines, what]) => {
    const { ledger } = open(tool)
    if (end !== undefined) ledger.sawEnding(end)
    const problems = checkEnding(ledger, lines)
    if (what === undefined) expect(problems).toEqual([])
    else expect(problems).toContainEqual(expect.stringContaining(what))
  })
})

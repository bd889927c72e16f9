import { describe, expect, test } from 'vitest'
import { LongcallError, type TaskQuestion } from '@longcall/core'
import type { QuestionContext } from '../handlers/handlers.ts'
import { QuestionLedger } from './question-ledger.ts'
import { keepsNothing, type TaskKeeper } from './task-keeper.ts'

function question(key: string, method: TaskQuestion['method'] = 'elicitation/create'): TaskQuestion {
  return { key, method, params: { message: key } }
}

/** A ledger, what it told its surroundings, and the handler's answers in the test's hands. Sampling has no handler. */
function setUp(options: { readonly refusable?: boolean; readonly keeper?: TaskKeeper } = {}) {
  const log: string[] = []
  /** The keys whose answers do not get through. */
  const broken = new Set<string>()
  const asking = new Map<
    string,
    { resolve: (answer: object) => void; reject: (error: Error) => void; signal: AbortSignal }
  >()
  const ledger = new QuestionLedger({
    taskId: 't1',
    name: 'Task t1 of "render"',
    keeper: options.keeper ?? keepsNothing,
    canAnswer: ({ method }) => method === 'elicitation/create',
    ask: ({ key }, { signal }: QuestionContext) => {
      log.push(`ask ${key}`)
      return new Promise((resolve, reject) => asking.set(key, { resolve, reject, signal }))
    },
    deliver: async ({ key }, answer) => {
      log.push(`deliver ${key} ${JSON.stringify(answer)}`)
      if (broken.has(key)) throw new Error('unreachable')
    },
    stuck: ({ key }, why) => void log.push(`stuck ${key}: ${why.kind}`),
    handlerFailed: async ({ key }, error) => {
      log.push(`failed ${key}: ${(error as Error).message}`)
      return options.refusable ?? false
    },
  })
  const open = (): string[] => ledger.unanswered().map(({ key }) => key)
  return { ledger, log, broken, asking, open }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a question', () => {
  test('reaches nobody while nobody waits, and its handler once somebody does', async () => {
    const { ledger, log, asking, open } = setUp()
    ledger.asked(question('a'), { kind: 'key' })
    expect([log, open()]).toEqual([[], ['a']])
    ledger.attend(true)
    await turn()
    asking.get('a')!.resolve({ action: 'accept' })
    await turn()
    expect([log, open()]).toEqual([['ask a', 'deliver a {"action":"accept"}'], []])
  })

  test('is asked once, however often the server shows it and somebody comes and goes', async () => {
    const { ledger, log, asking } = setUp()
    ledger.attend(true)
    for (let poll = 0; poll < 3; poll += 1) ledger.asked(question('a'), { kind: 'key' })
    ledger.attend(false)
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    asking.get('a')!.resolve({})
    await turn()
    ledger.asked(question('a'), { kind: 'key' })
    ledger.attend(true)
    expect(log).toEqual(['ask a', 'deliver a {}'])
  })

  test('whose handler is at work when the last one leaves is answered all the same', async () => {
    const { ledger, log, asking } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    ledger.attend(false)
    expect(asking.get('a')!.signal.aborted).toBe(false)
    asking.get('a')!.resolve({})
    await turn()
    expect(log).toEqual(['ask a', 'deliver a {}'])
  })

  test('without a handler is told to who waits, to each, and stays open', () => {
    const { ledger, log, open } = setUp()
    ledger.attend(true)
    ledger.asked(question('s', 'sampling/createMessage'), { kind: 'key' })
    ledger.attend(false)
    ledger.attend(true)
    expect([log, open()]).toEqual([['stuck s: no_handler', 'stuck s: no_handler'], ['s']])
    const told: [string, unknown][] = []
    ledger.eachStuck(({ key }, why) => told.push([key, why]))
    expect(told).toEqual([['s', { kind: 'no_handler' }]])
  })

  test('answered by hand stops its handler, whose word comes too late', async () => {
    const { ledger, log, asking, open } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    await ledger.answer('a', { action: 'decline' })
    expect(asking.get('a')!.signal.aborted).toBe(true)
    asking.get('a')!.resolve({ action: 'accept' })
    await turn()
    expect([log, open()]).toEqual([['ask a', 'deliver a {"action":"decline"}'], []])
    await expect(ledger.answer('a', {})).rejects.toMatchObject({ code: 'unknown_question' })
  })

  test('that nobody asks cannot be answered, and the error names those that can', async () => {
    const { ledger } = setUp()
    await expect(ledger.answer('x', {})).rejects.toThrow(
      'Task t1 of "render": no question "x" waits for an answer; none does.',
    )
    ledger.asked(question('a'), { kind: 'key' })
    ledger.asked(question('b'), { kind: 'key' })
    const error: unknown = await ledger.answer('x', {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LongcallError)
    expect((error as Error).message).toContain('these do: a, b.')
  })

  test('whose handler threw can be answered by hand, and is not put again', async () => {
    const { ledger, log, asking, open } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    asking.get('a')!.reject(new Error('terminal closed'))
    await turn()
    expect(open()).toEqual(['a'])
    ledger.attend(false)
    ledger.attend(true)
    await ledger.answer('a', {})
    expect(log).toEqual([
      'ask a',
      'failed a: terminal closed',
      'stuck a: handler_failed',
      'stuck a: handler_failed',
      'deliver a {}',
    ])
  })

  test('whose handler threw is over where the server could be told', async () => {
    const { ledger, asking, open } = setUp({ refusable: true })
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    asking.get('a')!.reject(new Error('terminal closed'))
    await turn()
    expect(open()).toEqual([])
    await expect(ledger.answer('a', {})).rejects.toMatchObject({ code: 'unknown_question' })
  })

  test('that the server withdraws stops its handler, and may come again', async () => {
    const { ledger, log, asking, open } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    const first = asking.get('a')!
    ledger.withdrawn('a')
    ledger.withdrawn('unheard of')
    expect([first.signal.aborted, open()]).toEqual([true, []])
    first.reject(new Error('aborted'))
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    expect(log).toEqual(['ask a', 'ask a'])
  })

  test('that was answered and is withdrawn is never put again', async () => {
    const { ledger, log } = setUp()
    ledger.asked(question('a'), { kind: 'key' })
    await ledger.answer('a', {})
    ledger.withdrawn('a')
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    expect(log).toEqual(['deliver a {}'])
  })

  test('withdrawn before its handler had it never reaches the handler', async () => {
    const { ledger, log } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    ledger.withdrawn('a')
    await turn()
    expect(log).toEqual([])
  })

  test('whose answer did not get through is told, and sent again, never asked again, when somebody waits', async () => {
    const { ledger, log, broken, asking, open } = setUp()
    broken.add('a')
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    asking.get('a')!.resolve({ n: 1 })
    await turn()
    expect([log, open()]).toEqual([['ask a', 'deliver a {"n":1}', 'stuck a: undelivered'], ['a']])
    ledger.attend(false)
    broken.clear()
    ledger.attend(true)
    await turn()
    expect([log.slice(3), open()]).toEqual([['deliver a {"n":1}'], []])
  })

  test('answered by hand tells who answered that it did not get through, and can be answered again', async () => {
    const { ledger, broken, open } = setUp()
    broken.add('a')
    ledger.asked(question('a'), { kind: 'key' })
    await expect(ledger.answer('a', {})).rejects.toThrow('unreachable')
    expect(open()).toEqual(['a'])
    broken.clear()
    await ledger.answer('a', {})
    expect(open()).toEqual([])
  })

  test('of a task that was cancelled stops its handler, and what is asked anew is asked as ever', async () => {
    const { ledger, log, asking } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    ledger.dismiss(new Error('the task was cancelled'))
    expect([asking.get('a')!.signal.aborted, ledger.isAsking]).toEqual([true, false])
    ledger.asked(question('a'), { kind: 'key' })
    ledger.asked(question('b'), { kind: 'key' })
    await turn()
    expect(log).toEqual(['ask a', 'ask b'])
  })

  test('of a task that is over stops its handler; none is asked after', async () => {
    const { ledger, log, asking, open } = setUp()
    ledger.attend(true)
    ledger.asked(question('a'), { kind: 'key' })
    await turn()
    const reason = new Error('the task was cancelled')
    ledger.close(reason)
    expect(asking.get('a')!.signal.reason).toBe(reason)
    asking.get('a')!.resolve({})
    await turn()
    ledger.asked(question('b'), { kind: 'key' })
    expect([log, open()]).toEqual([['ask a'], []])
  })
})

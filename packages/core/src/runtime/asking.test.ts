import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { capabilities, Moment, RuntimeBench, said } from '../../../../tests/support/runtime-bench.ts'
import { LongcallError } from '../errors/longcall-error.ts'
import { QuestionTimeoutError } from '../errors/runtime-errors.ts'
import { TooLargeError, type JsonObject } from '../json/json.ts'
import type { QuestionAnswer, TaskRecord } from '../store/task-record.ts'
import { openStatuses } from '../task/task-status.ts'
import type { Question } from './task-body.ts'

function question(message: string, key?: string): Question {
  return { method: 'elicitation/create', params: { message }, ...(key !== undefined && { key }) }
}

function answered(result: JsonObject): QuestionAnswer {
  return { kind: 'result', result }
}

/** Starts the tool `work`, whose requestor can answer anything. */
async function start(bench: RuntimeBench, args: JsonObject = {}): Promise<string> {
  return (await bench.start({ arguments: args, request: { capabilities } })).id
}

/** The keys of a task's questions, with their states. */
function keys({ questions }: TaskRecord): readonly string[] {
  return questions.map(({ key, state }) => `${key} ${state}`)
}

describe('a question', () => {
  test('makes the task wait, and its answer lets the body go on', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => ({ kind: 'result', result: await context.ask(question('Ok?')) }))
    const id = await start(bench)
    const waiting = await bench.until(id, 'input_required')
    expect(waiting.questions).toMatchObject([
      { key: 'question-1', method: 'elicitation/create', params: { message: 'Ok?' }, state: 'open' },
    ])
    const result = await bench.runtime.answer(id, new Map([['question-1', answered({ action: 'accept' })]]), 'ann')
    expect(result).toMatchObject({ kind: 'written', answered: ['question-1'], task: { status: 'working' } })
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { action: 'accept' } }, attempt: 1 })
    expect(bench.kinds).toEqual(['created', 'started', 'asked', 'answered', 'ended'])
  })

  test('that was answered with an error rejects with that error', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => ({ kind: 'result', result: await context.ask(question('Ok?', 'ok')) }))
    const id = await start(bench)
    await bench.until(id, 'input_required')
    const error = { code: -1, message: 'The user is gone.', data: { since: 'noon' } }
    await bench.runtime.answer(id, new Map([['ok', { kind: 'error', error }]]))
    expect(await bench.ended(id)).toMatchObject({ status: 'failed', outcome: { kind: 'error', error } })
  })

  test.each([
    ['elicitation', question('x'), {}],
    ['elicitation.url', { method: 'elicitation/create', params: { mode: 'url', message: 'x' } }, { elicitation: {} }],
    ['elicitation.form', question('x'), { elicitation: { url: {} } }],
    ['sampling', { method: 'sampling/createMessage', params: {} }, { elicitation: {} }],
    ['sampling.tools', { method: 'sampling/createMessage', params: { tools: [] } }, { sampling: {} }],
    ['sampling.tools', { method: 'sampling/createMessage', params: { toolChoice: {} } }, { sampling: {} }],
    ['roots', { method: 'roots/list', params: {} }, { roots: true }],
  ] as const)('is not asked of who did not declare %s', async (capability, asked, declared) => {
    const bench = new RuntimeBench()
    bench.define(async (context) => ({ kind: 'result', result: await context.ask(asked) }))
    const { id } = await bench.start({ request: { capabilities: declared } })
    expect(await bench.ended(id)).toMatchObject({
      status: 'failed',
      questions: [],
      outcome: { error: { code: -32_600, message: expect.stringContaining(`the capability ${capability}.`) } },
    })
  })

  test.each([
    [question('x'), { elicitation: {} }],
    [question('x'), { elicitation: { form: {} } }],
    [{ method: 'elicitation/create', params: { mode: 'url' } }, { elicitation: { url: {} } }],
    [{ method: 'sampling/createMessage', params: {} }, { sampling: {} }],
    [{ method: 'sampling/createMessage', params: { tools: [] } }, { sampling: { tools: {} } }],
    [{ method: 'roots/list', params: {} }, { roots: { listChanged: true } }],
  ] as const)('%j is asked of who declared %j', async (asked, declared) => {
    const bench = new RuntimeBench()
    bench.define(async (context) => ({ kind: 'result', result: await context.ask(asked) }))
    const { id } = await bench.start({ request: { capabilities: declared } })
    expect(await bench.until(id, 'input_required')).toMatchObject({ questions: [{ state: 'open' }] })
  })

  test('that is too large is not asked', async () => {
    const bench = new RuntimeBench({ limits: { maxQuestionBytes: 30 } })
    const failed = new Moment<unknown>()
    bench.define(async (context) => {
      await context.ask(question('x'.repeat(50))).catch((error: unknown) => failed.now(error))
      return said('done')
    })
    const id = await start(bench)
    expect(await failed.come).toBeInstanceOf(TooLargeError)
    expect((await bench.ended(id)).questions).toEqual([])
  })

  test('is withdrawn when its time is over, and the task works again', async () => {
    const bench = new RuntimeBench()
    const [failed, done] = [new Moment<unknown>(), new Moment()]
    bench.define(async (context) => {
      await context.ask(question('Ok?'), { timeoutMs: 60_000 }).catch((error: unknown) => failed.now(error))
      await done.come
      return said('without')
    })
    const id = await start(bench)
    await bench.until(id, 'input_required')
    await bench.clock.advance(59_999)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'input_required' })
    await bench.clock.advance(1)
    expect(await failed.come).toBeInstanceOf(QuestionTimeoutError)
    expect(await bench.until(id, 'working')).toMatchObject({ questions: [{ state: 'withdrawn' }] })
    expect(await bench.runtime.answer(id, new Map([['question-1', answered({})]]))).toMatchObject({ answered: [] })
    done.now()
    expect(await bench.ended(id)).toMatchObject({ status: 'completed' })
  })

  test('is withdrawn when its own signal aborts, with the reason', async () => {
    const bench = new RuntimeBench()
    const [failed, enough] = [new Moment<unknown>(), new AbortController()]
    bench.define(async (context) => {
      await context.ask(question('Ok?'), { signal: enough.signal }).catch((error: unknown) => failed.now(error))
      return said('without')
    })
    const id = await start(bench)
    await bench.until(id, 'input_required')
    const reason = new Error('enough')
    enough.abort(reason)
    expect(await failed.come).toBe(reason)
    expect(keys(await bench.ended(id))).toEqual(['question-1 withdrawn'])
  })

  test('that was answered in time leaves nothing behind that its timeout or signal could stop', async () => {
    const bench = new RuntimeBench()
    const [asked, enough] = [new Moment<JsonObject>(), new AbortController()]
    bench.define(async (context) => {
      asked.now(await context.ask(question('Ok?'), { timeoutMs: 60_000, signal: enough.signal }))
      return new Promise(() => {})
    })
    const id = await start(bench)
    await bench.until(id, 'input_required')
    await bench.runtime.answer(id, new Map([['question-1', answered({ ok: true })]]))
    expect(await asked.come).toEqual({ ok: true })
    // The sweep and the heartbeat, and no timeout.
    await bench.clock.advance(1_000)
    expect([bench.clock.sleepers, getEventListeners(enough.signal, 'abort')]).toEqual([2, []])
    await bench.clock.advance(120_000)
    enough.abort()
    await bench.clock.advance(0)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'working', questions: [{ state: 'answered' }] })
  })

  test('ends with the task: the body is told why', async () => {
    const bench = new RuntimeBench()
    const failed = new Moment<unknown>()
    bench.define(async (context) => {
      await context.ask(question('Ok?')).catch((error: unknown) => failed.now(error))
      return said('late')
    })
    const id = await start(bench)
    await bench.until(id, 'input_required')
    await bench.runtime.cancel(id)
    expect(await failed.come).toMatchObject({ code: 'task_cancelled' })
    expect(keys(await bench.ended(id))).toEqual(['question-1 withdrawn'])
  })

  test('gives the place of its body to another', async () => {
    const bench = new RuntimeBench({ concurrency: 1 })
    bench.define(async (context) => {
      if (context.request.arguments['ask'] === true) await context.ask(question('Ok?'))
      return said('done')
    })
    const id = await start(bench, { ask: true })
    const other = await start(bench)
    await bench.ended(other)
    await bench.until(id, 'input_required')
    await bench.runtime.answer(id, new Map([['question-1', answered({})]]))
    expect(await bench.ended(id)).toMatchObject({ status: 'completed' })
  })

  test('keeps its task held for as long as a person thinks', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => ({ kind: 'result', result: await context.ask(question('Ok?')) }))
    const id = await start(bench)
    await bench.until(id, 'input_required')
    await bench.clock.advance(20 * 3_600_000)
    await bench.runtime.answer(id, new Map([['question-1', answered({ slow: true })]]))
    expect(await bench.ended(id)).toMatchObject({
      status: 'completed',
      attempt: 1,
      outcome: { result: { slow: true } },
    })
  })
})

describe('several questions', () => {
  test('are named by their place, or by their key, and are asked once each', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => {
      await Promise.all([
        context.ask(question('a')),
        context.ask(question('b', 'named')),
        context.ask(question('c')),
        context.ask(question('b', 'named')),
      ])
      return said('done')
    })
    const id = await start(bench)
    const all = await bench.runtime.until(id, (task) => (task?.questions.length === 4 ? task : undefined))
    expect(keys(all).toSorted()).toEqual(['named open', 'named#2 open', 'question-1 open', 'question-2 open'])
    const byKey = new Map(all.questions.map(({ key, params }) => [key, params['message']]))
    expect(byKey).toEqual(
      new Map([
        ['question-1', 'a'],
        ['named', 'b'],
        ['question-2', 'c'],
        ['named#2', 'b'],
      ]),
    )
    await bench.runtime.answer(id, new Map([...byKey.keys()].map((key) => [key, answered({ key })])))
    expect(await bench.ended(id)).toMatchObject({ status: 'completed' })
  })

  test('with keys that look like those of this runtime are not mistaken for each other', async () => {
    const bench = new RuntimeBench()
    const asked = ['report', 'report', 'report#2', 'report~', 'report~2', 'report%23', 'question-1', undefined]
    bench.define(async (context) => {
      await Promise.all(asked.map((key, index) => context.ask(question(`${index}`, key))))
      return said('done')
    })
    const id = await start(bench)
    const all = await bench.runtime.until(id, (task) => (task?.questions.length === asked.length ? task : undefined))
    expect(all.questions.map(({ state }) => state)).toEqual(asked.map(() => 'open'))
    expect(new Set(all.questions.map(({ key }) => key)).size).toBe(asked.length)
    expect(new Set(all.questions.map(({ params }) => params['message']))).toEqual(
      new Set(asked.map((_, index) => `${index}`)),
    )
  })

  test('the same one asked again in one run is a new one', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => ({
      kind: 'result',
      result: { said: [await context.ask(question('Ok?', 'ok')), await context.ask(question('Ok?', 'ok'))] },
    }))
    const id = await start(bench)
    await bench.until(id, 'input_required')
    await bench.runtime.answer(id, new Map([['ok', answered({ n: 1 })]]))
    await bench.runtime.until(id, (task) => (task?.questions.length === 2 ? task : undefined))
    await bench.runtime.answer(id, new Map([['ok#2', answered({ n: 2 })]]))
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { said: [{ n: 1 }, { n: 2 }] } } })
  })
})

test('a body that lost its task cannot ask', async () => {
  const bench = new RuntimeBench()
  const [go, failed] = [new Moment(), new Moment<unknown>()]
  bench.define(async (context) => {
    await go.come
    await context.ask(question('Ok?')).catch((error: unknown) => failed.now(error))
    return said('late')
  })
  const id = await start(bench)
  // Ended behind the back of this process, which has not heard of it yet: it learns of it when it asks.
  await bench.store.end(id, { status: 'cancelled', retentionMs: 60_000 }, { from: openStatuses })
  go.now()
  expect(await failed.come).toBeInstanceOf(LongcallError)
  expect((await bench.runtime.get(id))?.questions).toEqual([])
})

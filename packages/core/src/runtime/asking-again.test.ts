import { describe, expect, test } from 'vitest'
import { capabilities, rerun, RuntimeBench } from '../../../../tests/support/runtime-bench.ts'
import { RpcError } from '../errors/rpc-error.ts'
import type { JsonObject } from '../json/json.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { QuestionAnswer, TaskRecord } from '../store/task-record.ts'
import type { Claim, TaskStore } from '../store/task-store.ts'
import { openStatuses } from '../task/task-status.ts'
import { ManualClock } from '../testing.ts'
import type { Question, TaskBodyContext } from './task-body.ts'
import { workElsewhere } from './task-body.ts'
import { questionIdentity } from './question-keys.ts'

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

describe('after a crash', () => {
  const ask = async (context: TaskBodyContext) => {
    const result = { ...(await context.ask(question('Ok?', 'ok'))), attempt: context.attempt }
    return { kind: 'result', result } as const
  }

  test('an answer comes back, and nobody is asked twice', async () => {
    const bench = new RuntimeBench()
    bench.define(ask, rerun)
    const id = await bench.crashed(rerun, {
      before: async (task, token) => {
        await askAs(bench.store, task, token, 'ok', question('Ok?'))
        await bench.store.answer(task, new Map([['ok', answered({ action: 'accept' })]]))
      },
    })
    await bench.runtime.open()
    const task = await bench.ended(id)
    expect(task).toMatchObject({ status: 'completed', outcome: { result: { action: 'accept', attempt: 2 } } })
    expect(keys(task)).toEqual(['ok answered'])
    expect(bench.kinds).toEqual(['started', 'ended'])
  })

  test('an error that was the answer comes back as well', async () => {
    const bench = new RuntimeBench()
    bench.define(ask, rerun)
    const error = { code: -1, message: 'no' }
    const id = await bench.crashed(rerun, {
      before: async (task, token) => {
        await askAs(bench.store, task, token, 'ok', question('Ok?'))
        await bench.store.answer(task, new Map([['ok', { kind: 'error', error }]]))
      },
    })
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ status: 'failed', outcome: { error } })
  })

  test('an open question stays as it is, and the body runs again when it is answered', async () => {
    const bench = new RuntimeBench()
    bench.define(ask, rerun)
    const id = await bench.crashed(rerun, {
      before: (task, token) => askAs(bench.store, task, token, 'ok', question('Ok?')),
    })
    await bench.runtime.open()
    await bench.clock.advance(60_000)
    expect(await bench.runtime.get(id)).toMatchObject({ status: 'input_required', attempt: 1 })
    await bench.runtime.answer(id, new Map([['ok', answered({ action: 'accept' })]]))
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { action: 'accept', attempt: 2 } } })
    expect(bench.kinds).toEqual(['answered', 'started', 'ended'])
  })

  test('a body that asks something else in the same place gets a question of its own, and the old one is withdrawn', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => {
      // The first run asked two questions at once, and one was answered before the crash.
      const [one, two] = await Promise.all([context.ask(question('New?', 'a')), context.ask(question('Kept?', 'b'))])
      return { kind: 'result', result: { one, two } }
    }, rerun)
    const id = await bench.crashed(rerun, {
      attempts: 1,
      before: async (task, token) => {
        await askAs(bench.store, task, token, 'a', question('Old?'))
        await askAs(bench.store, task, token, 'b', question('Kept?'))
        await bench.store.answer(task, new Map([['b', answered({ kept: true })]]))
        await bench.store.withdraw(task, ['a'], { from: openStatuses, token })
      },
    })
    await bench.runtime.open()
    const waiting = await bench.until(id, 'input_required')
    expect(keys(waiting)).toEqual(['a withdrawn', 'b answered', 'a~2 open'])
    await bench.runtime.answer(id, new Map([['a~2', answered({ fresh: true })]]))
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { one: { fresh: true }, two: { kept: true } } } })
  })

  test('an answer to another question of the same place is not taken for an answer to this one', async () => {
    const bench = new RuntimeBench()
    bench.define(ask, rerun)
    const id = await bench.crashed(rerun, {
      before: async (task, token) => {
        await askAs(bench.store, task, token, 'ok', question('Delete everything?'))
        await bench.store.answer(task, new Map([['ok', answered({ action: 'decline' })]]))
      },
    })
    await bench.runtime.open()
    const waiting = await bench.until(id, 'input_required')
    expect(keys(waiting)).toEqual(['ok answered', 'ok~2 open'])
    await bench.runtime.answer(id, new Map([['ok~2', answered({ action: 'accept' })]]))
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { action: 'accept' } } })
  })

  test('a question still open from the run before is withdrawn when the body asks another in its place', async () => {
    const clock = new ManualClock()
    const bench = new RuntimeBench({ clock, store: new HauntedStore({ clock }) })
    bench.define(ask, rerun)
    const id = await bench.crashed(rerun, {
      before: async (task, token) => {
        await askAs(bench.store, task, token, 'other', question('Other?'))
        await bench.store.answer(task, new Map([['other', answered({})]]))
      },
    })
    await bench.runtime.open()
    const waiting = await bench.runtime.until(id, (task) => (task?.questions.length === 3 ? task : undefined))
    expect(keys(waiting)).toEqual(['other answered', 'ok withdrawn', 'ok~2 open'])
  })

  test('an identical question is the same although its fields come in another order', async () => {
    const bench = new RuntimeBench()
    bench.define(async (context) => {
      const params = { requestedSchema: { type: 'object', properties: {} }, message: 'Ok?' }
      return { kind: 'result', result: await context.ask({ method: 'elicitation/create', params, key: 'ok' }) }
    }, rerun)
    const before = { message: 'Ok?', requestedSchema: { properties: {}, type: 'object' } }
    const id = await bench.crashed(rerun, {
      before: async (task, token) => {
        await askAs(bench.store, task, token, 'ok', { method: 'elicitation/create', params: before })
        await bench.store.answer(task, new Map([['ok', answered({ same: true })]]))
      },
    })
    await bench.runtime.open()
    expect(await bench.ended(id)).toMatchObject({ outcome: { result: { same: true } } })
  })
})

describe('a task whose work is done elsewhere', () => {
  async function startElsewhere(bench: RuntimeBench): Promise<string> {
    bench.define(async () => workElsewhere)
    const id = await start(bench)
    await bench.runtime.until(id, (task) => (task?.elsewhere === true ? task : undefined))
    return id
  }

  test('can be asked for from outside, once per key', async () => {
    const bench = new RuntimeBench()
    const id = await startElsewhere(bench)
    const asking = bench.runtime.ask(id, { ...question('Ok?'), key: 'ok' })
    await bench.until(id, 'input_required')
    await bench.runtime.answer(id, new Map([['ok', answered({ action: 'accept' })]]))
    expect(await asking).toEqual({ action: 'accept' })
    expect(await bench.runtime.ask(id, { ...question('Ok?'), key: 'ok' })).toEqual({ action: 'accept' })
    expect(keys((await bench.runtime.get(id))!)).toEqual(['ok answered'])
  })

  test('cannot be asked for when it is not there, or has ended', async () => {
    const bench = new RuntimeBench()
    const id = await startElsewhere(bench)
    await expect(bench.runtime.ask('nobody', { ...question('Ok?'), key: 'ok' })).rejects.toBeInstanceOf(RpcError)
    const asking = bench.runtime.ask(id, { ...question('Ok?'), key: 'ok' })
    await bench.until(id, 'input_required')
    await bench.runtime.cancel(id)
    await expect(asking).rejects.toBeInstanceOf(RpcError)
    await expect(bench.runtime.ask(id, { ...question('Still?'), key: 'still' })).rejects.toBeInstanceOf(RpcError)
  })
})

/** Writes a question as a process that ran the task would have. */
async function askAs(store: TaskStore, id: string, token: string, key: string, asked: Question): Promise<void> {
  const { method, params } = asked
  const identity = questionIdentity(asked)
  await store.ask(id, { key, identity, method, params }, { from: openStatuses, token })
}

/** As if the process before came back for a moment, whenever another has taken its task: it has asked something more. */
class HauntedStore extends MemoryStore {
  override async claim(...args: Parameters<MemoryStore['claim']>): Promise<Claim | undefined> {
    const claim = await super.claim(...args)
    if (claim !== undefined && claim.task.attempt > 1)
      await askAs(this, claim.task.id, claim.token, 'ok', question('Old?'))
    return claim
  }
}

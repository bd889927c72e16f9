import { deepEqual, equal, ok } from 'node:assert/strict'
import type { TaskEnding } from '../../store/task-record.ts'
import {
  answer,
  cancelled,
  completed,
  ifOpen,
  longMs,
  put,
  putTaken,
  question,
  read,
  refused,
  shortMs,
  worker,
  writes,
  written,
} from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

const failed: TaskEnding = {
  status: 'failed',
  statusMessage: 'no disk',
  outcome: { kind: 'error', error: { code: -32_603, message: 'no disk' } },
  retentionMs: longMs,
}

export const ending: StoreCases = {
  'an end sets status, message and outcome in one step': async ({ store }) => {
    for (const end of [completed(), failed, cancelled]) {
      for (const isWaiting of [false, true]) {
        const { id } = await put(store)
        if (isWaiting) await store.ask(id, question('q'), ifOpen)
        const task = await written(store.end(id, end, ifOpen))
        const { status, statusMessage, outcome } = task
        deepEqual([status, statusMessage, outcome], [end.status, end.statusMessage, end.outcome])
        deepEqual(await store.get(id), task)
      }
    }
  },

  'a task can be failed with a result, and cancelled without an outcome': async ({ store }) => {
    const [first, second] = [await put(store), await put(store)]
    const result = { kind: 'result', result: { isError: true } } as const
    await store.end(first.id, { ...failed, outcome: result }, ifOpen)
    await store.end(second.id, cancelled, ifOpen)
    deepEqual((await read(store, first.id)).outcome, result)
    equal('outcome' in (await read(store, second.id)), false)
  },

  'an end without a message takes the last one away': async ({ store }) => {
    const { id } = await put(store)
    await store.note(id, { statusMessage: 'half way', progress: { progress: 1 } }, ifOpen)
    const task = await written(store.end(id, completed(), ifOpen))
    equal('statusMessage' in task, false)
    deepEqual(task.progress, { progress: 1 })
  },

  'the end withdraws open questions, and leaves answered ones answered': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    await store.ask(id, question('r'), ifOpen)
    await store.answer(id, new Map([['q', answer('yes')]]))
    const { questions } = await written(store.end(id, cancelled, ifOpen))
    deepEqual(questions, [
      { ...question('q'), state: 'answered', answer: answer('yes') },
      { ...question('r'), state: 'withdrawn' },
    ])
  },

  'the end drops the lease': async ({ store }) => {
    const { task, token } = await putTaken(store)
    await written(store.end(task.id, completed(), { ...ifOpen, token }))
    deepEqual(await store.heartbeat([{ id: task.id, token }], longMs), new Map([[task.id, 'lost']]))
    const anything = { from: ['completed'], token } as const
    equal((await store.note(task.id, { statusMessage: 'late' }, anything)).kind, 'refused')
  },

  'a task that has ended refuses every write, and stays as it is': async ({ store }) => {
    for (const end of [completed(), failed, cancelled]) {
      const { task, token } = await putTaken(store)
      const { id } = task
      await store.ask(id, question('q'), ifOpen)
      const last = await written(store.end(id, end, ifOpen))
      for (const guard of [ifOpen, { ...ifOpen, token }]) {
        for (const write of Object.values(writes(store, id, guard))) {
          refused(await write(), last)
        }
      }
      refused(await store.release(id, token), last)
      deepEqual(await store.answer(id, new Map([['q', answer('late')]])), { kind: 'written', task: last, answered: [] })
      equal(await store.claim(id, worker), undefined)
      deepEqual(await store.get(id), last)
      equal((await store.steps(id)).size, 0)
    }
  },

  'an ended task is kept until its ttl has passed, counted from its creation': async ({ store }) => {
    const { id, createdAtMs } = await put(store, { ttlMs: longMs })
    const task = await written(store.end(id, { ...completed(), retentionMs: 0 }, ifOpen))
    deepEqual([task.expiresAtMs, task.ttlMs], [createdAtMs + longMs, longMs])
  },

  'an ended task is kept for its retention at least, and its ttl says so': async ({ store }) => {
    for (const ttlMs of [0, shortMs]) {
      const { id, createdAtMs } = await put(store, { ttlMs })
      const task = await written(store.end(id, completed(), ifOpen))
      ok(task.expiresAtMs !== null && task.expiresAtMs >= createdAtMs + longMs)
      equal(task.ttlMs, task.expiresAtMs - createdAtMs)
      deepEqual(await store.get(id), task)
    }
  },

  'its retention may keep a task longer than its longest ttl': async ({ store }) => {
    const { id, createdAtMs } = await put(store, { ttlMs: longMs, maxTtlMs: longMs })
    const { expiresAtMs } = await written(store.end(id, { ...completed(), retentionMs: longMs * 2 }, ifOpen))
    ok(expiresAtMs !== null && expiresAtMs >= createdAtMs + longMs * 2)
  },

  'a task without an end to its ttl is never forgotten': async ({ store }) => {
    const { id, expiresAtMs } = await put(store, { ttlMs: null, maxTtlMs: null })
    equal(expiresAtMs, null)
    const task = await written(store.end(id, { ...completed(), retentionMs: 0 }, ifOpen))
    deepEqual([task.expiresAtMs, task.ttlMs], [null, null])
  },
}

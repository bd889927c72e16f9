import { deepEqual, equal, ok } from 'node:assert/strict'
import { answer, cancelled, completed, ifOpen, put, putTaken, question, read } from './fixtures.ts'
import { atOnce } from './racing.ts'
import type { SharedCases } from './store-cases.ts'

/** Races between writes to one task. */
export const racingToWrite: SharedCases = {
  'ends at once: one is written, and its outcome stays': async (_under, handles) => {
    const { id } = await put(handles[0])
    const results = await atOnce(20, handles, (store, index) =>
      store.end(id, index % 3 === 0 ? cancelled : completed(`${index}`), ifOpen),
    )
    const won = results.filter((result) => result.kind === 'written')
    equal(won.length, 1)
    const task = await read(handles[0], id)
    deepEqual(task, won[0]!.task)
    for (const result of results) {
      if (result.kind === 'refused') deepEqual(result.task, task)
    }
    deepEqual(
      (await handles[1].history(id)).map(({ event }) => event),
      ['created', task.status],
    )
  },

  'answers to one question at once: one is taken': async (_under, handles) => {
    const { id } = await put(handles[0])
    await handles[0].ask(id, question('q'), ifOpen)
    const results = await atOnce(20, handles, (store, index) => store.answer(id, new Map([['q', answer(`${index}`)]])))
    const winners = results.flatMap((result, index) =>
      result.kind === 'written' && result.answered.length > 0 ? [index] : [],
    )
    equal(winners.length, 1)
    const { status, questions } = await read(handles[1], id)
    equal(status, 'working')
    deepEqual(questions, [{ ...question('q'), state: 'answered', answer: answer(`${winners[0]}`) }])
  },

  'answers to many questions at once: none is lost, and the task works again': async (_under, handles) => {
    const { id } = await put(handles[0])
    const keys = Array.from({ length: 10 }, (_, index) => `q${index}`)
    for (const key of keys) await handles[0].ask(id, question(key), ifOpen)
    const results = await atOnce(10, handles, (store, index) =>
      store.answer(id, new Map([[keys[index]!, answer(`${index}`)]])),
    )
    deepEqual(
      results.flatMap((result) => (result.kind === 'written' ? result.answered : [])),
      keys,
    )
    equal(results.filter((result) => result.kind === 'written' && result.task.status === 'working').length, 1)
    const { status, questions } = await read(handles[1], id)
    equal(status, 'working')
    deepEqual(
      questions,
      keys.map((key, index) => ({ ...question(key), state: 'answered', answer: answer(`${index}`) })),
    )
  },

  'questions asked at once: each is asked once, and none is lost': async (_under, handles) => {
    const { task, token } = await putTaken(handles[0])
    const guard = { ...ifOpen, token }
    const results = await atOnce(20, handles, (store, index) => store.ask(task.id, question(`q${index % 10}`), guard))
    equal(results.filter(({ kind }) => kind === 'written').length, 10)
    const { status, questions } = await read(handles[1], task.id)
    equal(status, 'input_required')
    deepEqual(
      questions.map(({ key }) => key).toSorted(),
      Array.from({ length: 10 }, (_, index) => `q${index}`),
    )
  },

  'an end that comes with an answer: the answer was first, or it was left aside': async (_under, handles) => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await put(handles[0])
      await handles[0].ask(id, question('q'), ifOpen)
      const answering = handles[round % 2]!
      const [result, end] = await Promise.all([
        answering.answer(id, new Map([['q', answer('yes')]])),
        handles[0].end(id, cancelled, ifOpen),
      ])
      ok(result.kind === 'written' && end.kind === 'written')
      const task = await read(handles[1], id)
      deepEqual(task, end.task)
      const isAnswered = result.answered.length > 0
      deepEqual(task.questions, [
        isAnswered
          ? { ...question('q'), state: 'answered', answer: answer('yes') }
          : { ...question('q'), state: 'withdrawn' },
      ])
      equal(result.task.status, isAnswered ? 'working' : 'cancelled')
    }
  },

  'an end that comes with a question: no task that has ended waits for an answer': async (_under, handles) => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await put(handles[0])
      const [asked] = await Promise.all([
        handles[round % 2]!.ask(id, question('q'), ifOpen),
        handles[0].end(id, cancelled, ifOpen),
      ])
      const { status, questions } = await read(handles[1], id)
      equal(status, 'cancelled')
      deepEqual(questions, asked.kind === 'written' ? [{ ...question('q'), state: 'withdrawn' }] : [])
    }
  },

  'an end that comes with the end of the lease: one ends it, or the other gives it back': async (_under, handles) => {
    for (let round = 0; round < 10; round += 1) {
      const { task, token } = await putTaken(handles[0])
      const [end, release] = await Promise.all([
        handles[0].end(task.id, completed(), { ...ifOpen, token }),
        handles[1].release(task.id, token),
      ])
      deepEqual([end.kind, release.kind].toSorted(), ['refused', 'written'])
      equal((await read(handles[0], task.id)).status, end.kind === 'written' ? 'completed' : 'working')
    }
  },

  'values of one step saved at once: one stays': async (_under, handles) => {
    const { id } = await put(handles[0])
    const results = await atOnce(20, handles, (store, index) => store.saveStep(id, { key: 's', value: index }, ifOpen))
    ok(results.every(({ kind }) => kind === 'written'))
    const before = await handles[0].steps(id)
    await handles[1].saveStep(id, { key: 's', value: 'late' }, ifOpen)
    deepEqual(await handles[1].steps(id), before)
    equal((await handles[0].history(id)).filter(({ event }) => event === 'step').length, 1)
  },

  'writes at once: each has a time of its own': async (_under, handles) => {
    const { id, updatedAtMs } = await put(handles[0])
    const results = await atOnce(40, handles, (store, index) => store.ask(id, question(`${index}`), ifOpen))
    const times = results.map((result) => (result.kind === 'written' ? result.task.updatedAtMs : Number.NaN))
    equal(new Set(times).size, 40)
    ok(times.every((time) => time > updatedAtMs))
    const last = await read(handles[1], id)
    equal(last.updatedAtMs, Math.max(...times))
    equal(last.questions.length, 40)
  },
}

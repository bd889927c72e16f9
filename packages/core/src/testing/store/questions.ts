import { deepEqual, equal, ok } from 'node:assert/strict'
import type { TaskRecord } from '../../store/task-record.ts'
import type { AnswerResult } from '../../store/task-store.ts'
import { answer, cancelled, ifOpen, put, putTaken, question, read, updated, written } from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

export const questions: StoreCases = {
  'a question makes its task wait, and leaves the message alone': async ({ store }) => {
    const { id } = await put(store)
    await store.note(id, { statusMessage: 'half way', progress: { progress: 1 } }, ifOpen)
    const task = await written(store.ask(id, question('q'), ifOpen))
    deepEqual([task.status, task.statusMessage, task.progress], ['input_required', 'half way', { progress: 1 }])
    deepEqual(task.questions, [{ ...question('q'), state: 'open' }])
    deepEqual(await store.get(id), task)
  },

  'a task may wait for several answers, in the order in which it asked': async ({ store }) => {
    const { id } = await put(store)
    for (const key of ['b', 'a', 'c']) await store.ask(id, question(key), ifOpen)
    deepEqual(
      (await read(store, id)).questions.map(({ key, state }) => [key, state]),
      [
        ['b', 'open'],
        ['a', 'open'],
        ['c', 'open'],
      ],
    )
  },

  'a key that was ever used is refused: open, answered or withdrawn': async ({ store }) => {
    const { id } = await put(store)
    for (const key of ['open', 'answered', 'withdrawn']) await store.ask(id, question(key), ifOpen)
    await store.answer(id, new Map([['answered', answer('yes')]]))
    await store.withdraw(id, ['withdrawn'], ifOpen)
    const before = await read(store, id)
    for (const key of ['open', 'answered', 'withdrawn']) {
      deepEqual(await store.ask(id, question(key, { identity: 'else' }), ifOpen), { kind: 'refused', task: before })
    }
    deepEqual(await store.get(id), before)
  },

  'the key of one task is free in another': async ({ store }) => {
    const [one, other] = [await put(store), await put(store)]
    await written(store.ask(one.id, question('q'), ifOpen))
    await written(store.ask(other.id, question('q'), ifOpen))
    await store.answer(one.id, new Map([['q', answer('yes')]]))
    equal((await read(store, other.id)).status, 'input_required')
  },

  'questions of one identity may be asked under several keys': async ({ store }) => {
    const { id } = await put(store)
    await written(store.ask(id, question('q', { identity: 'same' }), ifOpen))
    await written(store.ask(id, question('r', { identity: 'same' }), ifOpen))
    await store.answer(id, new Map([['q', answer('yes')]]))
    deepEqual(states(await read(store, id)), ['answered', 'open'])
  },

  'the task waits until the last open question is answered, and works in the same step': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    await store.ask(id, question('r'), ifOpen)
    const partly = answered(await store.answer(id, new Map([['r', answer('second')]])))
    deepEqual([partly.keys, partly.task.status], [['r'], 'input_required'])
    deepEqual(states(partly.task), ['open', 'answered'])
    const wholly = answered(await store.answer(id, new Map([['q', answer('first')]])))
    deepEqual([wholly.keys, wholly.task.status], [['q'], 'working'])
    deepEqual(wholly.task.questions, [
      { ...question('q'), state: 'answered', answer: answer('first') },
      { ...question('r'), state: 'answered', answer: answer('second') },
    ])
    deepEqual(await store.get(id), wholly.task)
  },

  'several questions may be answered at once': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    await store.ask(id, question('r'), ifOpen)
    const both = new Map([
      ['r', answer('second')],
      ['q', answer('first')],
    ])
    const { keys, task } = answered(await store.answer(id, both))
    deepEqual([keys.toSorted(), task.status], [['q', 'r'], 'working'])
  },

  'keys that are unknown, answered or withdrawn are left aside': async ({ store }) => {
    const { id } = await put(store)
    for (const key of ['open', 'answered', 'withdrawn']) await store.ask(id, question(key), ifOpen)
    await store.answer(id, new Map([['answered', answer('first')]]))
    await store.withdraw(id, ['withdrawn'], ifOpen)
    const keys = ['unknown', 'answered', 'withdrawn', 'open', '__proto__']
    const result = answered(await store.answer(id, new Map(keys.map((key) => [key, answer('late')]))))
    deepEqual([result.keys, result.task.status], [['open'], 'working'])
    deepEqual(result.task.questions, [
      { ...question('open'), state: 'answered', answer: answer('late') },
      { ...question('answered'), state: 'answered', answer: answer('first') },
      { ...question('withdrawn'), state: 'withdrawn' },
    ])
  },

  'an answer to nothing changes nothing': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    const before = await read(store, id)
    deepEqual(await store.answer(id, new Map([['r', answer('what')]])), { kind: 'written', task: before, answered: [] })
    deepEqual(await store.answer(id, new Map()), { kind: 'written', task: before, answered: [] })
    deepEqual(await store.get(id), before)
  },

  'an answer needs no lease, and does not touch one': async ({ store }) => {
    const { task, token } = await putTaken(store)
    await store.ask(task.id, question('q'), { ...ifOpen, token })
    answered(await store.answer(task.id, new Map([['q', answer('yes')]]), task.owner))
    await updated(store, task.id, store.note(task.id, { statusMessage: 'on' }, { ...ifOpen, token }))
  },

  'a task can ask again after an answer': async ({ store }) => {
    const { id } = await put(store)
    for (const key of ['q', 'r']) {
      equal((await written(store.ask(id, question(key), ifOpen))).status, 'input_required')
      equal(answered(await store.answer(id, new Map([[key, answer('yes')]]))).task.status, 'working')
    }
  },

  'a withdrawn question waits for nobody, and the last one lets the task work in the same step': async ({ store }) => {
    const { id } = await put(store)
    for (const key of ['q', 'r', 's']) await store.ask(id, question(key), ifOpen)
    await store.answer(id, new Map([['r', answer('yes')]]))
    const partly = await updated(store, id, store.withdraw(id, ['q', 'r', 'unknown'], ifOpen))
    deepEqual([partly.status, states(partly)], ['input_required', ['withdrawn', 'answered', 'open']])
    const wholly = await updated(store, id, store.withdraw(id, ['s'], ifOpen))
    deepEqual([wholly.status, states(wholly)], ['working', ['withdrawn', 'answered', 'withdrawn']])
    deepEqual(wholly.questions[0], { ...question('q'), state: 'withdrawn' })
    deepEqual(wholly.questions[1], { ...question('r'), state: 'answered', answer: answer('yes') })
    deepEqual(await store.get(id), wholly)
  },

  'a task with one question withdrawn and the other answered works again': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    await store.ask(id, question('r'), ifOpen)
    await store.withdraw(id, ['q'], ifOpen)
    equal(answered(await store.answer(id, new Map([['r', answer('yes')]]))).task.status, 'working')
  },

  'answers to a task that has ended are left aside': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('q'), ifOpen)
    await store.end(id, cancelled, ifOpen)
    const before = await read(store, id)
    deepEqual(await store.answer(id, new Map([['q', answer('late')]])), { kind: 'written', task: before, answered: [] })
  },
}

function answered(result: AnswerResult): { readonly task: TaskRecord; readonly keys: readonly string[] } {
  ok(result.kind === 'written', 'The task is not there.')
  return { task: result.task, keys: result.answered }
}

function states({ questions: asked }: TaskRecord): readonly string[] {
  return asked.map(({ state }) => state)
}

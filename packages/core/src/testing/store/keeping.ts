import { summaryOf } from '../../store/task-rules.ts'
import { deepEqual, equal, notDeepEqual, rejects } from 'node:assert/strict'
import type { JsonObject } from '../../json/json.ts'
import { answer, completed, ifOpen, longMs, newTask, put, question, read, take, updated, written } from './fixtures.ts'
import type { StoreCases } from './store-cases.ts'

/** What breaks stores that take JSON apart, or put its names into objects of their own. */
const awkward: JsonObject = JSON.parse(`{
  "": "no name", "a.b": 1, "$set": {}, "__proto__": { "isAdmin": true }, "constructor": [null, [], {}, [[0]]],
  "text": "é 漢字 👩‍🚀 \\u0000 \\ud800 'single' \\"double\\" \\\\ \\n", "numbers": [0, -1, 1.5, 1e21, 9007199254740993, 5e-324]
}`)

export const keeping: StoreCases = {
  'a request is kept as it was given, whatever is in it': async ({ store }) => {
    const capabilities = { elicitation: {} }
    const auth = { subject: 'ann', scopes: ['a', 'b'] }
    const request = { arguments: awkward, meta: awkward, traceparent: '00-1-2-01', capabilities, auth }
    const { id } = await put(store, { request })
    deepEqual((await read(store, id)).request, request)
  },

  'names, owners and messages may be any text': async ({ store }) => {
    const names = { id: "é'; --", owner: 'a:b|c/d {e} *', quota: '%_', tool: 'tool "x"\n', namespace: 'n:m' }
    const { id } = await put(store, names)
    const message = 'half way: 50 % of 👩‍🚀\nand more'
    await store.note(id, { statusMessage: message, progress: { progress: 0.5, total: 1, message } }, ifOpen)
    const task = await read(store, id)
    const { owner, quota, tool, namespace, statusMessage, progress } = task
    deepEqual({ id: task.id, owner, quota, tool, namespace }, names)
    deepEqual([statusMessage, progress?.message], [message, message])
    deepEqual((await store.get(id, names.owner))?.id, id)
  },

  'a question, its answer and an outcome are kept as they were given, whatever is in them': async ({ store }) => {
    const { id } = await put(store)
    await store.ask(id, question('a.b', { method: 'sampling/createMessage', params: awkward }), ifOpen)
    await store.answer(id, new Map([['a.b', { kind: 'result', result: awkward }]]))
    await store.end(id, { ...completed(), outcome: { kind: 'result', result: awkward } }, ifOpen)
    const task = await read(store, id)
    const { params, method, identity } = question('a.b', { method: 'sampling/createMessage', params: awkward })
    const given = { kind: 'result', result: awkward }
    deepEqual(task.questions, [{ key: 'a.b', identity, method, params, state: 'answered', answer: given }])
    deepEqual(task.outcome, given)
  },

  'an error is kept with its code and data, as an answer and as an outcome': async ({ store }) => {
    const { id } = await put(store)
    const error = { kind: 'error', error: { code: -32_042, message: 'no', data: { why: ['x'] } } } as const
    await store.ask(id, question('q'), ifOpen)
    await store.answer(id, new Map([['q', error]]))
    await store.end(id, { status: 'failed', statusMessage: 'no', outcome: error, retentionMs: longMs }, ifOpen)
    const task = await read(store, id)
    deepEqual(task.questions[0], { ...question('q'), state: 'answered', answer: error })
    deepEqual(task.outcome, error)
  },

  'keys of questions and steps may be any text': async ({ store }) => {
    const { id } = await put(store)
    const keys = ['', '__proto__', 'constructor', 'a.b', 'a:b', '$x', "'", 'é 漢', '0']
    for (const key of keys) {
      await written(store.ask(id, question(key), ifOpen))
      await updated(store, id, store.saveStep(id, { key, value: key }, ifOpen))
    }
    const { answered } = (await store.answer(id, new Map(keys.map((key) => [key, answer(key)])))) as never
    deepEqual(answered, keys)
    deepEqual(await store.steps(id), new Map(keys.map((key) => [key, key])))
  },

  'what was read of a task stays as it was when the task changes': async ({ store }) => {
    const created = await put(store)
    const before = structuredClone(created)
    const listed = await store.list({}, { limit: 10 })
    const steps = await store.steps(created.id)
    const history = await store.history(created.id)
    const events = history.length
    await store.ask(created.id, question('q'), ifOpen)
    await store.saveStep(created.id, { key: 's', value: 1 }, ifOpen)
    const asked = await read(store, created.id)
    const waiting = structuredClone(asked)
    await store.answer(created.id, new Map([['q', answer('yes')]]))
    await store.end(created.id, completed(), ifOpen)
    deepEqual(created, before)
    deepEqual(listed.tasks, [summaryOf(before)])
    deepEqual(asked, waiting)
    deepEqual([steps.size, history.length], [0, events])
  },

  'what is done to a task that was created never reaches the store': async ({ store }) => {
    const created = await put(store)
    const before = structuredClone(created)
    spoil(created)
    spoil(await store.get(before.id))
    deepEqual(await store.get(before.id), before)
  },

  'what is done to a task that was read never reaches the store': async ({ store }) => {
    const { id } = await put(store, { request: { arguments: { deep: { list: [1] } } } })
    await store.ask(id, question('q'), ifOpen)
    await store.ask(id, question('r'), ifOpen)
    await store.answer(id, new Map([['q', answer('yes')]]))
    await store.note(id, { progress: { progress: 1 } }, ifOpen)
    await store.saveStep(id, { key: 's', value: { deep: [1] } }, ifOpen)
    await store.end(id, completed(), ifOpen)
    const seen = await everything()
    const kept = structuredClone(seen)
    spoil(seen)
    deepEqual(await everything(), kept)
    notDeepEqual(kept.task, undefined)

    async function everything() {
      const [{ tasks }, history, steps] = [
        await store.list({}, { limit: 9 }),
        await store.history(id),
        await store.steps(id),
      ]
      return { task: await store.get(id), tasks, history, steps }
    }
  },

  'what is done afterwards to what a store was given never reaches it': async ({ store }) => {
    const given = newTask({ request: { arguments: { deep: { list: [1] } } } })
    const asked = question('q', { params: { deep: [1] } })
    const said = answer('yes')
    const step = { key: 's', value: { deep: [1] } }
    const progress = { progress: 1, message: 'one' }
    const ending = completed()
    const all = { given, asked, said, step, progress, ending }
    const before = structuredClone(all)
    await store.create(given)
    const { id } = before.given
    const guard = { ...ifOpen, token: (await take(store, id)).token }
    await store.ask(id, asked, guard)
    await store.answer(id, new Map([['q', said]]))
    await store.saveStep(id, step, guard)
    await store.note(id, { progress }, guard)
    await store.end(id, ending, guard)
    spoil(all)
    const task = await read(store, id)
    deepEqual(task.request, before.given.request)
    deepEqual(task.questions, [{ ...before.asked, state: 'answered', answer: before.said }])
    deepEqual([task.progress, task.outcome], [before.progress, before.ending.outcome])
    deepEqual([...(await store.steps(id))], [[before.step.key, before.step.value]])
  },

  'what only seems to be frozen is no different': async ({ store }) => {
    const inner = { list: [1] }
    const { id } = await put(store, { request: Object.freeze({ arguments: Object.freeze({ inner }) }) })
    inner.list.push(2)
    deepEqual((await read(store, id)).request, { arguments: { inner: { list: [1] } } })
  },

  'a write of what JSON cannot say rejects, and changes nothing': async ({ store }) => {
    const { id } = await put(store)
    const { token } = await take(store, id)
    const guard = { ...ifOpen, token }
    await store.ask(id, question('q'), guard)
    await store.ask(id, question('r'), guard)
    const before = await read(store, id)
    const history = await store.history(id)
    const never = { big: 1n } as never
    const bad = { kind: 'result', result: never } as const
    await rejects(store.end(id, { ...completed(), outcome: bad }, guard))
    await rejects(store.ask(id, question('s', { params: never }), guard))
    await rejects(store.saveStep(id, { key: 's', value: never }, guard))
    await rejects(
      store.answer(
        id,
        new Map([
          ['q', answer('yes')],
          ['r', bad],
        ]),
      ),
    )
    deepEqual(await store.get(id), before)
    deepEqual(await store.history(id), history)
    equal((await store.steps(id)).size, 0)
    deepEqual(await store.heartbeat([{ id, token }], longMs), new Map([[id, 'held']]))
  },
}

/** Changes everything in a value that lets itself be changed. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Map) {
    for (const part of value.values()) spoil(part)
    value.clear()
    return
  }
  for (const name of Object.keys(value)) {
    spoil((value as Record<string, unknown>)[name])
    // Where it is frozen, nothing happens.
    Reflect.set(value, name, 'spoilt')
  }
  Reflect.set(value, 'added', 'spoilt')
}

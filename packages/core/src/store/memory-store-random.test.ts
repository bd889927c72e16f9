import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { isTerminal, openStatuses, type TaskStatus } from '../task/task-status.ts'
import { ManualClock } from '../testing.ts'
import { createTask } from '../worker/create-task.ts'
import { MemoryStore } from './memory-store.ts'
import type { CrashPolicy, TaskRecord } from './task-record.ts'
import type { Claim, WriteAck, WriteGuard } from './task-store.ts'

/*
 * A store that is used at random, beside a model that says what it owes: which of its tasks are there, in which status, under
 * whose lease, with which open questions.
 */

type Step =
  | { readonly kind: 'create'; readonly shape: Shape; readonly held: boolean }
  | { readonly kind: 'claim' | 'answer' | 'list' | 'owner'; readonly task: number; readonly key: Key }
  | {
      readonly kind: 'end' | 'note' | 'ask' | 'withdraw' | 'step' | 'release' | 'heartbeat'
      readonly task: number
      readonly key: Key
      /** Which of the tokens that the task ever had, counted from the newest; the last is none. */
      readonly token: number
    }
  | { readonly kind: 'lost' | 'sweep' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'turn back'; readonly ms: number }

const shapes = [
  { ttlMs: 100, maxTtlMs: 1_000, onCrash: 'rerun', maxAttempts: 2 },
  { ttlMs: 0, maxTtlMs: 300, onCrash: 'fail', maxAttempts: 1 },
  { ttlMs: null, maxTtlMs: null, onCrash: 'rerun', maxAttempts: 3 },
] as const satisfies readonly { onCrash: CrashPolicy; [name: string]: unknown }[]
type Shape = (typeof shapes)[number]

/** Names a question or a step, and how a task is ended. */
type Key = keyof typeof endings
const endings = { q0: 'completed', q1: 'failed', q2: 'cancelled' } as const

const leaseMs = 50
const retentionMs = 200
const maxOpen = 3

const anyShape = fc.constantFrom<Shape>(...shapes)
const task = fc.nat(4)
const key = fc.constantFrom<Key>('q0', 'q1', 'q2')
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('create' as const), shape: anyShape, held: fc.boolean() }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('claim', 'answer', 'list', 'owner'), task, key }) },
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constantFrom('end', 'note', 'ask', 'ask', 'withdraw', 'step', 'release', 'heartbeat'),
        task,
        key,
        token: fc.nat(3),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('lost', 'sweep') }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 25, 50, 100) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('turn back' as const), ms: fc.constantFrom(1, 25, 50) }) },
  ),
  { maxLength: 80, size: 'max' },
)

/** What the model knows of a task. */
interface Expected {
  readonly id: string
  readonly shape: Shape
  status: TaskStatus
  attempt: number
  releases: number
  leasedUntilMs: number | undefined
  expiresAtMs: number | null
  readonly createdAtMs: number
  readonly tokens: string[]
  readonly questions: Map<string, 'open' | 'answered' | 'withdrawn'>
  readonly steps: Set<string>
  last: TaskRecord
}

class Story {
  readonly #clock = new ManualClock(0)
  readonly #store = new MemoryStore({ clock: this.#clock })
  readonly #tasks: Expected[] = []
  #names = 0

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'create':
        return await this.#create(step.shape, step.held)
      case 'pass':
        return await this.#clock.advance(step.ms)
      case 'turn back':
        return this.#clock.set(this.#now - step.ms)
      case 'lost':
        return await this.#lose()
      case 'sweep':
        return await this.#sweep()
      default: {
        const expected = this.#tasks.at(step.task - this.#tasks.length)
        if (expected !== undefined) await this.#touch(expected, step)
      }
    }
  }

  /** Everything that holds between two steps, whatever they are. */
  async check(): Promise<void> {
    const there = this.#tasks.filter((expected) => this.#isThere(expected))
    for (const expected of this.#tasks) {
      const record = await this.#store.get(expected.id)
      if (!there.includes(expected)) {
        equal(record, undefined)
        this.#gone.add(expected.id)
        continue
      }
      deepEqual(record, expected.last)
      equal(record?.status, expected.status)
      equal(record.attempt, expected.attempt)
      equal(record.expiresAtMs, expected.expiresAtMs)
      const states = record.questions.map((question) => [question.key, question.state] as const)
      deepEqual(new Map(states), expected.questions)
      equal(states.length, expected.questions.size)
      const isWaiting = states.some(([, state]) => state === 'open')
      if (!isTerminal(record.status)) equal(record.status === 'input_required', isWaiting)
      else equal(isWaiting, false)
      deepEqual(new Set((await this.#store.steps(expected.id)).keys()), expected.steps)
    }
    const { tasks } = await this.#store.list({}, { limit: 100 })
    deepEqual(
      tasks.map(({ id }) => id),
      there.map(({ id }) => id).toReversed(),
    )
    const page = await this.#store.claimable({ namespace: 'default', tools: ['task'] }, { limit: 100 })
    const ids = page.tasks.map(({ id }) => id)
    deepEqual(
      ids,
      there.filter((expected) => this.#isClaimable(expected)).map(({ id }) => id),
    )
  }

  get #now(): number {
    return this.#clock.now()
  }

  #isThere({ expiresAtMs, last }: Expected): boolean {
    return !this.#gone.has(last.id) && (expiresAtMs === null || this.#now < expiresAtMs)
  }

  readonly #named = new Set<string>()
  /** Deleted for good: they stay away although the clock goes back. */
  readonly #gone = new Set<string>()

  #isHeld({ leasedUntilMs }: Expected): boolean {
    return leasedUntilMs !== undefined && this.#now < leasedUntilMs
  }

  #isClaimable(expected: Expected): boolean {
    const { status, attempt, releases, shape } = expected
    const hasAttempts = attempt === 0 || (shape.onCrash === 'rerun' && attempt - releases < shape.maxAttempts)
    return status === 'working' && hasAttempts && !this.#isHeld(expected) && !expected.last.elsewhere
  }

  async #create(shape: Shape, isHeld: boolean): Promise<void> {
    this.#names += 1
    const options = { maxOpen, ...(isHeld && { leaseMs }) }
    const open = this.#tasks.filter((each) => this.#isThere(each) && !isTerminal(each.status)).length
    const result = await this.#store.create(createTask({ ...shape, id: `t${this.#names}` }), options)
    equal(result.kind, open >= maxOpen ? 'full' : 'created')
    if (result.kind !== 'created') return
    const expected: Expected = {
      id: result.task.id,
      shape,
      status: 'working',
      attempt: isHeld ? 1 : 0,
      releases: 0,
      leasedUntilMs: isHeld ? this.#now + leaseMs : undefined,
      expiresAtMs: shape.maxTtlMs === null ? null : this.#now + shape.maxTtlMs,
      createdAtMs: this.#now,
      tokens: result.token === undefined ? [] : [result.token],
      questions: new Map(),
      steps: new Set(),
      last: result.task,
    }
    this.#tasks.push(expected)
  }

  async #lose(): Promise<void> {
    const lost = this.#tasks.filter((each) => {
      if (!this.#isThere(each) || isTerminal(each.status) || each.last.elsewhere) return false
      if (each.leasedUntilMs === undefined || this.#isHeld(each)) return false
      return (
        each.shape.onCrash === 'fail' ||
        (each.status === 'working' && each.attempt - each.releases >= each.shape.maxAttempts)
      )
    })
    const [claim] = await this.#store.claimLost({ namespace: 'default', leaseMs }, 1)
    if (claim === undefined) return deepEqual(lost, [])
    const expected = lost.find(({ id }) => id === claim.task.id)
    ok(expected !== undefined)
    this.#lease(expected, claim)
  }

  async #sweep(): Promise<void> {
    const over = this.#tasks.filter((each) => !this.#gone.has(each.id) && !this.#isThere(each)).map(({ id }) => id)
    const swept = await this.#store.sweep(100)
    for (const id of over) this.#gone.add(id)
    for (const { id } of swept) {
      ok(this.#gone.has(id))
      ok(!this.#named.has(id), 'A sweep names a task once.')
      this.#named.add(id)
    }
  }

  #lease(expected: Expected, { task: record, token }: Claim): void {
    ok(!expected.tokens.includes(token))
    expected.tokens.push(token)
    expected.leasedUntilMs = this.#now + leaseMs
    this.#move(expected, record)
  }

  /** What a write makes of a task: later than it was, and never another outcome. */
  #move(expected: Expected, record: TaskRecord): void {
    ok(record.updatedAtMs > expected.last.updatedAtMs)
    equal(isTerminal(expected.last.status), false)
    ok(Object.isFrozen(record))
    expected.last = record
  }

  async #touch(expected: Expected, step: Extract<Step, { readonly task: number }>): Promise<void> {
    const { id } = expected
    const name = step.key
    const isThere = this.#isThere(expected)
    if (!isThere) this.#gone.add(id)
    const isOpen = isThere && !isTerminal(expected.status)
    switch (step.kind) {
      case 'list':
        return void (await this.#store.list({ statuses: ['working'] }, { limit: 1 }))
      case 'owner':
        return equal(await this.#store.get(id, 'somebody else'), undefined)
      case 'claim': {
        const isClaimable = isThere && this.#isClaimable(expected)
        const claim = await this.#store.claim(id, { namespace: 'default', tools: ['task'], leaseMs })
        equal(claim !== undefined, isClaimable)
        if (claim === undefined) return
        expected.attempt += 1
        return this.#lease(expected, claim)
      }
      case 'answer': {
        const answer = { kind: 'result', result: { step: this.#names } } as const
        const isAsked = isThere && expected.questions.get(name) === 'open'
        const result = await this.#store.answer(id, new Map([[name, answer]]))
        equal(result.kind, isThere ? 'written' : 'missing')
        if (result.kind === 'written') deepEqual(result.answered, isAsked ? [name] : [])
        if (!isAsked || result.kind !== 'written') return
        expected.questions.set(name, 'answered')
        this.#settle(expected)
        return this.#move(expected, result.task)
      }
      case 'heartbeat': {
        const token = expected.tokens.at(-1 - step.token) ?? 'none'
        const isMine = isOpen && this.#holds(expected, token)
        const state = isMine ? 'held' : isThere && expected.status === 'cancelled' ? 'cancelled' : 'lost'
        deepEqual(await this.#store.heartbeat([{ id, token }], leaseMs), new Map([[id, state]]))
        if (isMine) expected.leasedUntilMs = this.#now + leaseMs
        return
      }
      default:
        return await this.#write(expected, step.kind, name, expected.tokens.at(-1 - step.token))
    }
  }

  #holds({ leasedUntilMs, tokens }: Expected, token: string | undefined): boolean {
    return leasedUntilMs !== undefined && token === tokens.at(-1)
  }

  /** Where no question is open any more, the task works again. */
  #settle(expected: Expected): void {
    expected.status = [...expected.questions.values()].includes('open') ? 'input_required' : 'working'
  }

  async #write(
    expected: Expected,
    kind: 'end' | 'note' | 'ask' | 'withdraw' | 'step' | 'release',
    name: Key,
    token: string | undefined,
  ): Promise<void> {
    const { id } = expected
    const isThere = this.#isThere(expected)
    const isMine = kind === 'release' || token !== undefined ? this.#holds(expected, token) : true
    const isUsed = kind === 'ask' && expected.questions.has(name)
    const isAllowed = isThere && !isTerminal(expected.status) && isMine && !isUsed
    const guard: WriteGuard = { from: openStatuses, ...(token !== undefined && { token }) }
    const ending = endings[name]
    const writes: Record<typeof kind, () => Promise<WriteAck>> = {
      end: () => {
        const outcome = { kind: 'result', result: { by: this.#names } } as const
        return this.#store.end(id, { status: ending, retentionMs, outcome }, guard)
      },
      note: () => this.#store.note(id, { statusMessage: name }, guard),
      ask: () => this.#store.ask(id, { key: name, identity: name, method: 'roots/list', params: {} }, guard),
      withdraw: () => this.#store.withdraw(id, [name], guard),
      step: () => this.#store.saveStep(id, { key: name, value: name }, guard),
      release: () => this.#store.release(id, token ?? 'none', { elsewhere: name === 'q2' }),
    }
    const result = await writes[kind]()
    equal(result.kind, isAllowed ? 'written' : isThere ? 'refused' : 'missing')
    const record = await this.#store.get(id)
    if (result.kind === 'missing') return
    ok(record !== undefined)
    const hasNothingToDo =
      (kind === 'withdraw' && expected.questions.get(name) !== 'open') || (kind === 'step' && expected.steps.has(name))
    if (result.kind === 'refused' || hasNothingToDo) return deepEqual(record, expected.last)
    if (kind === 'ask') expected.questions.set(name, 'open')
    if (kind === 'withdraw' && expected.questions.get(name) === 'open') expected.questions.set(name, 'withdrawn')
    if (kind === 'ask' || kind === 'withdraw') this.#settle(expected)
    if (kind === 'step') expected.steps.add(name)
    if (kind === 'release') {
      expected.leasedUntilMs = undefined
      expected.releases += 1
    }
    if (kind === 'end') {
      expected.status = ending
      expected.leasedUntilMs = undefined
      const { ttlMs } = expected.shape
      expected.expiresAtMs = ttlMs === null ? null : Math.max(expected.createdAtMs + ttlMs, this.#now + retentionMs)
      for (const [question, state] of expected.questions)
        if (state === 'open') expected.questions.set(question, 'withdrawn')
    }
    this.#move(expected, record)
  }
}

test('whatever is done to it, in any order, a store owes what the model says', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const story = new Story()
      for (const step of all) {
        await story.take(step)
        await story.check()
      }
    }),
    { numRuns: 300 },
  )
})

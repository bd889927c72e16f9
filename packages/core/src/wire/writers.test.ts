import { existsSync, readFileSync } from 'node:fs'
import * as spec from '@modelcontextprotocol/core'
import * as extension from '@modelcontextprotocol/ext-tasks/core/v2'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskQuestion, TaskSnapshot } from '../task/task-snapshot.ts'
import { taskStatuses } from '../task/task-status.ts'
import * as legacy from './2025-11-25/index.ts'
import * as modern from './2026-07-28/index.ts'
import type { CreatedTask, TaskState } from './task-state.ts'

const ms = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const id = fc.string({ minLength: 1 })
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
/** The official schemas drop this one key, so it would look as if it had not been sent. */
const key = fc.string().filter((name) => name !== '__proto__')
/** JSON as it would come back from the wire: no negative zero. */
const json = fc
  .json()
  .filter((text) => !text.includes('__proto__'))
  .map((text): unknown => JSON.parse(JSON.stringify(JSON.parse(text))))
const some = json.filter((value) => value !== null)

const snapshot: fc.Arbitrary<TaskSnapshot> = fc.record(
  {
    id,
    status: fc.constantFrom(...taskStatuses),
    statusMessage: fc.string(),
    createdAt: time,
    lastUpdatedAt: time,
    ttlMs: fc.option(ms),
    pollIntervalMs: ms,
  },
  { requiredKeys: ['id', 'status', 'createdAt', 'lastUpdatedAt', 'ttlMs'] },
)

const result = fc
  .record({ content: fc.array(fc.record({ type: fc.constant('text'), text: fc.string() })), isError: fc.boolean() })
  .chain((known) => fc.dictionary(key, some).map((vendor) => ({ ...vendor, _meta: { vendor }, ...known })))
const resultOutcome = result.map((value) => ({ kind: 'result', result: value }) as const)
const errorOutcome = fc
  .record({ code: fc.integer(), message: fc.string(), data: some }, { requiredKeys: ['code', 'message'] })
  .map((error) => ({ kind: 'error', error }) as const)

const params: Record<TaskQuestion['method'], fc.Arbitrary<TaskQuestion['params']>> = {
  'elicitation/create': fc.record({
    message: fc.string(),
    requestedSchema: fc.constant({ type: 'object', properties: { name: { type: 'string' } } }),
  }),
  'sampling/createMessage': fc.record({
    messages: fc.array(fc.record({ role: fc.constant('user'), content: fc.constant({ type: 'text', text: 'hi' }) })),
    maxTokens: fc.integer({ min: 1 }),
  }),
  'roots/list': fc.constant({}),
}
const question = fc
  .constantFrom('elicitation/create', 'sampling/createMessage', 'roots/list')
  .chain((method) => fc.record({ key, method: fc.constant(method), params: params[method] }))
const questionList = fc.uniqueArray(question, { selector: (each) => each.key })

/** Every state that the neutral model allows, with the outcome that its status calls for. */
const state: fc.Arbitrary<TaskState> = snapshot.chain((task) =>
  fc.record({
    task: fc.constant(task),
    questions: task.status === 'input_required' ? questionList : fc.constant([]),
    unreadable: fc.constant([]),
    ...(task.status === 'completed' && { outcome: resultOutcome }),
    ...(task.status === 'failed' && { outcome: errorOutcome }),
  }),
)
const created: fc.Arbitrary<CreatedTask> = fc.record(
  { task: snapshot, immediateResponse: fc.string() },
  { requiredKeys: ['task'] },
)

/** Through JSON, as every message goes. */
const sent = (message: unknown): unknown => JSON.parse(JSON.stringify(message))
const byKey = (questions: readonly TaskQuestion[]): unknown => new Map(questions.map((each) => [each.key, each]))

describe('what is written is read again', () => {
  test('2025: a created task, with what its host may say at once', () => {
    fc.assert(
      fc.property(created, (task) => {
        expect(legacy.readCreated(sent(legacy.writeCreated(task)))).toEqual(task)
      }),
    )
  })

  test('2025: a state, but for its outcome, which only words the status', () => {
    fc.assert(
      fc.property(state, ({ task, outcome }) => {
        const isError = outcome?.kind === 'result' && outcome.result['isError'] === true
        const status = isError ? 'failed' : task.status
        const expected = { task: { ...task, status }, questions: [], unreadable: [] }
        const written = outcome === undefined ? { task } : { task, outcome }
        expect(legacy.readState(sent(legacy.writeState(written)))).toEqual(expected)
        expect(legacy.readNotification(sent(legacy.writeNotification(written).params))).toEqual(expected)
      }),
    )
  })

  test('2025: a page of tasks', () => {
    fc.assert(
      fc.property(fc.array(snapshot), fc.option(id, { nil: undefined }), (tasks, cursor) => {
        const page = legacy.readList(
          sent(
            legacy.writeList(
              tasks.map((task) => ({ task })),
              cursor,
            ),
          ),
        )
        expect(page).toEqual({ tasks, unreadable: 0, ...(cursor !== undefined && { nextCursor: cursor }) })
      }),
    )
  })

  test('2025: a result, without the tie to its task', () => {
    fc.assert(
      fc.property(resultOutcome, id, (outcome, taskId) => {
        expect(legacy.readResult(sent(legacy.writeResult(outcome, taskId)))).toEqual(outcome)
      }),
    )
  })

  test('2026: a created task', () => {
    fc.assert(
      fc.property(snapshot, (task) => {
        expect(modern.readCreated(sent(modern.writeCreated({ task })))).toEqual({ task })
      }),
    )
  })

  test('2026: a state, questions and outcome included', () => {
    fc.assert(
      fc.property(state, id, (written, subscription) => {
        const messages = [modern.writeState(written), modern.writeNotification(written, subscription).params]
        for (const read of messages.map((message) => modern.readState(sent(message)))) {
          expect({ ...read, questions: byKey(read.questions) }).toEqual({
            ...written,
            questions: byKey(written.questions),
          })
        }
      }),
    )
  })
})

const rpc = { jsonrpc: '2.0', id: 1 } as const
const answer = { action: 'accept', content: { name: 'x' } } as const

/** Everything that writers produce, by the definition in the specification that it must meet. */
const messages2025 = {
  CreateTaskResult: created.map(legacy.writeCreated),
  GetTaskResult: state.map(legacy.writeState),
  CancelTaskResult: state.map(legacy.writeState),
  ListTasksResult: fc
    .tuple(fc.array(state), fc.option(id, { nil: undefined }))
    .map((page) => legacy.writeList(...page)),
  GetTaskPayloadResult: fc.tuple(resultOutcome, id).map((args) => legacy.writeResult(...args)),
  TaskStatusNotification: state.map((each) => ({ jsonrpc: '2.0', ...legacy.writeNotification(each) })),
  GetTaskRequest: id.map((taskId) => ({ ...rpc, ...legacy.getTask(taskId) })),
  GetTaskPayloadRequest: id.map((taskId) => ({ ...rpc, ...legacy.taskResult(taskId) })),
  CancelTaskRequest: id.map((taskId) => ({ ...rpc, ...legacy.cancelTask(taskId) })),
  ListTasksRequest: fc.option(id, { nil: undefined }).map((cursor) => ({ ...rpc, ...legacy.listTasks(cursor) })),
  CallToolRequestParams: fc.double().map((ttlMs) => legacy.augment({ name: 'render' }, { ttlMs })),
  ServerCapabilities: fc
    .record({ toolCalls: fc.boolean(), list: fc.boolean(), cancel: fc.boolean() })
    .map((capability) => ({ tasks: legacy.writeTasksCapability(capability) })),
}
const messages2026 = {
  CreateTaskResult: created.map(modern.writeCreated),
  GetTaskResult: state.map(modern.writeState),
  TaskStatusNotification: fc
    .tuple(state, fc.oneof(id, fc.integer()))
    .map((args) => ({ jsonrpc: '2.0', ...modern.writeNotification(...args) })),
  GetTaskRequest: id.map((taskId) => ({ ...rpc, ...modern.getTask(taskId) })),
  CancelTaskRequest: id.map((taskId) => ({ ...rpc, ...modern.cancelTask(taskId) })),
  UpdateTaskRequest: fc
    .tuple(id, key)
    .map(([taskId, name]) => ({ ...rpc, ...modern.updateTask(taskId, { [name]: answer }) })),
  TaskSubscriptionNotifications: fc.array(id).map(modern.listenFilter),
}

type Oracles = Readonly<Record<string, { parse(message: unknown): unknown } | undefined>>
const zod2025 = spec as unknown as Oracles
const zod2026 = extension as unknown as Oracles

/** The request schemas leave out what JSON-RPC adds. */
function withoutFraming(message: unknown): object {
  const { jsonrpc: _version, id: _id, ...rest } = sent(message) as Record<string, unknown>
  return rest
}

/** These schemas drop what they do not know: what comes out shows whether all that was sent has a meaning. */
describe('what is written meets the official Zod schemas', () => {
  test.for(Object.entries<fc.Arbitrary<unknown>>(messages2025))('2025-11-25: %s', ([name, messages]) => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(zod2025[`${name}Schema`]?.parse(sent(message))).toMatchObject(withoutFraming(message))
      }),
    )
  })

  test.for(Object.entries<fc.Arbitrary<unknown>>(messages2026))('tasks extension: %s', ([name, messages]) => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(zod2026[`${name}V2Schema`]?.parse(sent(message))).toMatchObject(withoutFraming(message))
      }),
    )
  })
})

const schemas = new URL('../../../../../shared/schemas/', import.meta.url)

/** What the definition in one of the official schema files has against a message: nothing, or a list of errors. */
function validator(file: string, definition: string): (message: unknown) => unknown {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(JSON.parse(readFileSync(new URL(file, schemas), 'utf8')), 'schema')
  const validate = ajv.compile({ $ref: `schema#/$defs/${definition}` })
  return (message) => (validate(sent(message)) ? [] : validate.errors)
}

describe('what is written meets the official JSON Schemas', () => {
  test.for(Object.entries<fc.Arbitrary<unknown>>(messages2025))('2025-11-25: %s', ([name, messages], { skip }) => {
    skip(!existsSync(schemas), `no schemas at ${schemas.pathname}`)
    const errors = validator('2025-11-25.schema.json', name)
    fc.assert(
      fc.property(messages, (message) => {
        expect(errors(message)).toEqual([])
      }),
    )
  })

  test.for(Object.entries<fc.Arbitrary<unknown>>(messages2026))('tasks extension: %s', ([name, messages], { skip }) => {
    skip(!existsSync(schemas), `no schemas at ${schemas.pathname}`)
    const errors = validator('tasks-extension.schema.json', name)
    fc.assert(
      fc.property(messages, (message) => {
        expect(errors(message)).toEqual([])
      }),
    )
  })
})

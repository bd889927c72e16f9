import * as server from '@longcall/server'
import type { RunToolOptions, ToolRun } from '@longcall/server/testing'
import type * as kit from '@longcall/server/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'

describe('what a server imports', () => {
  test('is functions, values and the errors that it catches, or finds as the reason of a signal', () => {
    expect(Object.keys(server).toSorted()).toEqual(
      [
        ...['createHandler', 'createTasks', 'memory', 'serveHttp', 'serveStdio', 'serveTransport', 'systemClock'],
        ...['BadCursorError', 'LeaseLostError', 'LongcallError', 'NotJsonError', 'QuestionTimeoutError', 'RpcError'],
        ...['ShutdownError', 'TaskCancelledError', 'TaskLimitError', 'TaskTimeoutError', 'TooLargeError'],
        ...['UnknownToolError', 'workElsewhere'],
      ].toSorted(),
    )
  })

  test('has a name for each type in what it calls', () => {
    type Tasks = server.Tasks
    expectTypeOf<Awaited<ReturnType<Tasks['history']>>>().toEqualTypeOf<readonly server.TaskHistoryEntry[]>()
    expectTypeOf<Parameters<Tasks['fail']>[1]>().toEqualTypeOf<server.RpcErrorObject>()
    expectTypeOf<Parameters<Tasks['ask']>[1]>().toExtend<server.Question>()
    expectTypeOf<ReturnType<Tasks['ask']>>().toEqualTypeOf<Promise<server.JsonObject>>()
    expectTypeOf<server.TaskView>().toExtend<server.TaskSnapshot>()
    expectTypeOf<Tasks['runtime']>().toEqualTypeOf<server.TaskRuntime>()
    expectTypeOf<NonNullable<server.TasksOptions['clock']>>().toEqualTypeOf<server.Clock>()
    expectTypeOf<server.TaskBackend['store']>().toEqualTypeOf<server.TaskStore>()
    expectTypeOf<server.TaskBackend['engine']>().toEqualTypeOf<server.TaskEngine>()
    expectTypeOf<Tasks | server.Handler | server.HttpEndpoint | server.Pipe>().toExtend<AsyncDisposable>()
  })

  test('and so has its test', () => {
    expectTypeOf<ToolRun['questions']>().toEqualTypeOf<readonly kit.QuestionRecord[]>()
    expectTypeOf<ReturnType<ToolRun['nextQuestion']>>().toEqualTypeOf<Promise<kit.TaskQuestion>>()
    expectTypeOf<ToolRun['progress']>().toEqualTypeOf<readonly kit.TaskProgress[]>()
    expectTypeOf<NonNullable<RunToolOptions['tasks']>>().toEqualTypeOf<Omit<kit.TasksOptions, 'backend' | 'clock'>>()
  })
})

import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type {
  AnyTask,
  CallTaskOptions,
  CallToolOptions,
  Client,
  ClientOptions,
  ListOptions,
  PromptOperation,
  PromptTask,
  ResourceContents,
  ResourceOperation,
  ResourceTask,
  RunningReference,
  SettledReference,
  Task,
  TaskReference,
  TaskSnapshot,
  TaskStatus,
  ToolOperation,
  ToolResult,
  ToolTask,
} from '@longcall/client'
import type { Client as Sdk, GetPromptResult, Tool } from '@modelcontextprotocol/client'

/** Types only: nothing here is run. */
interface Forecast {
  readonly degrees: number
}

describe('callTool', () => {
  const plain = (client: Client) => client.callTool<Forecast>('forecast', { city: 'Paris' })
  const untyped = (client: Client) => client.callTool('forecast')
  const asTask = (client: Client) => client.callTool<Forecast>('forecast', { city: 'Paris' }, { task: true })
  const withTtl = (client: Client) => client.callTool('forecast', undefined, { task: { ttlMs: 5000 }, timeoutMs: 1 })
  const withOptions = (client: Client, options: CallToolOptions) => client.callTool('forecast', {}, options)

  test('gives a result, and a handle where a task is asked for', () => {
    expectTypeOf(plain).returns.resolves.toEqualTypeOf<ToolResult<Forecast>>()
    expectTypeOf(asTask).returns.resolves.toEqualTypeOf<ToolTask<Forecast>>()
    expectTypeOf(withTtl).returns.resolves.toEqualTypeOf<ToolTask>()
    expectTypeOf(withOptions).returns.resolves.toEqualTypeOf<ToolResult>()
  })

  test('knows nothing of the data unless it is told', () => {
    expectTypeOf(untyped).returns.resolves.toHaveProperty('data').toEqualTypeOf<unknown>()
    expectTypeOf(plain).returns.resolves.toHaveProperty('data').toEqualTypeOf<Forecast | undefined>()
    expectTypeOf(plain).returns.resolves.toHaveProperty('structuredContent').toEqualTypeOf<unknown>()
  })

  test('takes the same options with a task as without', () => {
    expectTypeOf<CallTaskOptions>().toExtend<CallToolOptions>()
    expectTypeOf<CallToolOptions>().not.toExtend<CallTaskOptions>()
    expectTypeOf<CallTaskOptions['task']>().toEqualTypeOf<true | { readonly ttlMs?: number }>()
    expectTypeOf<Parameters<Client['listTools']>[0]>().toEqualTypeOf<ListOptions | undefined>()
    expectTypeOf<Client['listTools']>().returns.resolves.toEqualTypeOf<readonly Tool[]>()
  })
})

describe('getPrompt and readResource', () => {
  test('give results, and handles where a task is asked for', () => {
    const prompt = (client: Client) => client.getPrompt('greet', { name: 'Ann' })
    const promptTask = (client: Client) => client.getPrompt('greet', undefined, { task: { ttlMs: 5000 }, version: '2' })
    const contents = (client: Client) => client.readResource('report://today', { cacheMode: 'refresh' })
    const resourceTask = (client: Client) => client.readResource('report://today', { task: true })
    expectTypeOf(prompt).returns.resolves.toEqualTypeOf<GetPromptResult>()
    expectTypeOf(promptTask).returns.resolves.toEqualTypeOf<PromptTask>()
    expectTypeOf(contents).returns.resolves.toEqualTypeOf<ResourceContents>()
    expectTypeOf(resourceTask).returns.resolves.toEqualTypeOf<ResourceTask>()
    expectTypeOf<PromptTask['result']>().returns.resolves.toEqualTypeOf<GetPromptResult>()
    expectTypeOf<ResourceTask['result']>().returns.resolves.toEqualTypeOf<ResourceContents>()
  })
})

describe('a task', () => {
  test('is no thenable: to return one from an async function does not wait for it', () => {
    expectTypeOf<ToolTask>().not.toExtend<PromiseLike<unknown>>()
    expectTypeOf<ToolTask>().not.toHaveProperty('then')
    const start = async (task: ToolTask<Forecast>) => task
    expectTypeOf(start).returns.resolves.toEqualTypeOf<ToolTask<Forecast>>()
  })

  test('of a tool gives what the tool returns', () => {
    expectTypeOf<ToolTask<Forecast>>().toExtend<Task<ToolResult<Forecast>>>()
    expectTypeOf<ToolTask<Forecast>['result']>().returns.resolves.toEqualTypeOf<ToolResult<Forecast>>()
    expectTypeOf<ToolTask['updates']>().returns.toExtend<AsyncIterable<TaskSnapshot>>()
    expectTypeOf<ToolTask['wait']>().returns.resolves.toEqualTypeOf<TaskSnapshot>()
    expectTypeOf<ToolTask['latest']>().toEqualTypeOf<TaskSnapshot | undefined>()
  })

  test('waits for a status or a condition, and for nothing else', () => {
    expectTypeOf<{ until: 'input_required' }>().toExtend<Parameters<ToolTask['wait']>[0]>()
    expectTypeOf<{ until: (snapshot: TaskSnapshot) => boolean }>().toExtend<Parameters<ToolTask['wait']>[0]>()
    expectTypeOf<{ until: 'done' }>().not.toExtend<Parameters<ToolTask['wait']>[0]>()
    expectTypeOf<TaskSnapshot['status']>().toEqualTypeOf<TaskStatus>()
  })

  test('is a reference when it is stored, told apart by its kind', () => {
    expectTypeOf<ToolTask['toJSON']>().returns.toEqualTypeOf<TaskReference<ToolOperation>>()
    expectTypeOf<PromptTask['toJSON']>().returns.toEqualTypeOf<TaskReference<PromptOperation>>()
    expectTypeOf<ResourceTask['toJSON']>().returns.toEqualTypeOf<TaskReference<ResourceOperation>>()
    expectTypeOf<Extract<TaskReference, { kind: 'task' }>>().toEqualTypeOf<RunningReference>()
    expectTypeOf<Extract<TaskReference, { kind: 'settled' }>>().toEqualTypeOf<SettledReference>()
  })

  test('is resumed as the handle that its reference came from', () => {
    const tool = (client: Client, task: ToolTask) => client.tasks.resume<Forecast>(task.toJSON())
    const prompt = (client: Client, task: PromptTask) => client.tasks.resume(task.toJSON())
    const resource = (client: Client, task: ResourceTask) => client.tasks.resume(task.toJSON())
    expectTypeOf(tool).returns.toEqualTypeOf<ToolTask<Forecast>>()
    expectTypeOf(prompt).returns.toEqualTypeOf<PromptTask>()
    expectTypeOf(resource).returns.toEqualTypeOf<ResourceTask>()
  })

  test('is told apart by its method, where its reference is any', () => {
    const resume = (client: Client, reference: TaskReference) => client.tasks.resume<Forecast>(reference)
    expectTypeOf(resume).returns.toEqualTypeOf<AnyTask<Forecast>>()
    const result = (task: AnyTask<Forecast>) => (task.method === 'prompts/get' ? task.result() : undefined)
    expectTypeOf(result).returns.toEqualTypeOf<Promise<GetPromptResult> | undefined>()
  })
})

describe('tasks by id', () => {
  test('give the result as the schema reads it', () => {
    const schema = z.object({ content: z.array(z.unknown()).transform((content) => content.length) })
    const read = (client: Client) => client.tasks.result('t1', schema)
    const bare = (client: Client) => client.tasks.result('t1')
    const limited = (client: Client) => client.tasks.result('t1', undefined, { timeoutMs: 5 })
    expectTypeOf(read).returns.resolves.toEqualTypeOf<{ content: number }>()
    expectTypeOf(bare).returns.resolves.toEqualTypeOf<ToolResult>()
    const prompt = (client: Client) => client.tasks.result<GetPromptResult>('t1')
    expectTypeOf(prompt).returns.resolves.toEqualTypeOf<GetPromptResult>()
    expectTypeOf(limited).returns.resolves.toEqualTypeOf<ToolResult>()
  })

  test('say who lists them', () => {
    expectTypeOf<Client['tasks']['list']>()
      .returns.resolves.toHaveProperty('source')
      .toEqualTypeOf<'server' | 'client'>()
    expectTypeOf<Client['tasks']['poll']>().returns.toExtend<AsyncIterable<TaskSnapshot>>()
  })
})

describe('a client', () => {
  test('takes any of its options, and none it does not know', () => {
    expectTypeOf<{}>().toExtend<ClientOptions>()
    expectTypeOf<ClientOptions['era']>().toEqualTypeOf<'auto' | '2026-07-28' | 'legacy' | undefined>()
    expectTypeOf<{ era: '2025-11-25' }>().not.toExtend<ClientOptions>()
    expectTypeOf<{ onElicitation: () => { action: 'accept' } }>().toExtend<ClientOptions>()
    expectTypeOf<{ onElicitation: () => symbol }>().not.toExtend<ClientOptions>()
  })

  test('connects to each kind of target, and to nothing else', () => {
    type Target = Parameters<typeof Client.connect>[0]
    expectTypeOf<'https://x/mcp'>().toExtend<Target>()
    expectTypeOf<URL>().toExtend<Target>()
    expectTypeOf<{ command: string; args: string[] }>().toExtend<Target>()
    expectTypeOf<import('@modelcontextprotocol/client').InMemoryTransport>().toExtend<Target>()
    expectTypeOf<import('@modelcontextprotocol/server').McpServer>().toExtend<Target>()
    expectTypeOf<import('@modelcontextprotocol/sdk/server/mcp.js').McpServer>().toExtend<Target>()
    expectTypeOf<() => import('@modelcontextprotocol/server').McpServer>().toExtend<Target>()
    expectTypeOf<42>().not.toExtend<Target>()
    expectTypeOf<{ url: string; token: string }>().toExtend<Target>()
    expectTypeOf<{ token: string }>().not.toExtend<Target>()
  })

  test("is disposed of by `await using`, and is the SDK's client underneath", () => {
    expectTypeOf<Client>().toExtend<AsyncDisposable>()
    expectTypeOf<Client['sdk']>().toExtend<Sdk>()
  })
})

import { describe, expect, test } from 'vitest'
import type { Tasks, ToolContext } from '@longcall/server'
import { rawTransports, serveRaw, withoutTasks, type RawModern } from '../../support/raw-modern.ts'
import { textOf, type Reply } from '../../support/modern-views.ts'

const nameForm = (message: string) => ({
  message,
  requestedSchema: {
    type: 'object' as const,
    properties: { name: { type: 'string' as const } },
    required: ['name'],
  },
})

async function name(context: ToolContext, message: string, key?: string): Promise<string> {
  const { content, action } = await context.elicit(nameForm(message), key === undefined ? {} : { key })
  return action === 'accept' ? String(content?.['name']) : action
}

/** What ran, in order: a body that is called once runs each line once. */
let ran: string[] = []

function tools(tasks: Tasks): void {
  ran = []
  tasks.registerTool('three', {}, async (_args, context) => {
    ran.push('begin')
    const first = await name(context, 'first?', 'first')
    const second = await name(context, 'second?', 'second')
    const third = await name(context, 'third?', 'third')
    ran.push('end')
    return `${first} ${second} ${third}`
  })
  tasks.registerTool('parallel', {}, async (_args, context) => {
    const all = await Promise.all(['a', 'b', 'c'].map((key) => name(context, `${key}?`, key)))
    return all.join(' ')
  })
  tasks.registerTool('mixed', {}, async (_args, context) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'hi' } }]
    const [said, { roots }] = await Promise.all([
      context.createMessage({ messages, maxTokens: 9 }, { key: 'said' }),
      context.listRoots({ key: 'roots' }),
    ])
    return `${JSON.stringify(said.content)} ${roots.length}`
  })
  tasks.registerTool('throws', {}, async (_args, context) => {
    throw new Error(`no ${await name(context, 'what?', 'what')} left`)
  })
  tasks.registerTool(
    'prepared',
    {
      prepare: async (args, context) => {
        ran.push('prepare')
        return { ...args, name: await name(context, 'who?', 'who'), age: await name(context, 'how old?', 'age') }
      },
    },
    (args, { taskId }) => {
      ran.push('body')
      return `${String(args['greeting'])} ${String(args['name'])} ${String(args['age'])} ${taskId === undefined ? 'inline' : 'task'}`
    },
  )
}

const accept = (text: string): object => ({ action: 'accept', content: { name: text } })
const inline = { capabilities: withoutTasks }

/** The next round of a call: the same call, with what the last round gave and the answers. */
function next(
  client: RawModern,
  tool: string,
  last: Reply,
  inputResponses: object,
  options: object = inline,
): Promise<Reply> {
  return client.call(tool, {}, { ...options, params: { requestState: last.result?.requestState, inputResponses } })
}

const keysOf = ({ result }: Reply): string[] => Object.keys(result?.inputRequests ?? {})

describe.each(rawTransports)('2026-07-28 over %s', (transport) => {
  test('a call that asks is answered with its question, and goes on with each round where it was', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('three', {}, inline)
    expect(first.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { first: { method: 'elicitation/create', params: { mode: 'form', message: 'first?' } } },
    })
    const second = await next(server, 'three', first, { first: accept('Ann') })
    expect(keysOf(second)).toEqual(['second'])
    const third = await next(server, 'three', second, { second: { action: 'decline' } })
    expect(keysOf(third)).toEqual(['third'])
    const done = await next(server, 'three', third, { third: accept('Bob') })
    expect(done.result).toMatchObject({ resultType: 'complete' })
    expect(textOf(done.result)).toBe('Ann decline Bob')
    expect(ran).toEqual(['begin', 'end'])
  })

  test('questions that are asked at once come in one round, and those without an answer come again', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('parallel', {}, inline)
    expect(keysOf(first)).toEqual(['a', 'b', 'c'])
    const again = await next(server, 'parallel', first, { b: accept('B') })
    expect(keysOf(again)).toEqual(['a', 'c'])
    const nothing = await next(server, 'parallel', again, {})
    expect(keysOf(nothing)).toEqual(['a', 'c'])
    const done = await next(server, 'parallel', nothing, { a: accept('A'), c: accept('C') })
    expect(textOf(done.result)).toBe('A B C')
  })

  test('a model and roots are asked for in the same way', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('mixed', {}, inline)
    expect(first.result?.inputRequests).toMatchObject({
      said: { method: 'sampling/createMessage' },
      roots: { method: 'roots/list' },
    })
    const done = await next(server, 'mixed', first, {
      said: { role: 'assistant', content: { type: 'text', text: 'ho' }, model: 'm' },
      roots: { roots: [{ uri: 'file:///a' }] },
    })
    expect(textOf(done.result)).toBe('{"type":"text","text":"ho"} 1')
  })

  test('an answer that does not fit is refused and nothing of its round is kept', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('parallel', {}, inline)
    const refused = await next(server, 'parallel', first, {
      a: accept('A'),
      b: { action: 'accept', content: { name: 5 } },
    })
    expect(refused.error).toMatchObject({ code: -32_602, message: expect.stringContaining('question b') as string })
    expect(keysOf(await next(server, 'parallel', first, {}))).toEqual(['a', 'b', 'c'])
  })

  test('what the tool throws after an answer is the result of that round', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('throws', {}, inline)
    const done = await next(server, 'throws', first, { what: accept('beer') })
    expect(done.result).toMatchObject({ isError: true, content: [{ text: 'no beer left' }] })
  })

  test('a question that the client cannot be asked is refused with -32021, and the tool learns of it', async () => {
    const server = await serveRaw(transport, tools)
    const { error } = await server.call('three', {}, { capabilities: { sampling: {} } })
    expect(error).toMatchObject({ code: -32_021, data: { requiredCapabilities: { elicitation: {} } } })
  })

  test('what a tool asks before its task are rounds of the call; then comes the task', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('prepared', { greeting: 'hi' })
    expect(keysOf(first)).toEqual(['who'])
    expect((await server.tasks.list()).tasks).toEqual([])
    const second = await next(server, 'prepared', first, { who: accept('Ann') }, {})
    expect(keysOf(second)).toEqual(['age'])
    const last = await next(server, 'prepared', second, { age: accept('7') }, {})
    expect(last.result).toMatchObject({ resultType: 'task', status: 'working' })
    const ended = await server.ended(last.result?.taskId ?? '')
    expect(textOf(ended.result)).toBe('hi Ann 7 task')
    expect(ran).toEqual(['prepare', 'body'])
  })

  test('a tool that prepares runs inline for a client without tasks, with the same questions', async () => {
    const server = await serveRaw(transport, tools)
    const first = await server.call('prepared', { greeting: 'hi' }, inline)
    const second = await next(server, 'prepared', first, { who: accept('Ann') })
    const done = await next(server, 'prepared', second, { age: accept('7') })
    expect(textOf(done.result)).toBe('hi Ann 7 inline')
  })
})

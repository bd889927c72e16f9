import { expect, test } from 'vitest'
import { createTasks } from '../tasks/tasks.ts'
import { toolsFor } from './tools-for.ts'

const tasks = createTasks()
for (const name of ['a', 'b', 'c']) tasks.registerTool(name, {}, () => '')

const named = (message: unknown): string[] => [...toolsFor(tasks.service, message)].map(({ name }) => name)

test('a call is about its tool', () => {
  expect(named({ method: 'tools/call', params: { name: 'b' } })).toEqual(['b'])
})

test.each([
  { method: 'tools/call', params: { name: 'somebody else’s' } },
  { method: 'tools/call', params: null },
  { method: 'tools/call' },
  { method: 'tasks/get', params: { taskId: 'b' } },
])('a server object that is asked $method has one tool at least: it could not have the method otherwise', (message) => {
  expect(named(message)).toHaveLength(1)
})

test.each([{ method: 'tools/list' }, { method: 'server/discover' }, { method: 7 }, [], undefined, null, 'tools/call'])(
  'all else may be about all tools: %j',
  (message) => {
    expect(named(message)).toEqual(['a', 'b', 'c'])
  },
)

import { expect, test } from 'vitest'
import { createTasks } from '../tasks/tasks.ts'

test.each(['ttlMs', 'pollIntervalMs', 'timeoutMs'] as const)(
  'a tool whose %s is no length of time is refused',
  (name) => {
    const tasks = createTasks()
    for (const given of [Number.NaN, -1, '500' as never]) {
      expect(() => tasks.registerTool('render', { [name]: given }, () => 'never')).toThrow(`${name} of tool "render"`)
    }
    tasks.registerTool('render', { [name]: 0 }, () => 'well')
  },
)

import { expect, test } from 'vitest'
import { generateTaskId } from './task-id.ts'

test('an id is a random UUID, and no two are the same', () => {
  const ids = Array.from({ length: 100 }, generateTaskId)
  expect(new Set(ids).size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})

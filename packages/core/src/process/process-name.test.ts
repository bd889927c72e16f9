import { expect, test } from 'vitest'
import { isDead, processName } from './process-name.ts'

test('a process is known to be dead by its id on its own system alone', async () => {
  const [pid, system] = processName().split('@')
  expect(pid?.split('.')[0]).toBe(`${process.pid}`)
  expect(isDead(processName())).toBe(false)
  expect(isDead(`1@${system}`)).toBe(false)
  expect(isDead(`4194304@${system}`)).toBe(true)
  expect(isDead('4194304@elsewhere')).toBe(false)
  for (const name of ['', '@', 'x', `x@${system}`, `@${system}`, `-1@${system}`, `0@${system}`, `1.x@${system}`]) {
    expect({ name, isDead: isDead(name) }).toEqual({ name, isDead: false })
  }
})

test.skipIf(process.platform !== 'linux')('a process that was given the id of a dead one is not taken for it', () => {
  const [, pid, began, system] = /^(\d+)\.(\d+)@(.*)$/.exec(processName()) ?? []
  expect(isDead(`${pid}.${began}@${system}`)).toBe(false)
  expect(isDead(`${pid}.${Number(began) - 1}@${system}`)).toBe(true)
})

import { expect, test } from 'vitest'
import { loggerMethod, type Logger } from './log-levels.ts'

test.each([
  ['debug', 'debug'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['critical', 'error'],
  ['alert', 'error'],
  ['emergency', 'error'],
  ['verbose', 'info'],
  ['', 'info'],
  ['constructor', 'info'],
  ['__proto__', 'info'],
])('the level %j is logged by %s()', (level, method) => {
  expect(loggerMethod(level)).toBe(method)
})

test('the console is a logger', () => {
  const logger: Logger = console
  expect(typeof logger[loggerMethod('warning')]).toBe('function')
})

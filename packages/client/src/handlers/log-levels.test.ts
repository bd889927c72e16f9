import { expect, test } from 'vitest'
import { isAtLeast, loggerMethod, logLevels, type Logger } from './log-levels.ts'

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

test('levels are in order', () => {
  for (const [at, level] of logLevels.entries()) {
    for (const [other, least] of logLevels.entries()) expect(isAtLeast(level, least)).toBe(at >= other)
  }
})

test('a level that is not known counts as info', () => {
  expect(isAtLeast('verbose', 'info')).toBe(true)
  expect(isAtLeast('verbose', 'notice')).toBe(false)
})

test('the console is a logger', () => {
  const logger: Logger = console
  expect(typeof logger[loggerMethod('warning')]).toBe('function')
})

import type { LoggingLevel } from '@modelcontextprotocol/client'

/** What log messages are written to: the console, and what libraries such as pino and winston make. */
export interface Logger {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** The levels of log messages, from the least to the most severe (specification 2025-11-25, logging; RFC 5424). */
export const logLevels: readonly LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]

/** The method of a logger that takes messages of a level; `info` for one that is not known. */
export function loggerMethod(level: string): keyof Logger {
  return methods.get(level) ?? 'info'
}

const methods: ReadonlyMap<string, keyof Logger> = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['critical', 'error'],
  ['alert', 'error'],
  ['emergency', 'error'],
])

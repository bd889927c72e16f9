import type { ToolConfig } from './tool.ts'

const names = ['ttlMs', 'pollIntervalMs', 'timeoutMs'] as const

/** @throws {RangeError} Thrown when a tool is declared with a length of time that is none. */
export function assertDurations(tool: string, config: Pick<ToolConfig, (typeof names)[number]>): void {
  for (const name of names) {
    const given: unknown = config[name]
    if (given === undefined || given === null || (typeof given === 'number' && given >= 0)) continue
    const shown = typeof given === 'number' ? given : JSON.stringify(given)
    throw new RangeError(`${name} of tool ${JSON.stringify(tool)} must be a number of milliseconds, but is ${shown}.`)
  }
}

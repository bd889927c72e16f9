import { LongcallError, type JsonObject } from '@longcall/core'
import { checkArguments } from './run-tool.ts'
import type { Tool } from './tool.ts'

/**
 * What a task keeps as its arguments: as they were given, so that the schema makes the same of them in each attempt; for a
 * tool that prepares, what it prepared.
 */
export function argumentsToKeep({ config }: Tool, given: unknown, prepared: unknown): unknown {
  return config.prepare === undefined ? given : prepared
}

/**
 * What a body is given of the arguments that its task kept.
 *
 * @throws {LongcallError} Thrown with the code `bad_arguments` when the tool's schema does not take any more what it took
 * when the task began.
 */
export async function argumentsToGive(tool: Tool, kept: JsonObject): Promise<unknown> {
  if (tool.config.prepare !== undefined) return kept
  const checked = await checkArguments(tool, kept)
  if (checked.kind === 'fits') return checked.value
  throw new LongcallError('bad_arguments', checked.why)
}
